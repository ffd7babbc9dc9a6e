using Headroom.Measurements;

namespace Headroom.Load;

/// <summary>Scenarios for the questions that load is usually sent for, under k6's names (docs/load.md).</summary>
public static class LoadProfiles
{
    /// <summary>Where nothing says how much load to send.</summary>
    public const string Default = "load";

    /// <summary>The profile whose rate depends on what the target can take.</summary>
    public const string Soak = "soak";

    /// <summary>Least factor by which durations can be scaled.</summary>
    public const double ScaleMin = 0.001;

    /// <summary>Greatest factor by which durations can be scaled.</summary>
    public const double ScaleMax = 10;

    /// <summary>VUs of the soak's probe, and what its rate may keep busy at most.</summary>
    private const int SoakConnections = 200;

    private const int ProbeConnections = 50;

    /// <summary>Growth of resident memory over a run that is no leak yet: caches, pools and heaps settle for longer than a warm-up takes.</summary>
    internal const double GrowthBytesMax = 25e6;

    private static readonly TimeSpan SoakDuration = TimeSpan.FromMinutes(30);

    /// <summary>Names and what each sends.</summary>
    public static IReadOnlyList<(string Name, string Description)> All { get; } =
    [
        ("smoke", "1 VU for 30 s: does it work at all"),
        ("load", "10 to 50 VUs in 5 min: an ordinary day"),
        ("stress", "50 to 200 VUs in 10 min: where it begins to slow down"),
        ("spike", "10 VUs, at once 500 for 1 min, and 10 again: does it come back"),
        (Soak, "half of what it can take for 30 min: does memory grow"),
        ("mixed", "200 users with 1 s to 3 s of think time for 5 min: people rather than a benchmark"),
    ];

    /// <summary>The scenarios of a profile.</summary>
    /// <param name="name">One of <see cref="All"/>.</param>
    /// <param name="ratePerSecond">Iterations a second of <see cref="Soak"/>; the others have no rate.</param>
    /// <exception cref="ArgumentException">There is no such profile, or a rate is missing or has no meaning.</exception>
    public static IReadOnlyList<Scenario> For(string name, double? ratePerSecond = null)
    {
        if ((name == Soak) != (ratePerSecond is not null))
            throw new ArgumentException($"Profile '{name}' {(name == Soak ? "needs a rate" : "has no rate")}.", nameof(ratePerSecond));
        return name switch
        {
            "smoke" => [new Scenario { Name = name, Executor = ExecutorKind.ConstantVus, Connections = 1, Duration = TimeSpan.FromSeconds(30) }],
            "load" => [Ramp(name, 10, new Stage(TimeSpan.FromMinutes(5), 50))],
            "stress" => [Ramp(name, 50, new Stage(TimeSpan.FromMinutes(10), 200))],
            "spike" =>
            [
                Ramp(
                    name,
                    10,
                    new Stage(TimeSpan.FromSeconds(30), 10),
                    new Stage(TimeSpan.Zero, 500),
                    new Stage(TimeSpan.FromMinutes(1), 500),
                    new Stage(TimeSpan.Zero, 10),
                    new Stage(TimeSpan.FromMinutes(1), 10)),
            ],
            Soak =>
            [
                new Scenario
                {
                    Name = name,
                    Executor = ExecutorKind.ConstantArrivalRate,
                    Connections = SoakConnections,
                    RatePerSecond = ratePerSecond!.Value,

                    // Caches fill and code is compiled in the first minute; that memory is no leak.
                    WarmUp = TimeSpan.FromMinutes(1),
                    Duration = SoakDuration,
                },
            ],
            "mixed" =>
            [
                new Scenario
                {
                    Name = name,
                    Executor = ExecutorKind.ConstantVus,
                    Connections = 200,
                    Duration = TimeSpan.FromMinutes(5),
                    ThinkTime = ThinkTime.Uniform(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)),
                },
            ],
            _ => throw new ArgumentException($"There is no profile '{name}'.", nameof(name)),
        };
    }

    /// <summary>Finds out what the target can take, for <see cref="Soak"/>: a closed loop whose iterations a second are the capacity.</summary>
    public static Scenario Probe { get; } = new()
    {
        Name = "probe",
        Executor = ExecutorKind.ConstantVus,
        Connections = ProbeConnections,
        WarmUp = TimeSpan.FromSeconds(2),
        Duration = TimeSpan.FromSeconds(10),
    };

    /// <summary>The verdict of <see cref="Soak"/>: memory may grow by 25 MB over the measured part, whatever the scale.</summary>
    public static string SoakTarget(double scale) =>
        $"rss-growth<{Quantity.Text(Math.Round(GrowthBytesMax / 1e6 / (SoakDuration.TotalHours * scale), 3))}MB/h";

    /// <summary>
    /// The same scenarios in less (or more) time: start times, warm-ups, durations and stages are multiplied, levels and rates stay. Those that count iterations or replay
    /// arrivals have nothing to multiply.
    /// </summary>
    /// <param name="scenarios">What to scale.</param>
    /// <param name="scale"><see cref="ScaleMin"/> to <see cref="ScaleMax"/>.</param>
    /// <exception cref="ArgumentException">A scenario's length is not given by a duration.</exception>
    public static IReadOnlyList<Scenario> Scale(IReadOnlyList<Scenario> scenarios, double scale)
    {
        ArgumentNullException.ThrowIfNull(scenarios);
        ArgumentOutOfRangeException.ThrowIfLessThan(scale, ScaleMin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(scale, ScaleMax);
        if (scenarios.FirstOrDefault(scenario => scenario.Executor is ExecutorKind.PerVuIterations or ExecutorKind.SharedIterations or ExecutorKind.Replay) is { } counted)
            throw new ArgumentException($"scenario '{counted.Name}' ({Plans.ExecutorNames.Name(counted.Executor)}) has no duration that could be scaled; write fewer iterations or arrivals in the plan");
        return [.. scenarios.Select(scenario => Scaled(scenario, scale))];
    }

    private static Scenario Scaled(Scenario scenario, double scale)
    {
        Stage[] stages = [.. scenario.Stages.Select(stage => stage with { Duration = stage.Duration * scale })];
        return scenario with
        {
            StartTime = scenario.StartTime * scale,
            WarmUp = scenario.WarmUp * scale,
            Stages = stages,

            // The sum of the scaled stages, not the scaled sum: rounding may tell them apart by a tick.
            Duration = stages.Length > 0 ? stages.Aggregate(TimeSpan.Zero, (sum, stage) => sum + stage.Duration) : scenario.Duration * scale,
        };
    }

    private static Scenario Ramp(string name, int start, params Stage[] stages) => new()
    {
        Name = name,
        Executor = ExecutorKind.RampingVus,
        StartLevel = start,
        Stages = stages,
        Connections = (int)stages.Max(stage => Math.Max(start, stage.Target)),
        Duration = stages.Aggregate(TimeSpan.Zero, (sum, stage) => sum + stage.Duration),
    };
}
