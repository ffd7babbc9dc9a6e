using Headroom.Measurements;

namespace Headroom.Reports.Tests.Samples;

/// <summary>The runs that the tests report on.</summary>
internal static class SampleRuns
{
    private static readonly Lazy<RunFile> LazyPlain = new(() => WithTargets(SampleRun.Of(PlainEndpoints, seconds: 30, requestsPerSecond: 900)));
    private static readonly Lazy<RunFile> LazyTuned = new(() => WithTargets(SampleRun.Of(TunedEndpoints, seconds: 30, requestsPerSecond: 5_200, seed: 2)));

    public static RunFile Plain => LazyPlain.Value;

    public static RunFile Tuned => LazyTuned.Value;

    private static IReadOnlyList<SampleEndpoint> PlainEndpoints =>
    [
        new("GET /api/iris/overview", 96, 3.1, 2, 18_400, 18_200, CpuMicroseconds: 4_100),
        new("GET /api/items", 41, 3.4, 4, 24_100, 23_900, CpuMicroseconds: 1_900),
        new("GET /api/users", 212, 2.2, 1, 9_800, 9_600, 0.004, CpuMicroseconds: 9_400),
        new("GET /api/signals", 28, 3, 3, 31_500, 31_300, CpuMicroseconds: 1_450),
        new("GET /api/v2/chats/{id}/messages", 17, 4.4, 4, 6_300, 6_100, CpuMicroseconds: 820),
        new("POST /api/v2/messages/send", 6.1, 5, 2, 420, 240, CpuMicroseconds: 390),
        new("GET /api/v2/health", 0.81, 6, 1, 210, 42, CpuMicroseconds: 95),
        new("POST /query", 503, 1.08, 0.3, 1_900, 1_700, CpuMicroseconds: 640),
    ];

    private static IReadOnlyList<SampleEndpoint> TunedEndpoints =>
    [
        new("GET /api/iris/overview", 1.1, 5.2, 2, 2_350, 18_200, HitShare: 0.97, CpuMicroseconds: 120),
        new("GET /api/items", 4.9, 4.1, 4, 3_900, 23_900, HitShare: 0.71, CpuMicroseconds: 410),
        new("GET /api/users", 2.3, 4.6, 1, 1_700, 9_600, CpuMicroseconds: 240),
        new("GET /api/signals", 3.4, 4, 3, 4_200, 31_300, HitShare: 0.88, CpuMicroseconds: 300),
        new("GET /api/v2/chats/{id}/messages", 2.6, 5, 4, 1_450, 6_100, CpuMicroseconds: 230),
        new("POST /api/v2/messages/send", 5.9, 5, 2, 418, 240, CpuMicroseconds: 372),
        new("GET /api/v2/health", 0.92, 6.4, 1, 236, 42, CpuMicroseconds: 101),
        new("POST /query", 502, 1.05, 0.3, 1_020, 1_700, CpuMicroseconds: 580),
    ];

    /// <summary>One run with all that a report can show: targets met and missed, phases, errors of several kinds, findings.</summary>
    public static RunFile Eventful { get; } = MakeEventful();

    /// <summary>Nothing answered, nothing seen.</summary>
    public static RunFile Empty { get; } = SampleRun.Of([], 0, 0) with { RequestsByName = new Dictionary<string, RequestSummary>(), Series = [], WarmUp = new WarmUpTotals() };

    public static RunFile OneSecond { get; } = SampleRun.Of([new("GET /", 1.4)], 1, 120);

    /// <summary>Names that try to leave the place where they are shown.</summary>
    public static IReadOnlyList<string> HostileNames { get; } =
    [
        "</script><script>document.title='broken out'</script>",
        "<img src=x onerror=\"document.title='broken out'\">",
        "a|b|c `code` *bold* [link](javascript:alert(1)) @everyone",
        "🚀 emoji 👩‍👩‍👧 日本語",
        "\u202Eright to left override",
        "\u05E9\u05DC\u05D5\u05DD /api",
        "escape \u001b[31mred\u001b[0m and\nnewline",
        "quote \" backslash \\ dollar $& ${x} {{y}}",
        "<!-- comment --> & &amp; \u2028",
        "constructor",
        new string('x', 300),
    ];

    public static RunFile Hostile { get; } = MakeHostile();

