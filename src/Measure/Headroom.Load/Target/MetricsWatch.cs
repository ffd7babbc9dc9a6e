using Headroom.Load.Wire;
using Headroom.Measurements;

namespace Headroom.Load.Target;

/// <summary>Reads the target's own metrics twice, when measuring begins and when it has ended, and makes the plan's figures of the difference.</summary>
internal sealed class MetricsWatch : IDisposable
{
    private readonly MetricsScrape _scrape;
    private readonly MetricsEndpoint _endpoint;
    private Task<Exposition>? _first;

    private MetricsWatch(MetricsScrape scrape, MetricsEndpoint endpoint)
    {
        _scrape = scrape;
        _endpoint = endpoint;
    }

    /// <summary>Null when the plan asks for none.</summary>
    /// <param name="plan">What to read, and over which version of HTTP.</param>
    /// <param name="options">Certificates.</param>
    /// <param name="origins">Those of the load: the same host and port are connected to at the same address.</param>
    public static MetricsWatch? Create(LoadPlan plan, LoadOptions options, IReadOnlyList<Origin> origins) =>
        plan.Metrics is { } scrape ? new MetricsWatch(scrape, MetricsEndpoint.Create(scrape.Url, plan.Connections.Version, options, origins)) : null;

    /// <summary>Reads the counters as they stand when measuring begins; called again it does nothing.</summary>
    public Task BeginAsync() => _first ??= _endpoint.ReadAsync();

    /// <summary>Reads them again and tells what became of them.</summary>
    public async Task<IReadOnlyList<TargetMetric>> EndAsync()
    {
        var first = await (_first ?? _endpoint.ReadAsync());
        var last = await _endpoint.ReadAsync();
        return [.. _scrape.Metrics.Select(metric => Figure(metric, first, last))];
    }

    public void Dispose() => _endpoint.Dispose();

    private TargetMetric Figure(ScrapedMetric metric, Exposition first, Exposition last)
    {
        var missing = new TargetMetric { Name = metric.Name };
        if ((last.Problem ?? (metric.Gauge is null ? first.Problem : null)) is { } problem)
            return missing with { Reason = problem };
        if (metric.Gauge is { } gauge)
            return last.Samples!.Sum(gauge) is { } value ? missing with { Value = value } : missing with { Reason = NotThere(gauge) };

        // A counter that counts for the first time while measuring was 0 before. One that a restart set back has counted at least what it shows.
        double Grown(SeriesSelector series) =>
            (last.Samples!.Sum(series) ?? 0) - (first.Samples!.Sum(series) ?? 0) is var growth and >= 0 ? growth : last.Samples.Sum(series) ?? 0;
        var selectors = metric.Over.Append(metric.Increase!).ToArray();
        if (metric.Over.Count == 0 && last.Samples!.Sum(metric.Increase!) is null)
            return missing with { Reason = NotThere(metric.Increase!) };
        if (Array.TrueForAll(selectors, series => last.Samples!.Sum(series) is null))
            return missing with { Reason = NotThere(selectors[0]) };
        var increase = Grown(metric.Increase!);
        if (metric.Over.Count == 0)
            return missing with { Value = increase, Increase = increase };
        var over = metric.Over.Sum(Grown);
        return over > 0
            ? missing with { Value = increase / over, Increase = increase, Over = over }
            : missing with { Increase = increase, Over = 0, Reason = $"{string.Join(" and ", metric.Over)} did not grow while measuring" };
    }

    private string NotThere(SeriesSelector series) => $"{_scrape.Url} has no series {series}";
}
