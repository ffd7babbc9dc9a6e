namespace Headroom.Load;

/// <summary>The scenarios of a run that names none: what <c>headroom bench URL</c> does.</summary>
public static class DefaultScenarios
{
    /// <summary>Connections where nobody says how many.</summary>
    public const int ConnectionsDefault = 50;

    /// <summary>What the person asked for; null where they did not.</summary>
    public sealed record Wishes
    {
        public int? Connections { get; init; }

        /// <summary>Arrivals a second.</summary>
        public double? RatePerSecond { get; init; }

        /// <summary>Length of each measured phase. Default 10 s.</summary>
        public TimeSpan? Duration { get; init; }

        /// <summary>Default 2 s.</summary>
        public TimeSpan? WarmUp { get; init; }
    }

    /// <summary>
    /// With a rate: one constant-rate phase. With connections: one closed-loop phase. With neither: a warm-up with the concurrent load, then one request at
    /// a time (what the API takes when nobody else asks), then all connections at once.
    /// </summary>
    public static IReadOnlyList<Scenario> For(Wishes wishes)
    {
        ArgumentNullException.ThrowIfNull(wishes);
        var duration = wishes.Duration ?? TimeSpan.FromSeconds(10);
        var warmUp = wishes.WarmUp ?? TimeSpan.FromSeconds(2);
        var connections = wishes.Connections ?? ConnectionsDefault;
        if (wishes.RatePerSecond is { } rate)
        {
            return
            [
                new Scenario
                {
                    Name = "constant-rate",
                    Executor = ExecutorKind.ConstantArrivalRate,
                    Connections = connections,
                    RatePerSecond = rate,
                    WarmUp = warmUp,
                    Duration = duration,
                },
            ];
        }

        var concurrent = new Scenario { Name = "concurrent", Executor = ExecutorKind.ConstantVus, Connections = connections, WarmUp = warmUp, Duration = duration };
        if (wishes.Connections is not null)
            return [concurrent];
        return
        [
            concurrent with { Name = "warm-up", Duration = TimeSpan.Zero },
            concurrent with { Name = "sequential", Connections = 1, StartTime = warmUp, WarmUp = TimeSpan.Zero },
            concurrent with { StartTime = warmUp + duration, WarmUp = TimeSpan.Zero },
        ];
    }
}
