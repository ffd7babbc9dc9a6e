using Headroom.Measurements;

namespace Headroom.Load.K6Export;

/// <summary>Writes the plan's targets as k6's thresholds.</summary>
internal sealed class ThresholdWriter(ScriptContext script, ScenarioWriter scenarios)
{
    private readonly List<(string Metric, List<string> Conditions)> _entries = [];

    /// <returns>Entries of <c>thresholds</c>, without commas.</returns>
    public IReadOnlyList<string> Write()
    {
        foreach (var target in script.Plan.Targets)
            Target(target);
        return [.. _entries.Select(static entry => $"{Js.Text(entry.Metric)}: [{string.Join(", ", entry.Conditions)}]")];
    }

    private void Target(string target)
    {
        var place = $"target '{script.Label(target)}'";
        if (!ThresholdExpression.TryParse(target, out var expression, out _) || expression.ToK6() is not { } threshold)
        {
            script.Note(place, "is left out: k6 does not measure it");
            return;
        }

        if (threshold.Metric is "data_received" or "data_sent" && threshold.Tag is not (null or "scenario"))
        {
            script.Note(place, "is left out: k6 counts bytes of a scenario, not of a request");
            return;
        }

        if (threshold.Metric is "http_reqs" or "iterations" && threshold.Condition.StartsWith("rate", StringComparison.Ordinal))
            script.Note(place, "k6 divides by the time of the whole test, with setup, warm-up and teardown");
        if (Metric(threshold, place) is not { } metric)
            return;
        var condition = Js.Text(threshold.Condition);
        if (script.Plan.AbortingTargets.FirstOrDefault(aborting => aborting.Expression == target) is { } aborting)
            condition = $"{{ threshold: {condition}, abortOnFail: true{(aborting.Delay > TimeSpan.Zero ? $", delayAbortEval: {Js.Duration(MeasuringBegins + aborting.Delay)}" : "")} }}";
        Add(metric, condition);
    }

    /// <summary>k6 counts the delay from the start of the test, headroom from where measuring begins.</summary>
    private TimeSpan MeasuringBegins => script.Plan.Scenarios.Where(static scenario => scenario.Duration > TimeSpan.Zero).Min(static scenario => scenario.StartTime + scenario.WarmUp);

    private string? Metric(K6Threshold threshold, string place)
    {
        if (threshold.Tag is null)
            return Selected(threshold.Metric, place);
        if (threshold.Tag != "scenario")
            return Selected(threshold.Metric, place, (threshold.Tag, script.Tag(threshold.TagValue!)));
        if (scenarios.NameOf(threshold.TagValue!) is { } scenario)
            return Selected(threshold.Metric, place, ("scenario", scenario));
        script.Note(place, $"is left out: the plan has no scenario '{threshold.TagValue}'");
        return null;
    }

    private string Selected(string metric, string place, params IEnumerable<(string Tag, string Value)> tags)
    {
        // k6 counts these of the executor, which knows its scenario and no tags of requests.
        var all = tags.ToList();
        if (metric == "dropped_iterations" && all.Count == 0 && script.Plan.Scenarios.Any(static scenario => scenario.WarmUp > TimeSpan.Zero))
        {
            if (script.Plan.Scenarios.Where(static scenario => scenario.Duration > TimeSpan.Zero).ToList() is [var only])
                return $"{metric}{{scenario:{scenarios.NameOf(only.Name)}}}";
            script.Note(place, "k6 counts those that the warm-up dropped, too");
        }

        if (script.HasParts && metric is not ("dropped_iterations" or "vus") && !all.Contains(("part", "load")))
            all.Insert(0, ("part", "load"));
        return all.Count > 0 ? $"{metric}{{{string.Join(",", all.Select(static tag => $"{tag.Tag}:{tag.Value}"))}}}" : metric;
    }

    private void Add(string metric, string condition)
    {
        var entry = _entries.Find(other => other.Metric == metric);
        if (entry.Conditions is null)
            _entries.Add((metric, [condition]));
        else if (!entry.Conditions.Contains(condition))
            entry.Conditions.Add(condition);
    }
}
