namespace Headroom.Measurements.Thresholds;

/// <summary>Which part of the requests a threshold is about: those of a name, of a scenario, or with a tag of the plan.</summary>
/// <param name="Tag"><c>name</c>, <c>scenario</c>, a tag of the plan, or <c>check</c>.</param>
/// <param name="Value">The name, or the tag's value.</param>
internal sealed record ThresholdSelector(string Tag, string Value)
{
    public const string NameTag = "name";
    public const string ScenarioTag = "scenario";

    /// <summary>Of the target's own metrics only.</summary>
    public const string MetricTag = "metric";

    /// <summary>Of checks only.</summary>
    public const string CheckTag = "check";

    /// <summary>The figures of the selected requests; or why the run does not have them.</summary>
    public static (RequestSummary? Summary, string? Missing) Requests(RunFile run, ThresholdSelector? selector) => selector switch
    {
        null => (run.Summary, null),
        { Tag: NameTag } => Find(run.RequestsByName.GetValueOrDefault(selector.Value), "request named", selector.Value, run.RequestsByName.Keys),
        { Tag: ScenarioTag } => Find(
            run.Phases.FirstOrDefault(phase => phase.Name == selector.Value)?.Summary, "scenario named", selector.Value, run.Phases.Select(phase => phase.Name)),
        _ => Find(run.RequestsByTag.GetValueOrDefault(selector.ToString()), "request tagged", selector.ToString(), run.RequestsByTag.Keys),
    };

    public static string NotFound(string what, string value, IEnumerable<string> existing)
    {
        var names = existing.Distinct(StringComparer.Ordinal).ToArray();
        var list = names.Length == 0 ? "none" : string.Join(", ", names.Select(name => $"'{name}'"));
        return $"the run has no {what} '{value}'; it has: {list}{NearestName.Hint(value, names)}";
    }

    public override string ToString() => $"{Tag}:{Value}";

    private static (RequestSummary? Summary, string? Missing) Find(RequestSummary? found, string what, string value, IEnumerable<string> existing) =>
        found is not null ? (found, null) : (null, NotFound(what, value, existing));
}
