using Headroom.Load.Target;
using YamlDotNet.RepresentationModel;

namespace Headroom.Load.Plans;

/// <summary>Reads <c>metrics</c>: which of the target's own metrics a run looks at.</summary>
internal sealed class MetricsReader(PlanProblems problems)
{
    private const string DefaultPath = "/metrics";
    private const string Example = "hits_total{cache=\"auth\"}";

    public MetricsScrape? Read(PlanMap? map, Uri? target)
    {
        if (map is null)
            return null;
        var url = ReadUrl(map, target);
        var metrics = new List<ScrapedMetric>();
        if (map.Map("values") is { } values)
            metrics.AddRange(values.Entries().Select(entry => ReadMetric(entry.Name, entry.Value)).OfType<ScrapedMetric>());
        else if (!map.Has("values"))
            problems.Add(map.Node, $"'metrics' has no 'values'; write a name and what it is, such as hit-rate: {{ increase: '{Example}' }}");
        map.RefuseUnknown();
        return url is null || metrics.Count == 0 ? null : new MetricsScrape { Url = url, Metrics = metrics };
    }

    private Uri? ReadUrl(PlanMap map, Uri? target)
    {
        var text = map.Text("url") ?? DefaultPath;
        var node = map.Value("url") ?? map.Node;
        if (text.Contains("://", StringComparison.Ordinal))
        {
            if (HttpAddress.TryParse(text, out var absolute, out var error))
                return absolute;
            problems.Add(node, error!);
            return null;
        }

        if (target is null)
            problems.Add(node, $"'url' of metrics is '{text}', which is relative, and the plan has no target; write the whole address, or a 'target'");
        else if (!text.StartsWith('/'))
            problems.Add(node, $"'url' of metrics is '{text}'; write a path such as {DefaultPath} or a whole address");
        else
            return new Uri(target.AbsoluteUri.TrimEnd('/') + text);
        return null;
    }

    private ScrapedMetric? ReadMetric(string name, YamlNode node)
    {
        if (PlanMap.From(node, $"metric '{name}'", problems) is not { } map)
            return null;
        var (gauge, increase) = (Selector(map, "gauge"), Selector(map, "increase"));
        var over = map.Names("over").Select(entry => Parse(entry.Text, entry.Node)).OfType<SeriesSelector>().ToArray();
        if (map.Has("gauge") == map.Has("increase"))
            problems.Add(node, $"metric '{name}' {(map.Has("gauge") ? "has 'gauge' and 'increase'; keep one" : $"has neither 'gauge' nor 'increase'; write increase: '{Example}' for a counter")}");
        else if (map.Has("gauge") && map.Has("over"))
            problems.Add(map.Key("over"), "'over' goes with 'increase'");
        map.RefuseUnknown();
        return gauge is null && increase is null ? null : new ScrapedMetric { Name = name, Gauge = gauge, Increase = increase, Over = over };
    }

    private SeriesSelector? Selector(PlanMap map, string key) => map.Text(key) is { } text ? Parse(text, map.Value(key)!) : null;

    private SeriesSelector? Parse(string text, YamlNode node)
    {
        if (PrometheusSamples.TryParseSelector(text, out var selector))
            return selector;
        problems.Add(node, $"'{text}' does not name series; write a name and labels, such as {Example}");
        return null;
    }
}
