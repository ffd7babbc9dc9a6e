using Headroom.Measurements;

namespace Headroom.Load.Tests.Library;

public sealed class LoadResultTests
{
    private static readonly string Ok = ShopServer.Json("""{"ok":true}""");

    [Fact]
    public async Task Figures_OfARun_AreThoseOfTheRunFile()
    {
        var result = await RunAsync([]);

        Assert.Equal((40, 10, 0.25), (result.Requests, result.Errors, result.ErrorRate));
        Assert.Equal((30, 10), (result.StatusCodes[200], result.StatusCodes[503]));
        Assert.Equal(10, result.ErrorsByKind["http5xx"]);
        Assert.Equal((10, 1.0), (result.PerRequest["bad"].Errors, result.PerRequest["bad"].ErrorRate));
        Assert.Equal(result.RunFile.Summary.LatencyMs.P99, result.Latency.P99.TotalMilliseconds, tolerance: 0.001);
        Assert.Equal(result.Latency.P99.TotalMilliseconds, result.Latency.Percentile(99).TotalMilliseconds, tolerance: 0.001);
        Assert.Equal((result.Latency.Min, result.Latency.Max), (result.Latency.Percentile(0), result.Latency.Percentile(100)));
        Assert.True(result.Latency.Min > TimeSpan.Zero && result.Latency.Min <= result.Latency.P50 && result.Latency.P50 <= result.Latency.P999 && result.Latency.P999 <= result.Latency.Max);
        Assert.True(result.ServiceTime.P50 <= result.Latency.Max);
        Assert.True(result.Throughput > 0);
        Assert.Equal(1.0, result.CompressionRatio);
        Assert.True(result.Passed);
        Assert.Throws<ArgumentOutOfRangeException>(() => result.Latency.Percentile(101));
    }

    [Fact]
    public async Task ThrowIfFailed_ThresholdsMissed_SaysWantedSeenAndWhere()
    {
        var result = await RunAsync(["errors<1%", "errors{good}<1%", "p99<1000s", "p99{bad}>1000s", "http_req_failed: rate<0.1"], isChecked: true);

        var e = Assert.Throws<LoadAssertionException>(result.ThrowIfFailed);
        Assert.False(result.Passed);
        Assert.Same(result, e.Result);
        Assert.Equal(6, e.Thresholds.Count);
        var lines = e.Message.ReplaceLineEndings("\n").Split('\n');
        Assert.Equal("'shop' missed 4 of 6 thresholds.", lines[0]);
        Assert.Equal(["threshold", "wanted", "seen", "where"], Words(lines[2]));
        Assert.Contains(lines, line => Words(line) is ["errors", "<1%", "25", "%", "missed", ..] && line.EndsWith("most in bad: 100 %", StringComparison.Ordinal));
        Assert.Contains(lines, line => Words(line) is ["errors{good}", "<1%", "0", "%", "met"]);
        Assert.Contains(lines, line => Words(line) is ["p99{bad}", ">1000s", .., "missed", "bad"]);
        Assert.Contains(lines, line => line.TrimStart().StartsWith("http_req_failed: rate", StringComparison.Ordinal) && line.EndsWith("most in bad: 100 %", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith("bad: 'status is 200' failed 10 of 10", StringComparison.Ordinal));
        Assert.StartsWith("40 requests in ", lines[^1], StringComparison.Ordinal);
        Assert.EndsWith("10 errors (http5xx 10)", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Assert_FurtherThresholds_JudgesThem()
    {
        var result = await RunAsync([]);

        Assert.Same(result, result.Assert("p99<1000s", "errors<=25%"));
        var missed = Assert.Throws<LoadAssertionException>(() => result.Assert("errors<=25%", "p95{absent}<1s"));
        Assert.Contains("'shop' missed 1 of 2 thresholds.", missed.Message, StringComparison.Ordinal);
        Assert.Contains("absent", missed.Message, StringComparison.Ordinal);
        var unreadable = Assert.Throws<ArgumentException>(() => result.Assert("p99", "slow<1s"));
        Assert.Contains("'p99'", unreadable.Message, StringComparison.Ordinal);
        Assert.Contains("slow", unreadable.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Save_RunFile_ReadsBackToTheSameResult()
    {
        var result = await RunAsync(["errors<1%"]);
        var file = Path.Combine(Directory.CreateTempSubdirectory("headroom-result-").FullName, "run.json");
        try
        {
            result.Save(file);
            var read = LoadResult.Of(RunFileJson.Read(file));
            Assert.Equal((result.Requests, result.Latency.P99, false), (read.Requests, read.Latency.P99, read.Passed));
            Assert.Equal(result.ToString(), read.ToString());
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    [Fact]
    public async Task ToString_Result_ShowsTheWholeAndEachRequest()
    {
        var text = (await RunAsync(["errors<1%"])).ToString().ReplaceLineEndings("\n").Split('\n');

        Assert.StartsWith("shop: 40 requests in ", text[0], StringComparison.Ordinal);
        Assert.Equal(["request", "requests", "per", "second", "p50", "p95", "p99", "errors"], Words(text[1]));
        Assert.Equal(["bad", "10"], Words(text[2])[..2]);
        Assert.Equal(["good", "30"], Words(text[3])[..2]);
        Assert.Equal("errors", Words(text[5])[0]);
    }

    [Fact]
    public async Task ThrowIfFailed_FeederRanOut_SaysSo()
    {
        await using var server = new ShopServer();
        var result = await LoadPlan.Create("rows").BaseAddress(server.Url)
            .Feeder("n", [1, 2], atEnd: FeederEnd.Error).Get("/${n.value}").Users(1).For(TimeSpan.FromMinutes(1))
            .RunAsync(cancellation: TestContext.Current.CancellationToken);
        var e = Assert.Throws<LoadAssertionException>(result.ThrowIfFailed);
        Assert.StartsWith("'rows' did not run to its end.", e.Message, StringComparison.Ordinal);
        Assert.Contains("A feeder ran out of rows", e.Message, StringComparison.Ordinal);
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static async Task<LoadResult> RunAsync(string[] thresholds, bool isChecked = false)
    {
        await using var server = new ShopServer(asked => asked.Path == "/bad" ? "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n" : Ok);
        var plan = LoadPlan.Create("shop").BaseAddress(server.Url)
            .Flow("visit", visit => visit
                .Get("/good", good => good.Named("good")).Get("/good", good => good.Named("good")).Get("/good", good => good.Named("good"))
                .Get("/bad", bad => (isChecked ? bad.CheckStatus(200) : bad).Named("bad")))
            .Iterations(10).Threshold(thresholds);
        return await plan.RunAsync(cancellation: TestContext.Current.CancellationToken);
    }
}
