using System.Text.Json.Serialization;

namespace Headroom.Measurements.Comparison;

/// <summary>What a comparison came to, each metric by itself and all together.</summary>
public sealed record ComparisonResult
{
    /// <summary>Name of the side that the other is measured against.</summary>
    public required string Before { get; init; }

    public required string After { get; init; }

    /// <summary>Pairs of runs.</summary>
    public required int Pairs { get; init; }

    /// <summary>The smallest change that matters, a fraction: 0.05 is 5 %.</summary>
    public required double Threshold { get; init; }

    /// <summary>The chance of a false alarm of the whole comparison.</summary>
    public required double Alpha { get; init; }

    /// <summary>Whether the first side was measured twice, in the same session.</summary>
    public required bool HasControl { get; init; }

    /// <summary>The gating ones first, in the order of their noise; then advisory ones.</summary>
    public IReadOnlyList<MetricComparison> Metrics { get; init => field = value ?? []; } = [];

    /// <summary>Whether at least one metric may decide: there are pairs enough, and the control is quieter than the threshold.</summary>
    public required bool Gates { get; init; }

    /// <summary>Whether a metric that may decide is worse, or the second side fails more of its requests.</summary>
    public required bool Worse { get; init; }

    public IReadOnlyList<Finding> Findings { get; init => field = value ?? []; } = [];
}

/// <summary>One metric of one set of requests.</summary>
public sealed record MetricComparison
{
    public required ComparedMetric Metric { get; init; }

    /// <summary>Name of the requests; null for all together.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Pairs in which both sides have the figure.</summary>
    public required int Pairs { get; init; }

    /// <summary>Median over the first side's runs, in the metric's unit.</summary>
    public required double BeforeMedian { get; init; }

    public required double AfterMedian { get; init; }

    /// <summary>The Hodges–Lehmann estimate of after over before, less 1: 0.1 is 10 % more, of throughput as of latency.</summary>
    public required double Change { get; init; }

    /// <summary>Where the change is; null with fewer than 6 pairs.</summary>
    public ChangeInterval? Interval { get; init; }

    /// <summary>Of the exact signed-rank test, two-sided, this metric alone.</summary>
    public required double PValue { get; init; }

    /// <summary>After Holm's correction over all metrics that may decide; null of advisory ones.</summary>
    public double? AdjustedPValue { get; init; }

    /// <summary>Shown and never decisive: so many pairs cannot decide it beside the others, the run has too few requests for it, or a run of a side or of the control does not have it.</summary>
    public required bool Advisory { get; init; }

    public required Verdict Verdict { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>The smallest change for the worse that these pairs would have found four times of five, a fraction; null with too few pairs.</summary>
    public double? SmallestVisible { get; init; }

    /// <summary>Pairs in all that would tell, if the change stays what it is; null when it is told, or when no sensible number would do.</summary>
    public int? PairsToTell { get; init; }

    /// <summary>Pairs of which both sides had exactly the same figure; they are left out of the test.</summary>
    public int EqualPairs { get; init; }

    /// <summary>The first side against itself; null without a control.</summary>
    public ControlComparison? Control { get; init; }
}

/// <summary>Where a change is, as fractions.</summary>
/// <param name="Lower">−0.02 is 2 % less.</param>
/// <param name="Upper">0.1 is 10 % more.</param>
/// <param name="Confidence">The coverage that it has at least: 0.95 or more.</param>
public sealed record ChangeInterval(double Lower, double Upper, double Confidence);

/// <summary>What the same side differed from itself, and the second side from the first side's second process.</summary>
/// <param name="Change">Of the first side's second process over its first, as of the comparison.</param>
/// <param name="Interval">As of the comparison.</param>
/// <param name="Noisy">Whether it came out beyond the threshold, or its interval is longer than the threshold to a side: then a change of that size says nothing.</param>
/// <param name="AfterChange">Of the second side over the first side's second process; null in what older builds wrote.</param>
/// <param name="AfterInterval">Of that.</param>
public sealed record ControlComparison(double Change, ChangeInterval? Interval, bool Noisy, double? AfterChange = null, ChangeInterval? AfterInterval = null);

/// <summary>What can be said of a metric.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Verdict>))]
public enum Verdict
{
    /// <summary>Neither of the others.</summary>
    [JsonStringEnumMemberName("cannotTell")]
    CannotTell,

    /// <summary>The interval lies inside the threshold.</summary>
    [JsonStringEnumMemberName("same")]
    Same,

    /// <summary>The interval has left 0, after correction, and the change is above the threshold.</summary>
    [JsonStringEnumMemberName("worse")]
    Worse,

    [JsonStringEnumMemberName("better")]
    Better,
}

/// <summary>A pair of runs next to each other in time.</summary>
/// <param name="Before">Of the first side.</param>
/// <param name="After">Of the second.</param>
/// <param name="Control">Of the first side again, where there is a control.</param>
public sealed record RunPair(RunFile Before, RunFile After, RunFile? Control = null);

/// <summary>How to judge.</summary>
public sealed record ComparisonOptions
{
    public const double DefaultThreshold = 0.05;

    public string Before { get; init; } = "before";

    public string After { get; init; } = "after";

    /// <summary>The smallest change that matters, a fraction above 0, at most 10.</summary>
    public double Threshold { get; init; } = DefaultThreshold;

    /// <summary>The chance of a false alarm that is taken, above 0 and at most 0.5.</summary>
    public double Alpha { get; init; } = 0.05;
}
