using FsCheck.Fluent;
using Headroom.Measurements.Thresholds;

namespace Headroom.Measurements.Tests.Thresholds;

public sealed class K6ThresholdTests(ITestOutputHelper output)
{
    // Of SampleRun: latencies 3, 4, 12.3, 15, 20 and 150 ms, 1 error of 6, 6 of 8 checks, 4 iterations of which one was cut short, in 2.000123 s.
    [Theory]
    [InlineData("http_req_duration: p(95)<500", true, 150, "150 ms")]
    [InlineData("http_req_duration:p(95)<150", false, 150, "150 ms")]
    [InlineData("  http_req_duration :  p( 95 )  <=  150  ", true, 150, "150 ms")]
    [InlineData("http_req_duration: p(60)<15.01", true, 15.007743, "15.01 ms")]
    [InlineData("http_req_duration: p(99.99)<1s", true, 0.15, "0.15 s")]
    [InlineData("http_req_duration: p(0)>=3", true, 3, "3 ms")]
    [InlineData("http_req_duration: p(100)<=150", true, 150, "150 ms")]
    [InlineData("http_req_duration: avg<35", true, 34.060288, "34.06 ms")]
    [InlineData("http_req_duration: min==3", true, 3, "3 ms")]
    [InlineData("http_req_duration: min===3", true, 3, "3 ms")]
    [InlineData("http_req_duration: min!=3", false, 3, "3 ms")]
    [InlineData("http_req_duration: med<12.36", true, 12.353535, "12.35 ms")]
    [InlineData("http_req_duration: max>150", false, 150, "150 ms")]
    [InlineData("http_req_duration{name:GET /users/{id}}: p(99.9)<=4", true, 4, "4 ms")]
    [InlineData("http_req_duration{ name : \"GET /users/{id}\" }: max<=4", true, 4, "4 ms")]
    [InlineData("http_req_duration{scenario:constant-rate}: max<=150", true, 150, "150 ms")]
    [InlineData("http_req_duration{kind:read}: p(30)<5", true, 4.001791, "4 ms")]
    [InlineData("http_req_failed: rate<0.2", true, 16.666667, "16.67 %")]
    [InlineData("http_req_failed: rate<10%", false, 16.666667, "16.67 %", 16.666667)]
    [InlineData("http_req_failed{name:GET /items}: rate<=0.25", true, 25, "25 %")]
    [InlineData("http_reqs: rate>2", true, 2.999816, "3 /s")]
    [InlineData("http_reqs: count>=6", true, 6, "6")]
    [InlineData("http_reqs{name:GET /items}: count==4", true, 4, "4")]
    [InlineData("checks: rate>0.74", true, 75, "75 %")]
    [InlineData("checks{name:status is 200}: rate==1", false, 83.333333, "83.33 %")]
    [InlineData("checks{check:has a name}: rate==0.5", true, 50, "50 %")]
    [InlineData("iterations: count>10", false, 4, "4")]
    [InlineData("iterations: rate<2", true, 1.999877, "2 /s")]
    [InlineData("iteration_duration: avg<3000", true, 59.121664, "59.12 ms")]
    [InlineData("iteration_duration: p(95)<=150", true, 150, "150 ms")]
    [InlineData("dropped_iterations: count<1", false, 2, "2")]
    [InlineData("dropped_iterations: rate<1", true, 0.999938, "1 /s")]
    [InlineData("data_received: count<=6000", true, 6000, "0.006 MB")]
    [InlineData("data_received: rate<3kB/s", true, 2.999816, "3 kB/s")]
    [InlineData("data_received{name:GET /items}: count==4kB", true, 4, "4 kB")]
    [InlineData("data_sent: rate<1000000", true, 299.981551, "0.0003 MB/s")]
    [InlineData("vus: value<=3", true, 3, "3")]
    public void Evaluate_CompleteRun_ComparesAsK6Does(string text, bool passed, double observed, string observedText, double? inUnit = null)
    {
        foreach (var culture in new[] { "", "tr-TR", "de-DE" })
        {
            using var _ = new CultureScope(culture);

            var result = Evaluate(text, SampleRun.Complete());

            // A fraction is observed as one unless the threshold has per cent.
            var expected = inUnit ?? (observedText.EndsWith('%') ? observed / 100 : observed);
            Assert.Equal((text.Trim(), passed, observedText), (result.Expression, result.Passed, result.ObservedText));
            Assert.Equal(expected, result.Observed!.Value, 1e-6);
            Assert.Null(result.Reason);
        }
    }

