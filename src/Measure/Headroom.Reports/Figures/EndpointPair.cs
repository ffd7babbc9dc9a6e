using Headroom.Measurements;

namespace Headroom.Reports.Figures;

/// <summary>The figures of an endpoint in two runs.</summary>
/// <param name="Name">Its name; for all requests together the word for that.</param>
/// <param name="Before">Null where the first run did not have it.</param>
/// <param name="After">Null where the second run did not have it.</param>
/// <param name="IsTotal">Whether this is all requests together.</param>
internal sealed record EndpointPair(string Name, RequestSummary? Before, RequestSummary? After, bool IsTotal = false)
{
    /// <summary>The endpoints in the order of the first run, those that only the second has, then the total.</summary>
    public static IReadOnlyList<EndpointPair> Of(RunFile before, RunFile after) =>
    [
        .. before.RequestsByName.Keys.Union(after.RequestsByName.Keys, StringComparer.Ordinal)
            .Select(name => new EndpointPair(name, before.RequestsByName.GetValueOrDefault(name), after.RequestsByName.GetValueOrDefault(name))),
        new("all requests", before.Summary, after.Summary, IsTotal: true),
    ];

    /// <summary>The metrics of a comparison that any of these has.</summary>
    public static IReadOnlyList<Metric> KnownMetrics(IReadOnlyList<EndpointPair> pairs) =>
        [.. Metric.Compared.Where(metric => pairs.Any(pair => Knows(pair.Before, metric) || Knows(pair.After, metric)))];

    private static bool Knows(RequestSummary? summary, Metric metric) => summary is not null && metric.Of(summary) is not null;
}
