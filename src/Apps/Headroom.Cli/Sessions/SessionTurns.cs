using Headroom.Load;
using Headroom.Measurements;

namespace Headroom.Cli.Sessions;

/// <summary>
/// Into how many turns the runs of a block are cut. What a machine does to a process in one second it does not do in the next, so two runs of 5 s after each other differ by more than two that
/// take turns of 400 ms; together the turns of a variant are one run. The shortest turn is one in which what begins and ends with it (connections, requests under way) does not count.
/// </summary>
internal static class SessionTurns
{
    public const int Max = 100;

    /// <summary>More than this gains nothing that was measured, and every turn takes a tenth of a second to begin.</summary>
    private const int AutomaticMax = 12;

    private const double IterationsOfVu = 20;
    private const double IterationsMin = 100;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(400);

    /// <summary>Whether a load can be cut at all: one that is the same at all times.</summary>
    public static bool CanCut(LoadPlan plan) =>
        plan.Scenarios.Count > 0 && plan.Scenarios.All(scenario => scenario.Executor is ExecutorKind.ConstantVus or ExecutorKind.ConstantArrivalRate && scenario.StartTime == TimeSpan.Zero);

    /// <summary>The shortest turn of a load that a run shows: of 400 ms, of 100 iterations, and of 20 of each VU.</summary>
    public static TimeSpan ShortestOf(RunFile run)
    {
        var (meanMs, perSecond) = run.Iterations is { Count: > 0 } iterations ? (iterations.DurationMs.Mean, iterations.PerSecond) : (run.Summary.LatencyMs.Mean, run.Summary.RequestsPerSecond);
        var seconds = Math.Max(IterationsOfVu * meanMs / 1000, perSecond > 0 ? IterationsMin / perSecond : double.PositiveInfinity);
        return seconds < TimeSpan.FromDays(1).TotalSeconds ? TimeSpan.FromSeconds(Math.Max(Shortest.TotalSeconds, seconds)) : TimeSpan.FromDays(1);
    }

    /// <summary>As many as fit, at most 12.</summary>
    public static int Automatic(LoadPlan plan, TimeSpan shortest) =>
        CanCut(plan) ? Math.Clamp((int)(plan.Scenarios.Min(scenario => scenario.Duration) / shortest), 1, AutomaticMax) : 1;

    /// <summary>One of so many turns of a plan.</summary>
    public static LoadPlan Cut(LoadPlan plan, int turns) =>
        turns == 1 ? plan : plan with { Scenarios = [.. plan.Scenarios.Select(scenario => scenario with { Duration = scenario.Duration / turns })] };
}
