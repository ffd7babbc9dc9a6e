using Headroom.Measurements;

namespace Headroom.Cli.Tests.Load;

public sealed class LoadCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-load-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("smoke", "0.02", 0.6)]
    [InlineData("load", "0.004", 1.2)]
    [InlineData("stress", "0.002", 1.2)]
    [InlineData("spike", "0.006", 0.9)]
    [InlineData("mixed", "0.008", 2.4)]
    public async Task Load_UrlWithProfile_SendsItScaled(string profile, string scale, double seconds)
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("hello"));
        var result = await HeadroomProcess.RunAsync("load", server.Url.ToString(), "--profile", profile, "--scale", scale, "--out", In("run.json"), "--quiet");
        Assert.True(result.ExitCode == 0, result.Error);
        var run = RunFileJson.Read(In("run.json"));
        var phase = Assert.Single(run.Phases);
        Assert.Equal(profile, phase.Name);
        Assert.InRange(run.DurationSeconds, seconds, seconds + 5);
        Assert.True(run.Summary.Requests > 0);
        Assert.Equal(0, run.Summary.Errors);
    }

    [Fact]
    public async Task Load_Soak_ProbesFirstAndJudgesMemory()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("hello"));
        var result = await HeadroomProcess.RunAsync(
            "load", server.Url.ToString(), "--profile", "soak", "--scale", "0.001", "--out", In("run.json"), "--pid", Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), "--quiet");
        Assert.True(result.ExitCode is 0 or 1, result.Error);
        Assert.Matches(@"Probe: [\d.]+ iterations/s with 50 VUs; soaking at half of that", result.Output);
        var run = RunFileJson.Read(In("run.json"));
        Assert.Equal("soak", Assert.Single(run.Phases).Name);
        Assert.Equal("rss-growth<50000MB/h", Assert.Single(run.Thresholds).Expression);
    }

    [Fact]
    public async Task Load_SoakWithARate_ProbesNot()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("hello"));
        var result = await HeadroomProcess.RunAsync(
            "load", server.Url.ToString(), "--profile", "soak", "--rate", "50/s", "--scale", "0.001", "--target", "rss-growth<1000000MB/h", "--out", In("run.json"), "--quiet");
        Assert.DoesNotContain("Probe", result.Output, StringComparison.Ordinal);
        var run = RunFileJson.Read(In("run.json"));
        Assert.Equal(90, run.Summary.Requests);
        Assert.Equal("rss-growth<1000000MB/h", Assert.Single(run.Thresholds).Expression);
    }

    [Fact]
    public async Task Load_SoakOfAServerThatFails_SaysThatItFoundNoRate()
    {
        await using var server = ScriptedServer.Always("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
        var result = await HeadroomProcess.RunAsync("load", server.Url.ToString(), "--profile", "soak", "--quiet");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("The probe found no rate to soak at: 100%", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_Plan_RunsItAsItIs()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("hello"));
        await File.WriteAllTextAsync(
            In("plan.yaml"), "target: http://127.0.0.1:1\nrequests: [ { url: /a, checks: [ { bodyContains: hell } ] } ]\nscenarios: { s: { executor: shared-iterations, vus: 2, iterations: 20 } }", TestContext.Current.CancellationToken);
        var result = await HeadroomProcess.RunAsync("load", In("plan.yaml"), "--base-url", server.Url.ToString(), "--out", In("run.json"), "--quiet");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(20, RunFileJson.Read(In("run.json")).Summary.Requests);
        Assert.Equal(20, server.Requests);
    }

    [Fact]
    public async Task Load_PlanWithProfile_SendsItsRequestsByTheProfile()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("hello"));
        await File.WriteAllTextAsync(
            In("plan.yaml"), "target: http://127.0.0.1:1\nflows: { f: [ /a, /b ] }\nscenarios: { s: { executor: shared-iterations, vus: 2, iterations: 20 } }", TestContext.Current.CancellationToken);
        var result = await HeadroomProcess.RunAsync("load", In("plan.yaml"), "--base-url", server.Url.ToString(), "--profile", "smoke", "--scale", "0.01", "--out", In("run.json"), "--quiet");
        Assert.True(result.ExitCode == 0, result.Error);
        var run = RunFileJson.Read(In("run.json"));
        Assert.Equal("smoke", Assert.Single(run.Phases).Name);
        Assert.Equal(["GET /a", "GET /b"], run.RequestsByName.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("--profile is 'spik'; allowed: smoke, load, stress, spike, soak, mixed; did you mean 'spike'?", "--profile", "spik")]
    [InlineData("--scale is '0'; allowed: a number from 0.001 to 10", "--scale", "0")]
    [InlineData("--connections and --duration do not go with --profile load", "--profile", "load", "--connections", "5", "--duration", "5s")]
    [InlineData("--rate does not go with --profile stress", "--profile", "stress", "--rate", "5/s")]
    public async Task Load_Contradiction_SaysWhatToWrite(string expected, params string[] options)
    {
        var result = await HeadroomProcess.RunAsync(["load", "http://127.0.0.1:1/", .. options]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_ScaleOfCountedIterations_IsRefused()
    {
        await File.WriteAllTextAsync(In("plan.yaml"), "target: http://127.0.0.1:1\nrequests: [/a]\nscenarios: { s: { executor: shared-iterations, iterations: 20 } }", TestContext.Current.CancellationToken);
        var result = await HeadroomProcess.RunAsync("load", In("plan.yaml"), "--scale", "0.5");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("scenario 's' (shared-iterations) has no duration that could be scaled", result.Error, StringComparison.Ordinal);
    }

    private string In(string name) => Path.Combine(_folder, name);
}
