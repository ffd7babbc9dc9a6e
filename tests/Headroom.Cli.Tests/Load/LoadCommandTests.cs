using Headroom.Measurements;

namespace Headroom.Cli.Tests.Load;

public sealed class LoadCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-load-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

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

    /// <summary>A grade is a gate of its own: the answer takes 250 ms, which no target forbids, and p50 may be 200 ms at most.</summary>
    [Theory]
    [InlineData(0, 0, "acceptable")]
    [InlineData(55, 0, "warning")]
    [InlineData(250, 1, "failed")]
    public async Task Load_Grade_IsPrintedAndFromCriticalOnCountsInTheExitCode(int delayMs, int exitCode, string grade)
    {
        await using var server = new ShopServer(delay: TimeSpan.FromMilliseconds(delayMs));
        await File.WriteAllTextAsync(
            In("plan.yaml"), "target: http://127.0.0.1:1\nrequests: [ /a ]\nscenarios: { s: { executor: shared-iterations, vus: 1, iterations: 6 } }", TestContext.Current.CancellationToken);

        var result = await HeadroomProcess.RunAsync("load", In("plan.yaml"), "--base-url", server.Url.ToString(), "--grade", "--out", In("run.json"), "--quiet");

        Assert.True(result.ExitCode == exitCode, result.Output + result.Error);
        Assert.Matches($@"Grade  {grade}\n", result.Output);
        var again = await HeadroomProcess.RunAsync("report", In("run.json"), "--grade");
        Assert.Equal(exitCode, again.ExitCode);
        Assert.Equal(result.Output[result.Output.IndexOf("Grade", StringComparison.Ordinal)..], again.Output[again.Output.IndexOf("Grade", StringComparison.Ordinal)..]);
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
