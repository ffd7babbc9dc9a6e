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
