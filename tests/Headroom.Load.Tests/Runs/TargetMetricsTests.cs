using System.Globalization;
using Headroom.Measurements;

namespace Headroom.Load.Tests.Runs;

/// <summary>What a run makes of metrics that the target counts itself.</summary>
public sealed class TargetMetricsTests
{
    [Fact]
    public async Task Run_Counters_AreWhatTheyGrewWhileMeasuring()
    {
        // Each request is nine hits and a miss; before the run there were a thousand misses, and one counter comes into being only then.
        var asked = 0;
        await using var server = Counting(() => asked, () => asked++, of => string.Create(CultureInfo.InvariantCulture, $"hits_total{{c=\"a\"}} {9 * of}\nmisses_total{{c=\"a\"}} {1000 + of}\nwaiting 3\n{(of > 0 ? $"late_total {of}\n" : "")}"));

        var run = await RunAsync(server, "rate: { increase: hits_total, over: [ hits_total, misses_total ] }, sent: { increase: late_total }, queue: { gauge: waiting }", "metric{rate}>=90%", "metric{queue}<3");

        Assert.Equal(new TargetMetric { Name = "rate", Value = 0.9, Increase = 180, Over = 200 }, run.TargetMetrics[0]);
        Assert.Equal(new TargetMetric { Name = "sent", Value = 20, Increase = 20 }, run.TargetMetrics[1]);
        Assert.Equal(new TargetMetric { Name = "queue", Value = 3 }, run.TargetMetrics[2]);
        Assert.Equal([true, false], run.Thresholds.Select(threshold => threshold.Passed));
        Assert.Equal(20, run.Summary.Requests);
    }

    [Fact]
    public async Task Run_CounterThatARestartSetBack_CountsFromZero()
    {
        var asked = 0;
        await using var server = Counting(() => asked, () => asked++, of => of == 0 ? "c_total 5000\n" : string.Create(CultureInfo.InvariantCulture, $"c_total {of}\n"));

        var run = await RunAsync(server, "c: { increase: c_total }");

        Assert.Equal(20, Assert.Single(run.TargetMetrics).Value);
    }

    [Theory]
    [InlineData("x: { increase: none_total }", "/metrics has no series none_total")]
    [InlineData("x: { gauge: none }", "/metrics has no series none")]
    [InlineData("x: { increase: none_total, over: gone_total }", "has no series")]
    [InlineData("x: { increase: still_total, over: still_total }", "still_total did not grow while measuring")]
    public async Task Run_NoSuchSeries_HasNoFigureAndSaysWhy(string metric, string expected)
    {
        await using var server = Counting(() => 0, () => { }, _ => "still_total 5\n");

        var run = await RunAsync(server, metric, "metric{x}>1");

        Assert.Null(Assert.Single(run.TargetMetrics).Value);
        Assert.Contains(expected, run.TargetMetrics[0].Reason, StringComparison.Ordinal);
        Assert.False(Assert.Single(run.Thresholds).Passed);
        Assert.Contains(expected, run.Thresholds[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NoMetricsThere_SaysWhatWasAnswered()
    {
        await using var server = new ShopServer(asked => asked.Path == "/metrics" ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" : null);

        var run = await RunAsync(server, "x: { gauge: a }");

        Assert.Contains("/metrics answered 404; give the address of the target's metrics as metrics.url", Assert.Single(run.TargetMetrics).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Merge_OfRounds_AddsCountersAndDividesAnew()
    {
        var asked = 0;
        await using var server = Counting(() => asked, () => asked++, of => string.Create(CultureInfo.InvariantCulture, $"hits_total {of / 2}\nall_total {of}\nwaiting {of}\n"));
        const string Metrics = "rate: { increase: hits_total, over: all_total }, queue: { gauge: waiting }, all: { increase: all_total }";

        var merged = RunMerge.Merge([await RunAsync(server, Metrics), await RunAsync(server, Metrics)]);

        Assert.Equal(new TargetMetric { Name = "rate", Value = 0.5, Increase = 20, Over = 40 }, merged.TargetMetrics[0]);
        Assert.Equal(40, merged.TargetMetrics[1].Value);
        Assert.Equal(40, merged.TargetMetrics[2].Value);
    }

    private static ShopServer Counting(Func<int> count, Action onRequest, Func<int, string> exposition) => new(asked =>
    {
        if (asked.Path != "/metrics")
        {
            onRequest();
            return null;
        }

        var text = exposition(count());
        return string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {text.Length}\r\n\r\n{text}");
    });

    private static Task<RunFile> RunAsync(ShopServer server, string values, params string[] targets)
    {
        var plan = LoadPlanFile.Parse(
            $"target: {server.Url}\nrequests: [/a]\nscenarios: {{ s: {{ executor: shared-iterations, vus: 1, iterations: 20 }} }}\nmetrics: {{ values: {{ {values} }} }}\ntargets: [ {string.Join(", ", targets.Select(target => $"\"{target}\""))} ]",
            "test",
            ".");
        return LoadRun.RunAsync(plan, cancellation: TestContext.Current.CancellationToken);
    }
}
