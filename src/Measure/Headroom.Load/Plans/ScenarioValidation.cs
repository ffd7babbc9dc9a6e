using Headroom.Measurements;

namespace Headroom.Load.Plans;

/// <summary>The rules that hold for a scenario wherever it came from.</summary>
internal static class ScenarioValidation
{
    /// <param name="scenario">What to check.</param>
    /// <param name="names">Names of the plan's requests and flows.</param>
    public static IEnumerable<PlanMistake> Check(Scenario scenario, IReadOnlyCollection<string> names)
    {
        var what = $"scenario '{scenario.Name}'";
        if (scenario.Connections is < 1 or > LoadPlanValidation.ConnectionsMax)
            yield return new("", $"{what} has {scenario.Connections} connections; allowed is 1 to {LoadPlanValidation.ConnectionsMax}");
        foreach (var mistake in CheckExecutor(scenario, what))
            yield return mistake;
        foreach (var (key, value) in new[] { ("startTime", scenario.StartTime), ("warmup", scenario.WarmUp), ("duration", scenario.Duration) })
        {
            if (value < TimeSpan.Zero || value > LoadPlanValidation.DurationMax)
                yield return new(key, $"{key} of {what} is {Quantity.Text(value)}; allowed is 0s to 7d");
        }

        if (scenario.GracefulRampDown < TimeSpan.Zero || scenario.GracefulRampDown > LoadPlanValidation.TimeoutMax)
            yield return new("gracefulRampDown", $"gracefulRampDown of {what} is {Quantity.Text(scenario.GracefulRampDown)}; allowed is 0s to 1h");
        if (scenario.WarmUp > TimeSpan.Zero && scenario.Executor is not (ExecutorKind.ConstantVus or ExecutorKind.ConstantArrivalRate))
            yield return new("warmup", $"{what} has a warm-up, which only goes with the constant executors; put a scenario of its own before it");
        if (ThinkTimeMistake(scenario.ThinkTime) is { } think)
            yield return new("thinkTime", $"thinkTime of {what} {think}");
        foreach (var unknown in (scenario.Requests ?? []).Where(name => !names.Contains(name)))
            yield return new("requests", $"{what} sends '{unknown}', which is not a request of the plan and not a flow{NearestName.Hint(unknown, names)}");
        if (scenario.Requests is { Count: 0 })
            yield return new("requests", $"{what} sends no request; leave 'requests' out to send all");
    }

    /// <summary>What is wrong with a think time, or null.</summary>
    public static string? ThinkTimeMistake(ThinkTime? time) =>
        time is null ? null
        : time.Min < TimeSpan.Zero || time.Max > LoadPlanValidation.TimeoutMax ? $"is {Quantity.Text(time.Min)} to {Quantity.Text(time.Max)}; allowed is 0s to 1h"
        : time.Min > time.Max ? $"has a least time of {Quantity.Text(time.Min)} above its most, {Quantity.Text(time.Max)}"
        : null;

    private static IEnumerable<PlanMistake> CheckExecutor(Scenario scenario, string what)
    {
        switch (scenario.Executor)
        {
            case ExecutorKind.ConstantArrivalRate when !(scenario.RatePerSecond > 0 && scenario.RatePerSecond <= LoadPlanValidation.RateMax):
                return [new("", $"{what} has a rate of {Quantity.Text(scenario.RatePerSecond)}/s; allowed is above 0 and at most {Quantity.Text(LoadPlanValidation.RateMax)}/s")];
            case ExecutorKind.RampingVus:
            case ExecutorKind.RampingArrivalRate:
                return CheckStages(scenario, what);
            case ExecutorKind.PerVuIterations when scenario.Iterations < 1:
            case ExecutorKind.SharedIterations when scenario.Iterations < 1:
                return [new("iterations", $"{what} has {scenario.Iterations} iterations; it must be at least 1")];
            case ExecutorKind.Replay:
                return CheckArrivals(scenario, what);
            default:
                return [];
        }
    }

    private static IEnumerable<PlanMistake> CheckStages(Scenario scenario, string what)
    {
        var isVus = scenario.Executor == ExecutorKind.RampingVus;
        if (scenario.Stages.Count == 0)
        {
            yield return new("stages", $"{what} has no stage; write at least one, such as {{ duration: 30s, target: 50 }}");
            yield break;
        }

        var most = isVus ? LoadPlanValidation.ConnectionsMax : LoadPlanValidation.RateMax;
        var levels = scenario.Stages.Select(stage => stage.Target).Append(scenario.StartLevel).ToArray();
        if (levels.Any(level => !(level >= 0 && level <= most)))
            yield return new("stages", $"{what} has a level of {Quantity.Text(levels.First(level => !(level >= 0 && level <= most)))}; allowed is 0 to {Quantity.Text(most)}");
        else if (levels.All(level => level == 0))
            yield return new("stages", $"the stages of {what} go nowhere: it starts at 0 and every target is 0; give one a target above 0");
        if (isVus && levels.Any(level => level != Math.Floor(level)))
            yield return new("stages", $"{what} has a part of a VU; write whole numbers");
        if (isVus && levels.Max() > scenario.Connections)
            yield return new("stages", $"{what} rises to {Quantity.Text(levels.Max())} VUs and has {scenario.Connections} connections; it needs as many");
        if (scenario.Stages.Any(stage => stage.Duration < TimeSpan.Zero))
            yield return new("stages", $"{what} has a stage that ends before it begins; write a duration of at least 0s");
        var total = scenario.Stages.Aggregate(TimeSpan.Zero, (sum, stage) => sum + stage.Duration);
        if (total <= TimeSpan.Zero)
            yield return new("stages", $"the stages of {what} last 0s in all; give one a duration such as 30s");
        else if (total != scenario.Duration)
            yield return new("stages", $"the stages of {what} last {Quantity.Text(total)} and its duration is {Quantity.Text(scenario.Duration)}; they must be the same");
    }

    private static IEnumerable<PlanMistake> CheckArrivals(Scenario scenario, string what)
    {
        if (scenario.Arrivals.Count == 0)
        {
            yield return new("arrivals", $"{what} has no arrival; write at least one");
            yield break;
        }

        if (scenario.Arrivals[0] < TimeSpan.Zero)
            yield return new("arrivals", $"{what} has an arrival before its start; write times of at least 0");
        for (var i = 1; i < scenario.Arrivals.Count; i++)
        {
            if (scenario.Arrivals[i] >= scenario.Arrivals[i - 1])
                continue;
            yield return new("arrivals", $"arrivals of {what} are not in ascending order; sort them");
            break;
        }

        if (scenario.Arrivals[^1] > scenario.Duration)
            yield return new("arrivals", $"the last arrival of {what} is at {Quantity.Text(scenario.Arrivals[^1])}, after its duration of {Quantity.Text(scenario.Duration)}");
    }
}
