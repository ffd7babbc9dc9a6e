using System.Runtime.InteropServices;
using Headroom.Measurements;

namespace Headroom.Cli.Tests.Load;

/// <summary>Ready profiles shortened by --scale, by what a server saw of them.</summary>
public sealed class LoadProfileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-profile-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Each pair: a moment as a share of the profile, and the VUs that docs/load.md says are there then.</summary>
    [Theory]
    [InlineData("smoke", "0.1", 3, 0.2, 1.0, 0.5, 1.0, 0.8, 1.0)]
    [InlineData("load", "0.02", 6, 0.1, 14.0, 0.5, 30.0, 0.9, 46.0)]
    [InlineData("stress", "0.01", 6, 0.1, 65.0, 0.5, 125.0, 0.9, 185.0)]
    [InlineData("spike", "0.04", 6, 0.1, 10.0, 0.4, 500.0, 0.85, 10.0)]
    public async Task Load_Profile_HasTheVusThatItSaysOverTime(string profile, string scale, double seconds, params double[] moments)
    {
        // Every VU asks four times a second, from its start to its end: it is there between its first request and its last, also where the machine makes them late.
        await using var server = new ShopServer(delay: TimeSpan.FromMilliseconds(250));
        var run = await SendAsync(server.Url, profile, "--scale", scale);
        Assert.Equal(profile, Assert.Single(run.Phases).Name);
        Assert.Equal(0, run.Summary.Errors);
        Assert.InRange(run.DurationSeconds, seconds, seconds + 3);
        var begun = server.Requests[0].At;
        var vusSeen = server.Requests.GroupBy(asked => asked.Connection)
            .Select(vu => (First: (vu.First().At - begun).TotalSeconds, Last: (vu.Last().At - begun).TotalSeconds)).ToList();
        foreach (var (share, vus) in moments.Chunk(2).Select(pair => (pair[0], pair[1])))
        {
            var (from, to) = ((share * seconds) - 0.3, (share * seconds) + 0.3);
            var active = vusSeen.Count(vu => vu.First < to && vu.Last >= from);
            Assert.True(active >= (vus * 0.8) - 1 && active <= (vus * 1.2) + 1, $"{active} VUs at {share} of the time, not {vus}");
        }
    }

    [Fact]
    public async Task Load_Mixed_Is200UsersWhoThinkForOneToThreeSeconds()
    {
        await using var server = new ShopServer();
        var run = await SendAsync(server.Url, "mixed", "--scale", "0.02");
        Assert.Equal(0, run.Summary.Errors);
        var users = server.Requests.GroupBy(asked => asked.Connection).ToList();
        Assert.Equal(200, users.Count);

        // 6 s, and 2 s of thinking on average after each.
        Assert.InRange(server.Requests.Count, 200 * 2.5, 200 * 4.5);
        var thoughts = users.SelectMany(user => user.Zip(user.Skip(1), (before, after) => (after.At - before.At).TotalSeconds)).ToList();
        Assert.InRange(thoughts.Min(), 0.9, 1.5);
        Assert.InRange(thoughts.Average(), 1.6, 2.4);
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
    public async Task Load_SoakOfAServerThatLeaks_FailsItsVerdict()
    {
        // 1 MB for each of 50 requests a second: 50 MB/s, where 25 MB over the run are allowed.
        var leaked = new List<nint>();
        await using var server = new ShopServer(_ =>
        {
            lock (leaked)
                leaked.Add(Leak(1 << 20));
            return null;
        });
        try
        {
            var result = await RunAsync(server.Url, "soak", "--rate", "50/s", "--scale", "0.0015");
            Assert.Equal(1, result.ExitCode);
            Assert.Matches(@"FAIL\s+rss-growth<33333.333MB/h", result.Output);
            var run = RunFileJson.Read(In("run.json"));
            Assert.InRange(run.Target!.RssGrowthBytesPerHour, 100e9, 300e9);
            Assert.Equal(Environment.ProcessId, Assert.Single(run.Target.ProcessIds));
        }
        finally
        {
            leaked.ForEach(Marshal.FreeHGlobal);
        }
    }

    [Fact]
    public async Task Load_SoakOfAServerThatDoesNotLeak_PassesItsVerdict()
    {
        await using var server = await NginxProcess.StartAsync(Require.Tool("nginx"));
        var result = await RunAsync(new Uri(server.Url, "/1k"), "soak", "--rate", "50/s", "--scale", "0.002");
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Matches(@"pass\s+rss-growth<25000MB/h", result.Output);
        var run = RunFileJson.Read(In("run.json"));
        Assert.Equal("nginx", run.Target!.ProcessName);

        // The generator tells its own too; a run this short makes no finding of it.
        Assert.NotNull(run.Generator.RssGrowthBytesPerHour);
        Assert.DoesNotContain(run.Warnings, finding => finding.Code == "generator-memory-growth");
    }

    [Fact]
    public async Task Load_SoakOfAServerThatFails_SaysThatItFoundNoRate()
    {
        await using var server = ScriptedServer.Always("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
        var result = await HeadroomProcess.RunAsync("load", server.Url.ToString(), "--profile", "soak", "--quiet");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("The probe found no rate to soak at: 100%", result.Error, StringComparison.Ordinal);
    }

    private async Task<RunFile> SendAsync(Uri url, string profile, params string[] options)
    {
        var result = await RunAsync(url, profile, options);
        Assert.True(result.ExitCode == 0, result.Error);
        return RunFileJson.Read(In("run.json"));
    }

    private Task<HeadroomProcess.Result> RunAsync(Uri url, string profile, params string[] options) =>
        HeadroomProcess.RunAsync(["load", url.ToString(), "--profile", profile, "--out", In("run.json"), "--quiet", .. options]);

    /// <summary>Filled, since memory that nobody has touched is not resident.</summary>
    private static nint Leak(int bytes)
    {
        var memory = Marshal.AllocHGlobal(bytes);
        Marshal.Copy(Enumerable.Repeat((byte)1, bytes).ToArray(), 0, memory, bytes);
        return memory;
    }

    private string In(string name) => Path.Combine(_folder, name);
}
