namespace Headroom.Load;

/// <summary>The target's own metrics that a run reads: Prometheus text, fetched once when measuring begins and once when it has ended.</summary>
public sealed record MetricsScrape
{
    /// <summary>Where the metrics are, absolute; http or https.</summary>
    public required Uri Url { get; init; }

    /// <summary>Figures to make of them, which targets judge by <c>metric{name}</c>.</summary>
    public required IReadOnlyList<ScrapedMetric> Metrics { get; init; }
}

/// <summary>A figure made of the target's metrics: a gauge, a counter's increase, or an increase over others.</summary>
public sealed record ScrapedMetric
{
    /// <summary>What targets call it.</summary>
    public required string Name { get; init; }

    /// <summary>Series whose values at the end are added up; exclusive with <see cref="Increase"/>.</summary>
    public SeriesSelector? Gauge { get; init; }

    /// <summary>Counters whose growth while measuring is added up.</summary>
    public SeriesSelector? Increase { get; init; }

    /// <summary>Counters by whose growth, added up, <see cref="Increase"/> is divided; empty leaves it as it is.</summary>
    public IReadOnlyList<SeriesSelector> Over { get; init; } = [];
}

/// <summary>Series of one name that have all of these labels, as Prometheus writes it: <c>name{label="value"}</c>.</summary>
public sealed record SeriesSelector
{
    /// <summary>The metric's name in the exposition, <c>_total</c> and the like included.</summary>
    public required string Name { get; init; }

    /// <summary>Labels that a series must have, with these values; it may have others.</summary>
    public IReadOnlyList<(string Name, string Value)> Labels { get; init; } = [];

    public override string ToString() =>
        Labels.Count == 0 ? Name : $"{Name}{{{string.Join(",", Labels.Select(label => $"{label.Name}=\"{label.Value}\""))}}}";
}
