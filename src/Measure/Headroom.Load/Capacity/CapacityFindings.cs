using System.Globalization;
using Headroom.Measurements;

namespace Headroom.Load.Capacity;

/// <summary>What a reader of a capacity has to know before trusting it.</summary>
internal static class CapacityFindings
{
    /// <summary>A share of failed requests that nobody calls served.</summary>
    private const double ErrorsUnbounded = 0.01;

    public static IEnumerable<Finding> Of(CapacityResult result) => OfTheEnd(result).Concat(OfTheSteps(result)).Concat(Unbounded(result));

    private static IEnumerable<Finding> OfTheEnd(CapacityResult result)
    {
        switch (result.EndedBy)
        {
            case CapacityEnd.GeneratorLimit:
                yield return Finding("capacity-generator-bound", FindingSeverity.Warning, "The generator reached its limit before the target did: the capacity is at least what was measured.",
                    [.. result.Steps.Where(step => step.Outcome == CapacityOutcome.GeneratorBound).Select(step => Text($"{step.RatePerSecond:0.#}/s: {step.Reason}")).Distinct(StringComparer.Ordinal)],
                    "Give the generator cores of its own, --workers or --max-in-flight, or run it on another machine.");
                break;
            case CapacityEnd.TargetCollapsed:
                yield return Finding("capacity-target-collapsed", FindingSeverity.Critical, "The target did not recover from a step: the search ended there, and the interval is as wide as it was by then.",
                    [.. result.Steps.TakeLast(1).Select(step => Text($"{step.RatePerSecond:0.#}/s: {step.Reason ?? "met"}; 30 s later it was still slower than at the beginning, or did not answer"))],
                    "Find out why an overload outlasts its cause (queues without a bound, retries, a pool that is not given back), and bound it: headroom's limits shed load early.");
                break;
            case CapacityEnd.TargetGone:
                yield return Finding("capacity-target-gone", FindingSeverity.Critical, "The target went away: the search ended there, and the interval is as wide as it was by then.",
                    [.. result.Steps.TakeLast(1).Select(step => Text($"{step.RatePerSecond:0.#}/s: {step.Reason ?? "met"}; then connections to it were refused, for 5 s"))],
                    "Look in its log, and the system's (dmesg, for a process killed for its memory), for why it ended. If it was stopped by hand, the last step says nothing: search again.");
                break;
            case CapacityEnd.TimeOver or CapacityEnd.Interrupted:
                yield return Finding("capacity-imprecise", FindingSeverity.Warning, "The search ended before the interval was as narrow as was asked for.",
                    [Text($"between {result.LowPerSecond:0.#}/s and {(result.HighPerSecond is { } high ? Text($"{high:0.#}/s") : "what was not tried")}; asked for: {result.Precision * 100:0.#} % wide"), Text($"{result.Steps.Count} steps")],
                    "Give it more time (--max-time), a first rate nearer to the capacity (--from), or a coarser --precision.");
                break;
            case CapacityEnd.MissedAtLowestRate:
                yield return Finding("capacity-below-lowest-rate", FindingSeverity.Critical, "The objectives are missed even at the lowest rate that was tried: load is not what they are missed by.",
                    [.. result.Steps.TakeLast(1).Select(step => Text($"{step.RatePerSecond:0.##}/s: {step.Reason}"))],
                    "Look at one request alone (headroom bench --connections 1), then at what the objectives ask for.");
                break;
        }
    }

    private static IEnumerable<Finding> OfTheSteps(CapacityResult result)
    {
        // It came back from a step that has a time of recovery.
        var restarted = result.Steps.Where(step => step is { TargetWentAway: true, CoolDownSeconds: > 0 }).ToArray();
        if (restarted.Length > 0)
        {
            yield return Finding("capacity-target-restarted", FindingSeverity.Warning, Text($"The target went away in {restarted.Length} of {result.Steps.Count} steps and came back: connections to it were refused for a time."),
                [.. restarted.Select(step => Text($"{step.RatePerSecond:0.#}/s: {step.Reason ?? "met"}; as before after {step.CoolDownSeconds:0.#} s"))],
                "Look in its log for why it ended. If it was the load, that is what bounds the capacity; if somebody restarted it, such a step says nothing: search again.");
        }

        if (result.Steps.Count(step => step.Outcome == CapacityOutcome.Collapsed) is > 0 and var collapsed && result.EndedBy is not (CapacityEnd.TargetCollapsed or CapacityEnd.TargetGone))
        {
            yield return Finding("capacity-overload-cut", FindingSeverity.Info, Text($"{collapsed} of {result.Steps.Count} steps overloaded the target and {(collapsed == 1 ? "was" : "were")} ended early; it recovered{(collapsed == 1 ? "" : " from each")}."),
                [.. result.Steps.Where(step => step.Outcome == CapacityOutcome.Collapsed).Select(step => Text($"{step.RatePerSecond:0.#}/s: {step.Reason}; recovered in {step.CoolDownSeconds:0.#} s"))],
                "Nothing; the time of recovery is how long the target would be in trouble after such a burst.");
        }
    }

    private static IEnumerable<Finding> Unbounded(CapacityResult result)
    {
        var highest = result.Steps.Where(step => step.Outcome == CapacityOutcome.Met).MaxBy(step => step.RatePerSecond);
        if (highest is { ErrorRate: > ErrorsUnbounded } && !result.Objectives.Any(BoundsErrors))
        {
            yield return Finding("capacity-errors-unbounded", FindingSeverity.Warning, Text($"{highest.ErrorRate * 100:0.#} % of the requests at {highest.RatePerSecond:0.#}/s failed, which no objective forbids: so much was sent, not served."),
                [Text($"{highest.RatePerSecond:0.#}/s were due, {highest.ThroughputPerSecond:0.#}/s answered without an error"), $"objectives: {string.Join(", ", result.Objectives)}"],
                "Add an objective on errors, such as --slo 'errors<0.1%', and search again.");
        }
    }

    private static bool BoundsErrors(string objective) =>
        ThresholdExpression.TryParse(objective, out var expression, out _) && expression.Metric is "errors" or "http_req_failed" or "checks";

    private static Finding Finding(string code, FindingSeverity severity, string summary, IReadOnlyList<string> evidence, string remedy) =>
        new() { Code = code, Severity = severity, Summary = summary, Evidence = evidence, Remedy = remedy, Docs = $"docs/findings/{code}.md" };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
