using FsCheck;
using FsCheck.Fluent;
using Headroom.Measurements.Thresholds;

namespace Headroom.Measurements.Tests;

public sealed class ThresholdExpressionTests(ITestOutputHelper output)
{
    // Of SampleRun: p50 12.353535 ms, p95 150 ms, 1 error of 6, 4 hits of 6 outcomes, 2.999816 requests/s, RSS peak 95 MB, growth -2 MB/h, CPU 1000 us.
    [Theory]
    [InlineData("p95<150ms", false, 150, "150 ms")]
    [InlineData("p95<=150ms", true, 150, "150 ms")]
    [InlineData("p95<=150", true, 150, "150 ms")]
    [InlineData("p95<0.2s", true, 0.15, "0.15 s")]
    [InlineData("p95>=150000us", true, 150_000, "150000 us")]
    [InlineData("p95>=150000µs", true, 150_000, "150000 us")]
    [InlineData("p95 > 149999999 ns", true, 150_000_000, "150000000 ns")]
    [InlineData("  P95  <  151 MS ", true, 150, "150 ms")]
    [InlineData("p50<12.36", true, 12.353535, "12.35 ms")]
    [InlineData("p75<20.004863", false, 20.004863, "20 ms")]
    [InlineData("p90>1", true, 150, "150 ms")]
    [InlineData("p99<1s", true, 0.15, "0.15 s")]
    [InlineData("p99.9<151", true, 150, "150 ms")]
    [InlineData("p999<151", true, 150, "150 ms")]
    [InlineData("max<=150", true, 150, "150 ms")]
    [InlineData("mean<35", true, 34.060288, "34.06 ms")]
    [InlineData("p95{GET /users/{id}}<5ms", true, 4, "4 ms")]
    [InlineData("p95 { GET /items } <5ms", false, 150, "150 ms")]
    [InlineData("errors<20%", true, 16.666667, "16.67 %")]
    [InlineData("errors<0.1", false, 0.166666667, "16.67 %")]
    [InlineData("errors{GET /items}<=25%", true, 25, "25 %")]
    [InlineData("hit-rate>65%", true, 66.666667, "66.67 %")]
    [InlineData("hit-rate>0.85", false, 0.666666667, "66.67 %")]
    [InlineData("rps>2", true, 2.999816, "3 /s")]
    [InlineData("rps>=3/s", false, 2.999816, "3 /s")]
    [InlineData("rss<100MB", true, 95, "95 MB")]
    [InlineData("rss<95000000", false, 95_000_000, "95 MB")]
    [InlineData("rss<=95000kB", true, 95_000, "95000 kB")]
    [InlineData("rss<=95000KB", true, 95_000, "95000 kB")]
    [InlineData("rss<90MiB", false, 90.59906, "90.6 MiB")]
    [InlineData("rss<1GiB", true, 0.088475645, "0.0885 GiB")]
    [InlineData("rss<1GB", true, 0.095, "0.095 GB")]
    [InlineData("rss>92773KiB", true, 92_773.4375, "92773.44 KiB")]
    [InlineData("rss-growth<1MB/h", true, -2, "-2 MB/h")]
    [InlineData("rss-growth<-3", false, -2, "-2 MB/h")]
    [InlineData("rss-growth<-1999kB/h", true, -2000, "-2000 kB/h")]
    [InlineData("cpu<1001us", true, 1000, "1000 us")]
    [InlineData("cpu<1000", false, 1000, "1000 us")]
    [InlineData("cpu<=1ms", true, 1, "1 ms")]
    [InlineData("checks>74%", true, 75, "75 %")]
    [InlineData("checks{GET /items}>=75%", true, 75, "75 %")]
    [InlineData("checks{GET /users/{id}}>99%", false, 75, "75 %")]
    [InlineData("dropped<5", true, 4, "4")]
    [InlineData("dropped<=3", false, 4, "4")]
    public void Evaluate_CompleteRun_ComparesInBaseUnitsAndShowsTheUnitOfTheExpression(string text, bool passed, double observed, string observedText)
    {
        foreach (var culture in new[] { "", "tr-TR", "de-DE" })
        {
            using var _ = new CultureScope(culture);
            Assert.True(ThresholdExpression.TryParse(text, out var expression, out var error), error);

            var result = expression.Evaluate(SampleRun.Complete());

            Assert.Equal((text.Trim(), passed, observedText), (result.Expression, result.Passed, result.ObservedText));
            Assert.Equal(observed, result.Observed!.Value, 1e-6);
            Assert.Null(result.Reason);
        }
    }

