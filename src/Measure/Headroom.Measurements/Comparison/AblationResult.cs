namespace Headroom.Measurements.Comparison;

/// <summary>What each of several switches is worth: turned on alone, and turned on last.</summary>
public sealed record AblationResult
{
    /// <summary>Name of the variant with every switch off.</summary>
    public const string PlainVariant = "plain";

    /// <summary>Name of the variant with every switch on.</summary>
    public const string AllVariant = "all";

    /// <summary>Blocks, each with one run of every variant.</summary>
    public required int Blocks { get; init; }

    /// <summary>The smallest change that matters, a fraction.</summary>
    public required double Threshold { get; init; }

    /// <summary>The metric that the switches are ordered by: CPU per request, or p50 where no process was seen.</summary>
    public required ComparedMetric OrderedBy { get; init; }

    /// <summary>From every switch off to every switch on.</summary>
    public required IReadOnlyList<MetricComparison> All { get; init; }

    /// <summary>The one that saves most first.</summary>
    public required IReadOnlyList<SwitchWorth> Switches { get; init; }

    public IReadOnlyList<Finding> Findings { get; init => field = value ?? []; } = [];

    /// <summary>Name of the variant with this switch alone.</summary>
    public static string Alone(string name) => $"+ {name}";

    /// <summary>Name of the variant with all but this switch.</summary>
    public static string Without(string name) => $"− {name}";
}

/// <summary>What turning one switch on changes, by metric.</summary>
public sealed record SwitchWorth
{
    public required string Name { get; init; }

    /// <summary>On top of plain, where it is the only one: before is plain.</summary>
    public required IReadOnlyList<MetricComparison> Alone { get; init; }

    /// <summary>On top of all others: before is all without it. What is lost when it is taken away.</summary>
    public required IReadOnlyList<MetricComparison> Last { get; init; }
}
