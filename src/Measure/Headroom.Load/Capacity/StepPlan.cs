namespace Headroom.Load.Capacity;

/// <summary>How a rate is sent: a scenario whose length, connections and end follow from the rate and the objectives.</summary>
internal sealed class StepPlan(CapacityOptions options, TimeSpan latencyMax)
{
    public const string ScenarioName = "capacity";

    private const int InFlightMin = 16;
    private const int InFlightMax = 2_000;

    /// <summary>At least so many requests, as far as they come within <see cref="DurationMax"/>.</summary>
    private const double RequestsMin = 30;

    private static readonly TimeSpan ShortDuration = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DurationMin = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan DurationMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ShortWarmUp = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    /// <summary>How long what is under way at a step's end may still take: twice what an objective allows it.</summary>
    public TimeSpan GracefulStop => (2 * latencyMax) + TimeSpan.FromSeconds(1);

    public Scenario For(double ratePerSecond, bool isShort)
    {
        var duration = isShort ? Shorter(ShortDuration, EdgeDuration) : EdgeDuration;
        var enough = TimeSpan.FromSeconds(Math.Min(RequestsMin / ratePerSecond, DurationMax.TotalSeconds));
        return new Scenario
        {
            Name = ScenarioName,
            Executor = ExecutorKind.ConstantArrivalRate,
            RatePerSecond = ratePerSecond,
            Connections = MaxInFlight(ratePerSecond),
            WarmUp = isShort ? ShortWarmUp : WarmUp,
            Duration = duration > enough ? duration : enough,
        };
    }

    /// <summary>Whether fewer may be under way than a rate needs that is just good enough.</summary>
    public bool HasTooFewInFlight(Scenario step) => step.Connections < step.RatePerSecond * latencyMax.TotalSeconds;

    /// <summary>
    /// An overload by the share x lets the queue grow by x seconds a second: after a step of length T it is the whole latency objective L when x = L / T. A step of 2L over the precision
    /// therefore sees an overload of half of it.
    /// </summary>
    private TimeSpan EdgeDuration
    {
        get
        {
            if (options.StepDuration is { } given)
                return given;
            var needed = latencyMax * (2 / options.Precision);
            return needed < DurationMin ? DurationMin : needed > DurationMax ? DurationMax : needed;
        }
    }

    /// <summary>
    /// By Little's law a rate whose requests take the latency objective each has rate × objective under way. More than that in the mean is an objective missed, so twice as many
    /// are enough to see it, and bound what is put on the target.
    /// </summary>
    private int MaxInFlight(double ratePerSecond) =>
        options.MaxInFlight ?? (int)Math.Clamp(Math.Ceiling(2 * ratePerSecond * latencyMax.TotalSeconds), InFlightMin, InFlightMax);

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
