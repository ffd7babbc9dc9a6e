using Headroom.Measurements;
using Headroom.Measurements.Comparison;

namespace Headroom.Reports.Tests.Samples;

/// <summary>A comparison with every verdict, with and without what may be missing.</summary>
internal static class Verdicts
{
    public static ComparisonResult Everything { get; } = new()
    {
        Before = "before",
        After = "after",
        Pairs = 10,
        Threshold = 0.05,
        Alpha = 0.05,
        HasControl = true,
        Gates = true,
        Worse = true,
        Metrics =
        [
            Metric(ComparedMetric.CpuPerRequest, 412.3, 458.1, 0.112, (0.091, 0.13), Verdict.Worse) with { SmallestVisible = 0.071 },
            Metric(ComparedMetric.AllocatedPerRequest, 38_100, 38_180, 0.0021, (-0.001, 0.005), Verdict.Same) with { SmallestVisible = 0.053 },
            Metric(ComparedMetric.P50, 2.61, 2.83, 0.079, (-0.012, 0.161), Verdict.CannotTell) with { SmallestVisible = 0.186, PairsToTell = 21 },
            Metric(ComparedMetric.Throughput, 1843, 2409, 0.31, (0.25, 0.36), Verdict.Better) with { SmallestVisible = 0.08 },
            Metric(ComparedMetric.P50, 9.1, 9.3, 0.02, (-0.2, 0.3), Verdict.CannotTell, "GET /api/<b>&\u202Eslow") with { SmallestVisible = 0.4, Control = new ControlComparison(0.09, new ChangeInterval(0.02, 0.16, 0.951), Noisy: true) },
            Metric(ComparedMetric.P99, 31, 12, -0.6, (-0.98, 3.2), Verdict.CannotTell) with { Advisory = true, AdjustedPValue = null },
            Metric(ComparedMetric.P99, 310, 12_000, 37, null, Verdict.CannotTell, "POST /api/items") with { Advisory = true, AdjustedPValue = null, PairsToTell = 11 },
        ],
        Findings =
        [
            new Finding
            {
                Code = "control-noisy",
                Summary = "The control is noisier than 5 % in p50 of GET /api/slow: there the session decides nothing.",
                Evidence = ["p50 of GET /api/slow: before against itself +2 % to +16 %"],
                Remedy = "Quiet the machine.",
                Docs = "docs/findings/control-noisy.md",
            },
        ],
    };

    public static AblationResult Worth { get; } = new()
    {
        Blocks = 10,
        Threshold = 0.05,
        OrderedBy = ComparedMetric.CpuPerRequest,
        All = [Metric(ComparedMetric.CpuPerRequest, 900, 120, -0.867, (-0.88, -0.85), Verdict.Better)],
        Switches =
        [
            new SwitchWorth
            {
                Name = "ResponseCache",
                Alone = [Metric(ComparedMetric.CpuPerRequest, 900, 130, -0.855, (-0.87, -0.84), Verdict.Better), Metric(ComparedMetric.Throughput, 900, 4000, 3.4, (3.1, 3.7), Verdict.Better)],
                Last = [Metric(ComparedMetric.CpuPerRequest, 400, 120, -0.7, (-0.72, -0.68), Verdict.Better)],
            },
            new SwitchWorth
            {
                Name = "QueryCache <&\u202E",
                Alone = [Metric(ComparedMetric.CpuPerRequest, 900, 880, -0.02, (-0.04, 0.01), Verdict.Same)],
                Last = [Metric(ComparedMetric.CpuPerRequest, 120, 121, 0.01, (-0.01, 0.02), Verdict.Same)],
            },
            new SwitchWorth
            {
                Name = "Compression",
                Alone = [Metric(ComparedMetric.CpuPerRequest, 900, 1200, 0.33, (0.31, 0.36), Verdict.Worse)],
                Last = [Metric(ComparedMetric.CpuPerRequest, 120, 125, 0.04, (-0.1, 0.2), Verdict.CannotTell)],
            },
        ],
        Findings = Everything.Findings,
    };

    public static IReadOnlyList<RunTrend> History { get; } =
    [
        new RunTrend
        {
            Plan = "nightly",
            Machine = "Example CPU, 2 processors, Debian",
            Points = [.. Enumerable.Range(1, 20).Select(day => new TrendPoint($"run-{day}", new DateTimeOffset(2026, 11, day, 2, 0, 0, TimeSpan.Zero)))],
            Series =
            [
                new TrendSeries
                {
                    Metric = ComparedMetric.CpuPerRequest,
                    Values = [.. Enumerable.Range(1, 20).Select(day => day == 4 ? null : (double?)(day < 12 ? 400 + (day % 3) : 500 + (day % 4)))],
                    Changes = [new TrendChange { Index = 11, Before = 401, After = 501.5, Change = 0.2506, PValue = 0.0005, Worse = true }],
                },
                new TrendSeries { Metric = ComparedMetric.P99, Values = [.. Enumerable.Range(1, 20).Select(day => (double?)(12 + (0.1 * (day % 5))))], Changes = [] },
            ],
        },
    ];

    private static MetricComparison Metric(ComparedMetric metric, double before, double after, double change, (double Lower, double Upper)? interval, Verdict verdict, string? endpoint = null) => new()
    {
        Metric = metric,
        Endpoint = endpoint,
        Pairs = 10,
        BeforeMedian = before,
        AfterMedian = after,
        Change = change,
        Interval = interval is var (lower, upper) ? new ChangeInterval(lower, upper, 0.951) : null,
        PValue = 0.002,
        AdjustedPValue = 0.01,
        Advisory = false,
        Verdict = verdict,
        Reason = "the interval says so",
    };
}
