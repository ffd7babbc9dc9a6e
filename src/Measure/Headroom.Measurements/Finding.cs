using System.Text.Json.Serialization;

namespace Headroom.Measurements;

/// <summary>
/// Something a person should know and can act on: a warning of a load run, an audit result, a bottleneck of a profile.
/// Every <see cref="Code"/> has its page in docs/findings.
/// </summary>
public sealed record Finding
{
    /// <summary>Stable, kebab-case: <c>generator-saturated</c>.</summary>
    public required string Code { get; init; }

    public FindingSeverity Severity { get; set; } = FindingSeverity.Warning;

    /// <summary>One sentence: what was found.</summary>
    public required string Summary { get; init; }

    /// <summary>The summary under the name that the run file's contract gives it.</summary>
    public string Message => Summary;

    /// <summary>What it was concluded from, one fact a line.</summary>
    public IReadOnlyList<string> Evidence { get; init => field = value ?? []; } = [];

    public FindingImpact? Impact { get; init; }

    /// <summary>One sentence: what to do.</summary>
    public required string Remedy { get; init; }

    /// <summary>Path of the page in docs/.</summary>
    public string? Docs { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<FindingSeverity>))]
public enum FindingSeverity
{
    [JsonStringEnumMemberName("info")]
    Info,

    [JsonStringEnumMemberName("warning")]
    Warning,

    [JsonStringEnumMemberName("critical")]
    Critical,
}

/// <summary>How much it matters, and how that is known.</summary>
public sealed record FindingImpact
{
    public required double Value { get; init; }

    public required string Unit { get; init; }

    /// <summary>Where the value comes from: <c>measured</c>, <c>estimated</c>.</summary>
    public required string Basis { get; init; }
}
