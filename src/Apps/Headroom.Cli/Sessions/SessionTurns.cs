using System.Globalization;
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

    /// <summary>As short as a run may be.</summary>
    private static readonly TimeSpan ShortestGiven = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether a load can be cut at all: one that is the same at all times.</summary>
    public static bool CanCut(LoadPlan plan) =>
        plan.Scenarios.Count > 0 && plan.Scenarios.All(scenario => scenario.Executor is ExecutorKind.ConstantVus or ExecutorKind.ConstantArrivalRate && scenario.StartTime == TimeSpan.Zero);

    /// <summary>Whether turns send what the whole run would: nothing that each of them would begin anew, as the rows of a feeder and what is made ready before.</summary>
    public static bool SendTheSame(LoadPlan plan) => CanCut(plan) && plan is { Feeders.Count: 0, Setup.Count: 0, Teardown.Count: 0 };

    /// <summary>The shortest turn of a load that a run shows: of 400 ms, of 100 iterations of each scenario, and of 20 of each VU.</summary>
    public static TimeSpan ShortestOf(RunFile run)
    {
        var (meanMs, perSecond) = run.Iterations is { Count: > 0 } iterations ? (iterations.DurationMs.Mean, iterations.PerSecond) : (run.Summary.LatencyMs.Mean, run.Summary.RequestsPerSecond);
        var seconds = Math.Max(IterationsOfVu * meanMs / 1000, SecondsOf(IterationsMin, perSecond));

        // A slow scenario beside a fast one, and VUs that think: each turn begins with an arrival of every scenario and an iteration of every VU, which has to be one of many.
        var requestsOfIteration = run.Summary.RequestsPerSecond > 0 && perSecond > 0 ? run.Summary.RequestsPerSecond / perSecond : 1;
        foreach (var scenario in run.Plan.Phases)
        {
            var measured = run.Phases.FirstOrDefault(phase => phase.Name == scenario.Name)?.Summary.RequestsPerSecond ?? 0;
            seconds = Math.Max(seconds, scenario.RatePerSecond is { } rate
                ? SecondsOf(IterationsMin, rate)
                : SecondsOf(Math.Max(IterationsMin, IterationsOfVu * scenario.Connections), measured / requestsOfIteration));
        }

        return seconds < TimeSpan.FromDays(1).TotalSeconds ? TimeSpan.FromSeconds(Math.Max(Shortest.TotalSeconds, seconds)) : TimeSpan.FromDays(1);
    }

    /// <summary>What is wrong with so many turns of a plan; null when nothing is.</summary>
    public static string? ProblemOf(LoadPlan plan, int turns)
    {
        if (turns == 1)
            return null;
        if (!CanCut(plan))
            return $"--turns is {turns}; only a load that is the same at all times can be cut: scenarios of constant-vus or constant-arrival-rate that start at 0s. Leave it out.";
        var run = plan.Scenarios.Min(scenario => scenario.Duration);
        return run / turns >= ShortestGiven ? null
            : string.Create(CultureInfo.InvariantCulture, $"--turns is {turns}; of {run.TotalSeconds:0.###}s each would be shorter than {ShortestGiven.TotalMilliseconds:0} ms. Take at most {Math.Max(1, (int)(run / ShortestGiven))}, or a longer --duration.");
    }

    /// <summary>As many as fit, at most 12; one of a load that would not be the same in turns.</summary>
    public static int Automatic(LoadPlan plan, TimeSpan shortest) =>
        SendTheSame(plan) ? Math.Clamp((int)(plan.Scenarios.Min(scenario => scenario.Duration) / shortest), 1, AutomaticMax) : 1;

    /// <summary>One of so many turns of a plan, counted from 0. Each has random choices of its own, or all would send what the first sends; away from the bits by which scenarios and workers differ.</summary>
    public static LoadPlan Cut(LoadPlan plan, int turns, int turn) =>
        turns == 1 ? plan : plan with { Seed = plan.Seed ^ (turn << 24), Scenarios = [.. plan.Scenarios.Select(scenario => scenario with { Duration = scenario.Duration / turns })] };

    /// <summary>The turns of a variant as one run of the plan. Parts of seconds that lie apart make no seconds.</summary>
    public static RunFile OneOf(IReadOnlyList<RunFile> turns)
    {
        if (turns is [var whole])
            return whole;
        // They are of one plan, but for the seed.
        var merged = RunMerge.Merge([.. turns.Select(turn => turn with { Plan = turn.Plan with { Digest = turns[0].Plan.Digest } })]);
        return merged with
        {
            Series = [],
            Plan = merged.Plan with { Phases = [.. merged.Plan.Phases.Select(phase => phase with { DurationSeconds = phase.DurationSeconds * turns.Count })] },
        };
    }

    private static double SecondsOf(double iterations, double perSecond) => perSecond > 0 ? iterations / perSecond : double.PositiveInfinity;
}
