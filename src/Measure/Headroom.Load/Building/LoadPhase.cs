using Headroom.Load.Plans;
using Headroom.Measurements;

namespace Headroom.Load.Building;

/// <summary>How much load for how long, as it was written: <c>Users(5).RampTo(50, over).For(hold)</c>.</summary>
/// <param name="Written">The call that began it, for errors.</param>
/// <param name="Name">Given, or null.</param>
/// <param name="StartLevel">VUs or arrivals a second; of counted iterations the VUs.</param>
/// <param name="IsOpen">Whether the level is a rate.</param>
/// <param name="Connections">At most, of a rate.</param>
internal sealed record LoadPhase(string Written, string? Name, double StartLevel, bool IsOpen, int Connections)
{
    /// <summary>Of counted iterations; null of a phase with a duration.</summary>
    public long? Iterations { get; init; }

    /// <summary>Longest time of counted iterations.</summary>
    public TimeSpan IterationsAtMost { get; init; }

    public List<Stage> Stages { get; } = [];

    public double Level => Stages.Count > 0 ? Stages[^1].Target : StartLevel;

    /// <summary>Of a phase without a mistake.</summary>
    public TimeSpan Duration => Iterations is null ? Stages.Aggregate(TimeSpan.Zero, (sum, stage) => sum + stage.Duration) : IterationsAtMost;

    public bool IsRamp => Stages.Exists(stage => !stage.Target.Equals(StartLevel));

    /// <summary>As a scenario of a plan, without its place in time.</summary>
    public Scenario ToScenario(string name, ThinkTime? think) => new()
    {
        Name = name,
        Executor = Iterations is not null ? ExecutorKind.SharedIterations
            : IsOpen ? IsRamp ? ExecutorKind.RampingArrivalRate : ExecutorKind.ConstantArrivalRate
            : IsRamp ? ExecutorKind.RampingVus : ExecutorKind.ConstantVus,
        Connections = IsOpen ? Connections : ToConnections(Stages.Select(stage => stage.Target).Append(StartLevel).Max()),
        RatePerSecond = IsOpen && !IsRamp ? StartLevel : 0,
        StartLevel = IsRamp ? StartLevel : 0,
        Stages = IsRamp ? [.. Stages] : [],
        Iterations = Iterations ?? 0,
        Duration = Duration,
        ThinkTime = think,
    };

    /// <summary>What a report calls it where nobody named it: as the scenarios of <c>headroom bench</c>.</summary>
    public string DefaultName => Iterations is not null ? "iterations"
        : IsOpen ? IsRamp ? "ramping-rate" : "constant-rate"
        : IsRamp ? "ramping-users" : "concurrent";

    /// <summary>What is missing, or null.</summary>
    public string? Mistake =>
        Iterations is null && Stages.Count == 0
            ? $"{Written} does not say for how long; write {Written}.For(TimeSpan.FromSeconds(30))"
            : Stages.Find(stage => stage.Duration < TimeSpan.Zero) is { } stage ? $"{Written} has a duration of {Quantity.Text(stage.Duration)}; it must be above 0s"
            : Stages.Select(stage => stage.Duration).Append(IterationsAtMost).Max() is var longest && longest > LoadPlanValidation.DurationMax
                ? $"{Written} has a duration of {Quantity.Text(longest)}; at most {Quantity.Text(LoadPlanValidation.DurationMax)} (7 days) are allowed" : null;

    /// <summary>What is no whole number of VUs, or too many, is told by the rules that hold for every plan.</summary>
    private static int ToConnections(double level) => (int)Math.Clamp(Math.Ceiling(level), 0, int.MaxValue);
}
