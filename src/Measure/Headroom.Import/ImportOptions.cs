namespace Headroom.Import;

/// <summary>How a plan is made.</summary>
public sealed record ImportOptions
{
    /// <summary>The source's name in messages, usually its file name.</summary>
    public required string Source { get; init; }

    /// <summary>The plan's name, from which the names of files beside it are made.</summary>
    public required string Name { get; init; }

    /// <summary>What requests are sent to, instead of what the source says; null takes the source's.</summary>
    public Uri? Target { get; init; }

    /// <summary>Requests that may change data (POST, PUT, PATCH, DELETE) of an OpenAPI description are sent too. Default false: they stand in comments.</summary>
    public bool Writes { get; init; }

    /// <summary>Of a HAR and of a log: pictures, fonts, styles and scripts are taken too. Default false.</summary>
    public bool Assets { get; init; }
}
