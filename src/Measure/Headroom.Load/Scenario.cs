namespace Headroom.Load;

/// <summary>How a scenario decides when to start iterations, under k6's names.</summary>
public enum ExecutorKind
{
    /// <summary>Closed loop: each VU starts its next iteration as soon as the last one ended.</summary>
    ConstantVus,

    /// <summary>Open model: iterations are due at a constant rate whether or not earlier ones have ended.</summary>
    ConstantArrivalRate,

    /// <summary>Closed loop whose number of VUs follows the stages.</summary>
    RampingVus,

    /// <summary>Open model whose rate follows the stages.</summary>
    RampingArrivalRate,

    /// <summary>Each VU does a number of iterations.</summary>
    PerVuIterations,

    /// <summary>All VUs together do a number of iterations.</summary>
    SharedIterations,

    /// <summary>Open model: iterations are due at recorded times.</summary>
    Replay,
}

/// <summary>A part of the plan that sends for a time.</summary>
public sealed record Scenario
{
    public required string Name { get; init; }

    public required ExecutorKind Executor { get; init; }

    /// <summary>VUs at most, each with a connection of its own. 1 to 65,535. Of <see cref="ExecutorKind.RampingVus"/>: at least the highest stage.</summary>
    public required int Connections { get; init; }

    /// <summary>Arrivals a second of <see cref="ExecutorKind.ConstantArrivalRate"/>. Above 0, at most 10,000,000.</summary>
    public double RatePerSecond { get; init; }

    /// <summary>VUs, or arrivals a second, at the start of the ramping executors. At least 0.</summary>
    public double StartLevel { get; init; }

    /// <summary>Of the ramping executors: the level moves in a straight line to each target in turn.</summary>
    public IReadOnlyList<Stage> Stages { get; init; } = [];

    /// <summary>Of each VU (<see cref="ExecutorKind.PerVuIterations"/>) or of all (<see cref="ExecutorKind.SharedIterations"/>). At least 1.</summary>
    public long Iterations { get; init; }

    /// <summary>Of <see cref="ExecutorKind.Replay"/>: when each arrival is due after the start, in ascending order.</summary>
    public IReadOnlyList<TimeSpan> Arrivals { get; init; } = [];

    /// <summary>When it starts, after the start of the run.</summary>
    public TimeSpan StartTime { get; init; }

    /// <summary>Sent before measuring, with the same load; counted apart. Of the constant executors only.</summary>
    public TimeSpan WarmUp { get; init; }

    /// <summary>
    /// The measured part: of the ramping executors the sum of their stages, of <see cref="ExecutorKind.Replay"/> at least the last arrival, of those that count
    /// iterations the longest they may take. Zero makes the scenario warm-up only.
    /// </summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>How long a VU that a ramp takes away may go on with its iteration. 0 to 1 h.</summary>
    public TimeSpan GracefulRampDown { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Names of the plan's requests and flows that it sends; null sends all.</summary>
    public IReadOnlyList<string>? Requests { get; init; }

    /// <summary>Waited by a VU after each iteration; null waits not at all.</summary>
    public ThinkTime? ThinkTime { get; init; }

    internal TimeSpan End => StartTime + WarmUp + Duration;

    /// <summary>Iterations of all VUs together, where their number ends the scenario.</summary>
    internal long? TotalIterations => Executor switch
    {
        ExecutorKind.PerVuIterations => Iterations * Connections,
        ExecutorKind.SharedIterations => Iterations,
        ExecutorKind.Replay => Arrivals.Count,
        _ => null,
    };

    internal bool IsOpen => Executor is ExecutorKind.ConstantArrivalRate or ExecutorKind.RampingArrivalRate or ExecutorKind.Replay;
}

/// <summary>A straight line to a level.</summary>
/// <param name="Duration">How long it takes; 0 jumps.</param>
/// <param name="Target">VUs (a whole number) or arrivals a second. At least 0.</param>
public sealed record Stage(TimeSpan Duration, double Target);
