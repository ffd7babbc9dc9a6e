using Headroom.Measurements;

namespace Headroom.Load;

/// <summary>What is asked of a search for the capacity (docs/capacity.md).</summary>
public sealed record CapacityOptions
{
    /// <summary>The lowest rate that can be asked for, in iterations a second.</summary>
    public const double RateMin = 0.1;

    /// <summary>The widest interval that can be asked for, as a fraction.</summary>
    public const double PrecisionMax = 1;

    /// <summary>The narrowest.</summary>
    public const double PrecisionMin = 0.01;

    /// <summary>Least time that a search may be given.</summary>
    public static readonly TimeSpan TimeMin = TimeSpan.FromSeconds(5);

    /// <summary>What has to hold, as targets are written (docs/targets.md): <c>p99&lt;200ms</c>, <c>errors&lt;0.1%</c>. At least one.</summary>
    public required IReadOnlyList<string> Objectives { get; init; }

    /// <summary>The first rate, and the lowest that is of interest where the search goes down. Null: half of <see cref="CurrentPerSecond"/>, or 10/s. <see cref="RateMin"/> to 10,000,000.</summary>
    public double? FromPerSecond { get; init; }

    /// <summary>The highest rate that is tried. Above <see cref="FromPerSecond"/>, at most 10,000,000, which is the default.</summary>
    public double RateMaxPerSecond { get; init; } = LoadLimits.RateMax;

    /// <summary>What the target gets today, for the headroom; null when it is not known.</summary>
    public double? CurrentPerSecond { get; init; }

    /// <summary>Least capacity; null when it is no gate.</summary>
    public double? MinimumPerSecond { get; init; }

    /// <summary>Width of the 95 % interval at which the search ends, as a fraction of the rate: 0.1 means ± 5 %. <see cref="PrecisionMin"/> to <see cref="PrecisionMax"/>.</summary>
    public double Precision { get; init; } = 0.1;

    /// <summary>How long it may take; at the end the interval is as wide as it is. <see cref="TimeMin"/> to 24 h.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Measured part of a step near the edge; null: as long as the objectives and the precision need, at least 4 s. 1 s to 10 min.</summary>
    public TimeSpan? StepDuration { get; init; }

    /// <summary>
    /// Requests that may be under way at a time. Null: twice as many as the latency objective allows at the rate (Little's law), 16 to 2,000. 1 to 65,535.
    /// </summary>
    public int? MaxInFlight { get; init; }

    /// <summary>
    /// Whether the target's runtime is asked of itself (Prometheus text), for garbage collection, heap and thread pool of every step: once before the search, and in every second of a
    /// step if it told any of these.
    /// </summary>
    public bool AsksRuntime { get; init; } = true;

    /// <summary>Path at the target under which its runtime tells that. Null: where the plan's metrics are (<see cref="LoadPlan.Metrics"/>), or <c>/metrics</c>.</summary>
    public string? MetricsPath { get; init; }

    /// <summary>Everything that is wrong, one sentence each; empty when a search can be made.</summary>
    public IReadOnlyList<string> Validate() => [.. Capacity.CapacityValidation.Check(this)];
}

/// <summary>What a search for the capacity has done so far.</summary>
public sealed record CapacityProgress
{
    /// <summary>The step that has just ended; null while one goes on.</summary>
    public CapacityStep? Ended { get; init; }

    /// <summary>The rate that is being sent; null when <see cref="Ended"/> is set.</summary>
    public double? RatePerSecond { get; init; }

    /// <summary>Number of the step, from 1.</summary>
    public required int Step { get; init; }

    /// <summary>Where the capacity lies by now, with 95 % confidence; null before a rate was missed.</summary>
    public (double Low, double High)? Interval { get; init; }
}
