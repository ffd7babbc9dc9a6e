using System.Globalization;
using Headroom.Telemetry.Collection;

namespace Headroom.Telemetry.Prometheus;

/// <summary>What one TYPE line of the exposition covers.</summary>
internal sealed class MetricFamily(string name, MetricKind kind, string help, string unit)
{
    public string Name { get; } = name;

    public MetricKind Kind { get; } = kind;

    public string Help { get; } = help;

    /// <summary>The unit in words, as it stands in the name; empty when there is none.</summary>
    public string Unit { get; } = unit;

    public List<Member> Members { get; } = [];

    /// <summary>
    /// Groups metrics by the name that Prometheus sees, sorted. Different instruments can come to the same name. If they agree in type and
    /// buckets they are one family, all of its members told apart by <c>otel_scope_name</c>, or if that is not enough by a number; if they do not
    /// agree, or a name would clash with another family's <c>_bucket</c>, <c>_sum</c> or <c>_count</c>, the later one (by meter, then instrument) is named
    /// after its meter too. No series is lost and no line is written twice.
    /// </summary>
    public static IReadOnlyList<MetricFamily> Group(IEnumerable<Metric> metrics)
    {
        var families = new Dictionary<string, MetricFamily>(StringComparer.Ordinal);
        var taken = new Dictionary<string, MetricFamily>(StringComparer.Ordinal);
        var inOrder = metrics
            .OrderBy(metric => metric.Description.Meter, StringComparer.Ordinal)
            .ThenBy(metric => metric.Description.Name, StringComparer.Ordinal)
            .ThenBy(metric => metric.Description.Identity, StringComparer.Ordinal);
        foreach (var metric in inOrder)
            FamilyOf(metric, families, taken).Members.Add(new Member(metric, ""));
        foreach (var family in families.Values)
            family.TellMembersApart();
        return [.. families.Values.OrderBy(family => family.Name, StringComparer.Ordinal)];
    }

    static MetricFamily FamilyOf(Metric metric, Dictionary<string, MetricFamily> families, Dictionary<string, MetricFamily> taken)
    {
        var description = metric.Description;
        foreach (var name in Candidates(description))
        {
            if (families.TryGetValue(name, out var known) && known.Takes(metric))
                return known;

            var samples = SampleNames(name, description.Kind);
            if (samples.Any(taken.ContainsKey))
                continue;
            var family = new MetricFamily(name, description.Kind, description.Help, PrometheusNames.Unit(description.Unit, description.Kind));
            foreach (var sample in samples)
                taken.Add(sample, family);
            families.Add(name, family);
            return family;
        }

        throw new InvalidOperationException("Candidates never end.");
    }

    static IEnumerable<string> Candidates(InstrumentDescription description)
    {
        yield return PrometheusNames.Metric(description.Name, description.Unit, description.Kind);
        var qualified = PrometheusNames.Metric(description.Meter + "." + description.Name, description.Unit, description.Kind);
        yield return qualified;
        for (var number = 2; ; number++)
        {
            yield return PrometheusNames.Metric(
                string.Create(CultureInfo.InvariantCulture, $"{description.Meter}.{description.Name}.{number}"),
                description.Unit,
                description.Kind);
        }
    }

    static string[] SampleNames(string name, MetricKind kind) =>
        kind == MetricKind.Histogram ? [name, name + "_bucket", name + "_sum", name + "_count"] : [name];

    bool Takes(Metric metric) =>
        SampleNames(Name, Kind).Length == SampleNames(Name, metric.Description.Kind).Length
        && TypeOf(Kind) == TypeOf(metric.Description.Kind);

    static MetricKind TypeOf(MetricKind kind) => kind == MetricKind.UpDownCounter ? MetricKind.Gauge : kind;

    void TellMembersApart()
    {
        if (Members.Count == 1)
            return;

        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < Members.Count; i++)
        {
            var meter = Members[i].Metric.Description.Meter;
            var times = seen[meter] = seen.GetValueOrDefault(meter) + 1;
            var scope = $"otel_scope_name=\"{LabelText.Escape(meter)}\"";
            var label = times == 1 ? scope : string.Create(CultureInfo.InvariantCulture, $"{scope},otel_scope_number=\"{times}\"");
            Members[i] = new Member(Members[i].Metric, label);
        }
    }

    /// <param name="Metric">Where the series come from.</param>
    /// <param name="ExtraLabel">Label text that goes before that of each series; empty for the only member of a family.</param>
    internal readonly record struct Member(Metric Metric, string ExtraLabel);
}
