using CapacityServer.Models;
using Headroom.Load.Capacity;
using Headroom.Measurements;

namespace Headroom.Load.Tests.Capacity;

/// <summary>A whole search against a model in virtual time.</summary>
internal static class SimulatedSearch
{
    private const int StepsMax = 80;

    internal sealed record Outcome(CapacityResult Result, double Seconds);

    public static Outcome Run(ServerModel model, CapacityOptions options, int seed)
    {
        var target = new SimulatedTarget(model, new Random(seed));
        var objectives = new Objectives(options.Objectives);
        var plan = new StepPlan(options, objectives.LatencyMax);
        var search = new CapacitySearch { FromPerSecond = options.FromPerSecond ?? 10, RateMaxPerSecond = options.RateMaxPerSecond, Precision = options.Precision };
        var (seen, steps) = (new List<CapacityObservation>(), new List<CapacityStep>());
        while (seen.Count < StepsMax && search.Next(seen) is CapacityMove.Measure move)
        {
            var step = plan.For(move.RatePerSecond, move.IsShort);
            var watch = new CollapseWatch(objectives.LatencyMax, () => { });
            var run = target.Send(step, plan.GracefulStop, watch);
            var verdict = StepJudgement.Of(run, objectives, watch.Reason, plan.HasTooFewInFlight(step));
            seen.Add(new CapacityObservation(move.RatePerSecond, verdict.Outcome, move.IsShort, verdict.IsDoubtful));
            steps.Add(StepFigures.Of(move.RatePerSecond, run, runtime: null, target.Seconds, verdict));
            target.CoolDown();
        }

        var end = search.Next(seen) is CapacityMove.Stop stop ? stop.End : CapacityEnd.TimeOver;
        return new Outcome(CapacityResults.Of(options, search, end, steps, seen, seed), target.Seconds);
    }
}