    /// <summary>Half an hour and 200 names.</summary>
    public static RunFile Large()
    {
        var endpoints = Enumerable.Range(1, 200).Select(i => new SampleEndpoint($"GET /api/resource-{i}/{{id}}", 1 + (i * 0.7), CpuMicroseconds: 100 + i)).ToList();
        return SampleRun.Of(endpoints, 1_800, 400);
    }

    private static RunFile WithTargets(RunFile run) => run with
    {
        Thresholds =
        [
            Threshold("p95<150ms", run.Summary.LatencyMs.P95, "ms", run.Summary.LatencyMs.P95 < 150),
            Threshold("p99<200ms", run.Summary.LatencyMs.P99, "ms", run.Summary.LatencyMs.P99 < 200),
            Threshold("errors<0.1%", run.Summary.ErrorRate * 100, "%", run.Summary.ErrorRate < 0.001),
            Threshold("rss<100MB", run.Target!.RssBytes.Peak / 1e6, "MB", run.Target.RssBytes.Peak < 100e6),
        ],
    };

    private static ThresholdResult Threshold(string expression, double observed, string unit, bool passed) => new()
    {
        Expression = expression,
        Observed = observed,
        ObservedText = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{observed:0.###} {unit}"),
        Passed = passed,
    };

    private static RunFile MakeEventful()
    {
        var run = SampleRun.Of(
            [
                new("GET /api/items", 12, 5, 3, 4_100, 23_900, HitShare: 0.62, CpuMicroseconds: 610),
                new("GET /api/users", 31, 6, 1, 1_900, 9_600, 0.03, CpuMicroseconds: 1_300),
                new("POST /api/v2/messages/send", 6, 4, 1, 430, 240, CpuMicroseconds: 380),
            ],
            20, 400, seed: 3);
        var half = run.Summary with { Requests = run.Summary.Requests / 2, RequestsPerSecond = run.Summary.RequestsPerSecond / 2 };
        return run with
        {
            Interrupted = true,
            Phases = [new RunPhase { Name = "sequential", StartSeconds = 0, DurationSeconds = 6, Summary = half }, new RunPhase { Name = "concurrent", StartSeconds = 6, DurationSeconds = 14, Summary = run.Summary }],
            ErrorsByKind = new Dictionary<string, long>(StringComparer.Ordinal) { ["connect-refused"] = 3, ["read-timeout"] = 2, ["http5xx"] = run.Summary.Errors - 5 },
            Thresholds =
            [
                Threshold("p95<150ms", run.Summary.LatencyMs.P95, "ms", passed: true),
                Threshold("errors<0.1%", run.Summary.ErrorRate * 100, "%", passed: false),
                new ThresholdResult { Expression = "hit-rate>85%", Observed = null, Passed = false, Reason = "no response told its cache outcome" },
            ],
            Warnings =
            [
                new Finding
                {
                    Code = "generator-saturated", Severity = FindingSeverity.Warning,
                    Summary = "The generator used 96 % of the machine's CPU; latency may be its own.",
                    Evidence = ["Generator CPU 38.4 s in 20.0 s on 2 cores", "Lag p99 12.1 ms"],
                    Impact = new FindingImpact { Value = 12.1, Unit = "ms", Basis = "measured" },
                    Remedy = "Send from another machine, or at a lower rate.", Docs = "docs/findings/generator-saturated.md",
                },
                new Finding { Code = "memory-growing", Severity = FindingSeverity.Critical, Summary = "The target's memory grew through the whole run.", Remedy = "Run for 10 minutes or longer, and look for what is never freed." },
                new Finding { Code = "short-run", Severity = FindingSeverity.Info, Summary = "The 99.9th percentile rests on 8 requests.", Remedy = "Measure for longer." },
            ],
        };
    }

    private static RunFile MakeHostile()
    {
        var run = SampleRun.Of([.. HostileNames.Select((name, i) => new SampleEndpoint(name, 2 + i))], 4, 330);
        return run with
        {
            Plan = run.Plan with { Name = HostileNames[0], Target = "http://127.0.0.1/" + HostileNames[1] },
            ErrorsByKind = new Dictionary<string, long>(StringComparer.Ordinal) { [HostileNames[0]] = 1 },
            Thresholds = [new ThresholdResult { Expression = HostileNames[0], Observed = 1, Passed = false, Reason = HostileNames[1] }],
            Warnings = [new Finding { Code = HostileNames[1], Summary = HostileNames[0], Remedy = HostileNames[2], Evidence = [HostileNames[1]] }],
        };
    }
}
