using Headroom.Load.Plans;
using Headroom.Measurements;

namespace Headroom.Load.Capacity;

/// <summary>The rules of <see cref="CapacityOptions"/>. All broken ones are told together.</summary>
internal static class CapacityValidation
{
    private static readonly TimeSpan TimeMax = TimeSpan.FromHours(24);
    private static readonly TimeSpan StepMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StepMax = TimeSpan.FromMinutes(10);

    public static IEnumerable<string> Check(CapacityOptions options) => CheckObjectives(options.Objectives).Concat(CheckRates(options)).Concat(CheckTimes(options));

    private static IEnumerable<string> CheckObjectives(IReadOnlyList<string> objectives)
    {
        if (objectives.Count == 0)
            yield return "no objective is given; write what has to hold, such as --slo 'p99<200ms' --slo 'errors<0.1%'";
        foreach (var text in objectives)
        {
            if (!ThresholdExpression.TryParse(text, out var expression, out var error))
                yield return error;
            else if (expression is { IsLatency: true, IsUpperBound: false })
                yield return $"objective '{expression.Text}' wants latency to be high; write it with < or <=";
            else if (expression.Metric is "rps" or "http_reqs" or "iterations" or "vus" or "data_received" or "data_sent")
                yield return $"objective '{expression.Text}' is about how much is sent, which the search decides itself; write latency, errors or checks, or --min RATE as the gate";
            else if (expression is { IsLatency: true, Limit: <= 0 })
                yield return $"objective '{expression.Text}' allows no time at all; write a latency above 0, such as p99<200ms";
            else if (expression.Metric == "rss-growth")
                yield return $"objective '{expression.Text}' needs minutes to be told and a step takes seconds; write latency, errors or checks here, and judge growth by headroom load --profile soak";
            else if (expression.Text.Contains("{scenario:", StringComparison.Ordinal))
                yield return $"objective '{expression.Text}' is about a scenario, and a search sends none of the plan's; write it without the braces, or of a request, such as p99{{NAME}}<200ms";
        }
    }

    /// <summary>Objectives that no step can tell anything about, however long the search goes on: what they name is not in the plan.</summary>
    public static IEnumerable<string> CheckObjectives(IReadOnlyList<string> objectives, LoadPlan plan)
    {
        var requests = plan.Requests.Concat(plan.Flows.SelectMany(flow => flow.AllRequests())).ToArray();
        var names = requests.Select(request => request.Name).Distinct(StringComparer.Ordinal).ToArray();
        foreach (var text in objectives)
        {
            if (!ThresholdExpression.TryParse(text, out var expression, out _))
                continue;
            if (expression.RequestName is { } name && !names.Contains(name, StringComparer.Ordinal))
                yield return $"objective '{text}' is about request '{name}', which the plan has not; it has: {string.Join(", ", names.Select(known => $"'{known}'"))}{NearestName.Hint(name, names)}";
            else if (expression.Metric == "checks" && requests.All(request => request.Checks.Count == 0))
                yield return $"objective '{text}' is about checks, and the plan has none; give its requests some, or leave the objective out";
        }
    }

    /// <summary>Objectives on a process that cannot be seen.</summary>
    public static IEnumerable<string> CheckUnseen(IReadOnlyList<string> objectives) => objectives
        .Where(text => ThresholdExpression.TryParse(text, out var expression, out _) && expression.Metric is "cpu" or "cpu-utilization" or "rss")
        .Select(text => $"objective '{text}' is about the target's process, which cannot be seen from here; name it with --pid, run headroom on the target's machine, or leave the objective out");

    private static IEnumerable<string> CheckRates(CapacityOptions options)
    {
        foreach (var (name, rate) in new[] { ("the first rate", options.FromPerSecond), ("the highest rate", options.RateMaxPerSecond), ("the current rate", options.CurrentPerSecond), ("the least capacity", options.MinimumPerSecond) })
        {
            if (rate is { } given && !(given >= CapacityOptions.RateMin && given <= LoadLimits.RateMax))
                yield return $"{name} is {Quantity.Text(given)}/s; allowed is {Quantity.Text(CapacityOptions.RateMin)}/s to {Quantity.Text(LoadLimits.RateMax)}/s";
        }

        if (options.FromPerSecond is { } from && from > options.RateMaxPerSecond)
            yield return $"the first rate, {Quantity.Text(from)}/s, is above the highest, {Quantity.Text(options.RateMaxPerSecond)}/s; write a lower --from or a higher --max";
        if (!(options.Precision is >= CapacityOptions.PrecisionMin and <= CapacityOptions.PrecisionMax))
            yield return $"the precision is {Quantity.Text(options.Precision * 100)}%; allowed is 1% to 100%";
        if (options.MaxInFlight is < 1 or > LoadPlanValidation.ConnectionsMax)
            yield return $"max in flight is {options.MaxInFlight}; allowed is 1 to {LoadPlanValidation.ConnectionsMax}";
        if (options.MetricsPath is { } path && (!path.StartsWith('/') || path.StartsWith("//", StringComparison.Ordinal)))
            yield return $"the path of the metrics is '{path}'; write one that begins with one /, such as /metrics";
    }

    private static IEnumerable<string> CheckTimes(CapacityOptions options)
    {
        if (options.MaxTime < CapacityOptions.TimeMin || options.MaxTime > TimeMax)
            yield return $"the longest time is {Quantity.Text(options.MaxTime)}; allowed is 5s to 24h";
        if (options.StepDuration is { } step && (step < StepMin || step > StepMax))
            yield return $"the length of a step is {Quantity.Text(step)}; allowed is 1s to 10m";
    }
}