    [Theory]
    [InlineData("http_req_waiting: p(95)<500", "'http_req_waiting' is k6's metric, which Headroom does not measure; write 'http_req_duration: p(95)<500'.")]
    [InlineData("http_req_connecting{name:a}: p(95)<500", "write 'http_req_duration: p(95)<500'.")]
    [InlineData("http_req_blocked<500", "'http_req_blocked' is k6's metric, which Headroom does not measure")]
    [InlineData("vus_max: value<500", "write 'vus: value<=50'.")]
    [InlineData("http_req_duration<500", "'http_req_duration' is k6's metric, which has a colon and an aggregation after it; write 'http_req_duration: p(95)<500'.")]
    [InlineData("p95: <500", "'p95' is a metric of Headroom's notation, which has no colon; write 'p95<150ms'.")]
    [InlineData("http_req_durations: p(95)<500", "unknown metric 'http_req_durations'; allowed before a colon: http_req_duration, http_req_failed, http_reqs, checks, iterations, iteration_duration, dropped_iterations, data_received, data_sent, vus; did you mean 'http_req_duration'?")]
    [InlineData("HTTP_REQS: rate>1", "did you mean 'http_reqs'?")]
    [InlineData(": rate>1", "has no metric; allowed before a colon: http_req_duration")]
    [InlineData("http_reqs:", "has no aggregation after 'http_reqs:'; allowed: count, rate, as in 'http_reqs: rate>100'.")]
    [InlineData("http_reqs: >5", "has no aggregation after 'http_reqs:'")]
    [InlineData("http_reqs: rat>5", "unknown aggregation 'rat' of 'http_reqs'; allowed: count, rate, as in 'http_reqs: rate>100'; did you mean 'rate'?")]
    [InlineData("http_reqs: p(95)<5", "unknown aggregation 'p(95)' of 'http_reqs'; allowed: count, rate")]
    [InlineData("http_req_failed: count<5", "unknown aggregation 'count' of 'http_req_failed'; allowed: rate")]
    [InlineData("http_req_duration: rate<5", "allowed: avg, min, max, med, p(N)")]
    [InlineData("http_req_duration: p95<5", "unknown aggregation 'p95' of 'http_req_duration'; allowed: avg, min, max, med, p(N)")]
    [InlineData("http_req_duration: p(101)<5", "'p(101)' is not a percentile; write p(N) with N from 0 to 100, as in 'http_req_duration: p(95)<500'.")]
    [InlineData("http_req_duration: p()<5", "'p()' is not a percentile")]
    [InlineData("http_req_duration: p(<5", "'p(' is not a percentile")]
    [InlineData("http_req_duration: p(9,5)<5", "'p(9,5)' is not a percentile")]
    [InlineData("http_req_duration: p(-1)<5", "'p(-1)' is not a percentile")]
    [InlineData("http_req_duration: p(95)", "has no comparison after 'p(95)'; allowed: <, <=, >, >=, ==, ===, !=, as in 'http_req_duration: p(95)<500'.")]
    [InlineData("http_req_duration: p(95)=<5", "unknown comparison '=<'; allowed: <, <=, >, >=, ==, ===, !=")]
    [InlineData("http_req_duration: p(95)<", "has no value; write a number, as in 'http_req_duration: p(95)<500'.")]
    [InlineData("http_req_duration: p(95)<1,5", "'1,5' has a comma")]
    [InlineData("http_req_duration: p(95)<500 && avg<5", "unknown unit '&& avg<5'; allowed for 'http_req_duration': ns, us, ms, s")]
    [InlineData("http_req_duration: p(95)<-5", "'-5' is negative; 'http_req_duration' is 0 or more.")]
    [InlineData("http_req_failed: rate<5", "a rate is a fraction from 0 to 1 or a percentage: write '5%'.")]
    [InlineData("http_req_duration{name:a: p(95)<5", "unknown metric 'http_req_duration'|'http_req_duration' is k6's metric")]
    [InlineData("http_req_duration{}: p(95)<5", "'{}' does not say what to select; allowed: {name:REQUEST}, {scenario:NAME} or {TAG:VALUE} with a tag of the plan.")]
    [InlineData("http_req_duration{GET /items}: p(95)<5", "'{GET /items}' does not say what to select")]
    [InlineData("http_req_duration{name:}: p(95)<5", "'{name:}' does not say what to select")]
    [InlineData("checks{kind:read}: rate>0.9", "'{kind:read}' does not select checks; allowed: {check:NAME} or {name:NAME}, the check's name.")]
    [InlineData("iterations{scenario:a}: count>0", "'iterations' is known of the whole run only; write it without '{scenario:a}'.")]
    public void TryParse_NotAThreshold_SaysWhatIsAllowed(string text, string expected)
    {
        foreach (var culture in new[] { "", "tr-TR", "de-DE" })
        {
            using var _ = new CultureScope(culture);

            Assert.False(ThresholdExpression.TryParse(text, out var expression, out var error));

            Assert.Null(expression);
            Assert.StartsWith($"'{text}': ", error, StringComparison.Ordinal);
            Assert.Contains(expected.Split('|'), part => error.Contains(part, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("http_req_duration{name:GET /item}: p(95)<5", "the run has no request named 'GET /item'; it has: 'GET /items', 'GET /users/{id}'; did you mean 'GET /items'?")]
    [InlineData("http_reqs{scenario:constant-rates}: rate>5", "the run has no scenario named 'constant-rates'; it has: 'constant-rate'; did you mean 'constant-rate'?")]
    [InlineData("http_reqs{kind:reed}: rate>5", "the run has no request tagged 'kind:reed'; it has: 'kind:read'; did you mean 'kind:read'?")]
    [InlineData("http_reqs{status:200}: rate>5", "the run has no request tagged 'status:200'; it has: 'kind:read'")]
    [InlineData("checks{name:status is 2000}: rate>0.5", "the run has no check named 'status is 2000'; it has: 'status is 200', 'has a name'; did you mean 'status is 200'?")]
    [InlineData("checks{GET /item}>50%", "the run has no checked request named 'GET /item'; it has: 'GET /items', 'GET /users/{id}'; did you mean 'GET /items'?")]
    public void Evaluate_NothingSelected_NamesWhatTheRunHas(string text, string reason)
    {
        var result = Evaluate(text, SampleRun.Complete());

        Assert.Equal((false, null, reason), (result.Passed, result.Observed, result.Reason));
    }

    [Fact]
    public void Evaluate_FigureThatTheRunDoesNotHave_IsNotPassedWithTheReason()
    {
        var run = SampleRun.Complete();
        var empty = run with { Summary = new RequestTally().Summarize(1), Checks = [], Iterations = null, Series = [] };

        Assert.Equal("no request ended", Reason("http_req_duration: p(95)<5", empty));
        Assert.Equal("no request ended", Reason("http_req_failed: rate<0.5", empty));
        Assert.Equal("the plan has no checks", Reason("checks: rate>0", empty));
        Assert.Equal("the plan has no checks", Reason("checks>0%", empty));
        Assert.Equal("no response was checked", Reason("checks: rate>0.5", run with { Checks = [run.Checks[0] with { Passes = 0, Fails = 0 }] }));
        Assert.Equal("the run did not count its iterations", Reason("iterations: count>0", empty));
        Assert.Equal("the run did not count its iterations", Reason("iteration_duration: avg<5", empty));
        Assert.Equal("no iteration came to its end", Reason("iteration_duration: avg<5", run with { Iterations = new IterationTally { Count = 1, CutShort = 1 }.Summarize(1) }));
        Assert.Equal("the run did not count its VUs", Reason("vus: value>0", empty));
        Assert.StartsWith("the run has no histogram to read p60 from", Reason("http_req_duration: p(60)<5", run with { Summary = run.Summary with { LatencyHistogram = null } }), StringComparison.Ordinal);
        Assert.StartsWith("p60 cannot be read: the run: the histogram: '??' is not base64", Reason("http_req_duration: p(60)<5", run with { Summary = run.Summary with { LatencyHistogram = "??" } }), StringComparison.Ordinal);
    }

    /// <summary>Arrivals of runs that did not count iterations are among the requests.</summary>
    [Fact]
    public void Evaluate_DroppedOfARunWithoutIterations_TakesThoseOfTheRequests() =>
        Assert.Equal(4, Evaluate("dropped_iterations: count<9", SampleRun.Complete() with { Iterations = null }).Observed);

    [Fact]
    public void TryParse_NameSelector_IsTheRequestName()
    {
        Assert.Equal("GET /users/{id}", Parse("http_req_duration{name:GET /users/{id}}: p(95)<5").RequestName);
        Assert.Equal("GET /users/{id}", Parse("p95{GET /users/{id}}<5").RequestName);
        Assert.Null(Parse("checks{name:status is 200}: rate>0.5").RequestName);
        Assert.Null(Parse("http_req_duration{scenario:a}: p(95)<5").RequestName);
    }

    /// <summary>One evaluator: what both notations can say comes out the same.</summary>
    [Fact]
    public void Evaluate_SameInBothNotations_IsTheSame() =>
        Property.Check(output, Property.Between(0, 200_000_000).NonEmptyListOf().Zip(Property.Between(1, 200)), input =>
        {
            var (latenciesNs, limitMs) = input;
            var run = SampleRun.Complete() with { Summary = SampleRun.Tally(latenciesNs.ToArray(), errors: latenciesNs.Count / 3).Summarize(1) };
            return Same(run, $"p95<{limitMs}", $"http_req_duration: p(95)<{limitMs}")
                && Same(run, $"mean>={limitMs}", $"http_req_duration: avg>={limitMs}")
                && Same(run, $"errors<={limitMs / 2}%", $"http_req_failed: rate<={limitMs / 2}%")
                && Same(run, $"rps>{limitMs}", $"http_reqs: rate>{limitMs}");
        });

    [Fact]
    public void TryParse_AnyText_NeverThrows() =>
        Property.Check(output, Gen.Elements(["http_req_duration", "checks", "{", "}", "name", ":", "p(", "95", ")", "rate", "<", "=", "!", " ", "\"", "ms", "%", "\ud800"]).ArrayOf().Select(string.Concat), text =>
        {
            if (!ThresholdExpression.TryParse(text, out var expression, out var error))
                return error.Length > 10;
            var again = ThresholdExpression.TryParse(expression.Text, out var same, out _) && same.Evaluate(SampleRun.Complete()) == expression.Evaluate(SampleRun.Complete());
            return error is null && again;
        }, runs: 2000);

    [Fact]
    public void EveryMetric_OfK6Notation_IsKnownAndItsExampleIsRight() =>
        Assert.All(K6Metric.All, metric => Assert.Equal(metric.Name, Parse($"{metric.Name}: {metric.Example}").Metric));

    private static bool Same(RunFile run, string own, string k6) =>
        Evaluate(own, run) with { Expression = "" } == Evaluate(k6, run) with { Expression = "" };

    private static string? Reason(string text, RunFile run)
    {
        var result = Evaluate(text, run);
        Assert.Equal((false, null), (result.Passed, result.Observed));
        return result.Reason;
    }

    private static ThresholdResult Evaluate(string text, RunFile run) => Parse(text).Evaluate(run);

    private static ThresholdExpression Parse(string text)
    {
        Assert.True(ThresholdExpression.TryParse(text, out var expression, out var error), error);
        return expression;
    }
}