    [Theory]
    [InlineData("p96<150ms", "'p96<150ms': unknown metric 'p96'; allowed: p50, p75, p90, p95, p99, p99.9, max, mean, errors, hit-rate, rps, dropped, checks, rss, rss-growth, cpu, cpu-utilization, metric; did you mean 'p95'?")]
    [InlineData("p98<1", "did you mean 'p99'?")]
    [InlineData("p(95)<200", "unknown metric 'p(95)'", "did you mean 'p95'?")]
    [InlineData("hitrate>1%", "did you mean 'hit-rate'?")]
    [InlineData("HİT-RATE>1%", "unknown metric 'HİT-RATE'", "did you mean 'hit-rate'?")]
    [InlineData("eror<1%", "did you mean 'errors'?")]
    [InlineData("throughput<1", "unknown metric 'throughput'; allowed: p50")]
    [InlineData("", "a target is empty; write METRIC OP VALUE, such as 'p95<150ms'.")]
    [InlineData("   ", "a target is empty")]
    [InlineData("<150ms", "'<150ms': has no metric; allowed: p50")]
    [InlineData("p95", "'p95': has no comparison after 'p95'; allowed: <, <=, >, >=, as in 'p95<150ms'.")]
    [InlineData("p95=150", "unknown comparison '='; allowed: <, <=, >, >=")]
    [InlineData("p95=<150", "unknown comparison '=<'")]
    [InlineData("p95!=150", "unknown comparison '!='")]
    [InlineData("p95≤150", "unknown comparison '≤'")]
    [InlineData("p95<<150", "unknown comparison '<<'")]
    [InlineData("p95<", "has no value; write a number, as in 'p95<150ms'.")]
    [InlineData("p95<fast", "'fast' is not a number; write one, as in 'p95<150ms'.")]
    [InlineData("p95<1,5ms", "'1,5' has a comma; decimals have a point")]
    [InlineData("p95<1.5.2ms", "'1.5.2' is not a number")]
    [InlineData("p95<99999999999999999999999999999999", "is not a number up to 1e15")]
    [InlineData("p95<-1ms", "'-1' is negative; 'p95' is 0 or more.")]
    [InlineData("p95<150min", "unknown unit 'min'; allowed for 'p95': ns, us, ms, s, as in 'p95<150ms'.")]
    [InlineData("p95<150ms please", "unknown unit 'ms please'")]
    [InlineData("p95<150ms<3", "unknown unit 'ms<3'")]
    [InlineData("p95<1e3", "unknown unit 'e3'")]
    [InlineData("rss<1TB", "unknown unit 'TB'; allowed for 'rss': B, kB, MB, GB, KiB, MiB, GiB, as in 'rss<100MB'.")]
    [InlineData("rss-growth<1MB", "unknown unit 'MB'; allowed for 'rss-growth': B/h, kB/h, MB/h, GB/h, KiB/h, MiB/h, GiB/h")]
    [InlineData("dropped<1ms", "unknown unit 'ms'; allowed for 'dropped': a number without a unit, as in 'dropped<1'.")]
    [InlineData("errors<5", "'5' is above 1; a rate is a fraction from 0 to 1 or a percentage: write '5%'.")]
    [InlineData("errors<500", "'500' is above 100 %; a rate is a fraction from 0 to 1 or a percentage from 0% to 100%.")]
    [InlineData("hit-rate>101%", "'101%' is above 100 %")]
    [InlineData("p95{GET /users/{id}<1", "the request name has no closing '}'; write 'p95{NAME}<150ms'.")]
    [InlineData("p95{ }<1", "the request name is empty")]
    [InlineData("rss{GET /items}<1MB", "'rss' is of the target's process and not known for one request name; write it without '{GET /items}'.")]
    [InlineData("cpu{a}<1", "'cpu' is of the target's process")]
    public void TryParse_NotAnExpression_SaysWhatIsAllowed(string text, params string[] expected)
    {
        foreach (var culture in new[] { "", "tr-TR", "de-DE" })
        {
            using var _ = new CultureScope(culture);

            Assert.False(ThresholdExpression.TryParse(text, out var expression, out var error));

            Assert.Null(expression);
            Assert.All(expected, part => Assert.Contains(part, error, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Evaluate_LatencyWhenEveryRequestBrokeOff_DoesNotPass()
    {
        var broken = new RequestTally { Requests = 5 };
        for (var i = 0; i < 5; i++)
            broken.RecordError("badStatusLine");
        var result = Evaluate("p95<150ms", SampleRun.Complete() with { Summary = broken.Summarize(1) });
        Assert.False(result.Passed);
        Assert.Null(result.Observed);
        Assert.Contains("no request has a latency", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_AnyText_NeverThrows() =>
        Property.Check(output, Gen.Elements([.. "p95{}<>= .,ms%/h0-µé\n\0\ud800"]).ArrayOf().Select(characters => new string(characters)), text =>
            ThresholdExpression.TryParse(text, out var expression, out var error) ? error is null && expression!.Text == text.Trim() : error!.Length > 10,
            runs: 2000);

    [Theory]
    [InlineData("rss<100MB")]
    [InlineData("rss-growth<1MB/h")]
    [InlineData("cpu<1ms")]
    public void Evaluate_TargetNotSeen_IsNotPassedWithTheReason(string text)
    {
        var result = Evaluate(text, SampleRun.Complete() with { Target = null });

        Assert.False(result.Passed);
        Assert.Null(result.Observed);
        Assert.StartsWith("the target's process could not be seen; name it with --pid", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_NoCacheOutcome_IsNotPassedWithTheReason()
    {
        var run = SampleRun.Complete();

        var result = Evaluate("hit-rate>=0%", run with { Summary = run.Summary with { CacheHitRate = null } });

        Assert.Equal((false, "no response told its cache outcome (Cache-Status, X-Cache or Age)"), (result.Passed, result.Reason));
    }

    [Theory]
    [InlineData("p50<150ms")]
    [InlineData("max<150ms")]
    [InlineData("errors<1%")]
    [InlineData("cpu<1ms")]
    public void Evaluate_NoRequests_IsNotPassedWithTheReason(string text)
    {
        var result = Evaluate(text, SampleRun.Complete() with { Summary = new RequestTally().Summarize(1) });

        Assert.Equal((false, "no request ended"), (result.Passed, result.Reason));
    }

    [Fact]
    public void Evaluate_NoRequests_StillKnowsTheRate()
    {
        var result = Evaluate("rps>100", SampleRun.Complete() with { Summary = new RequestTally().Summarize(1) });

        Assert.Equal((false, 0, null), (result.Passed, result.Observed!.Value, result.Reason));
    }

    [Fact]
    public void Evaluate_UnknownRequestName_NamesTheOnesOfTheRun()
    {
        var result = Evaluate("p95{GET /item}<5ms", SampleRun.Complete());

        Assert.False(result.Passed);
        Assert.Equal("the run has no request named 'GET /item'; it has: 'GET /items', 'GET /users/{id}'; did you mean 'GET /items'?", result.Reason);
    }

    [Fact]
    public void EveryMetric_OfTheDocumentation_IsKnown()
    {
        Assert.All(ThresholdMetric.All, metric =>
            Assert.True(ThresholdExpression.TryParse($"{metric.Name}{(metric.NamesTargetMetric ? "{a}" : "")} < {metric.Units.Example}", out var expression, out var error) && expression.Metric == metric.Name, error));
    }

    private static ThresholdResult Evaluate(string text, RunFile run)
    {
        Assert.True(ThresholdExpression.TryParse(text, out var expression, out var error), error);
        return expression.Evaluate(run);
    }
}
