namespace ReferenceApi.Hosting;

/// <summary>The optimisations that can be switched, one by one, under <c>Headroom:Features</c>. What each does stands in docs/reference-api.md.</summary>
internal enum Feature
{
    Compression,
    ResponseCache,
    Indexes,
    Pooling,
    PreparedStatements,
    ConditionalRequests,
    QueryCache,
    ApiKeyCache,
    Streaming,
    Limits,
}

/// <summary>Whose parts make the features Compression, ResponseCache and ConditionalRequests.</summary>
internal enum HttpParts
{
    /// <summary>Headroom.Http's.</summary>
    Headroom,

    /// <summary>ASP.NET Core's output cache and response compression, with Headroom's ETags.</summary>
    Framework,
}

/// <summary>Which features are on.</summary>
internal sealed class FeatureSet
{
    public const string SectionName = "Headroom:Features";
    public const string PartsName = "ReferenceApi:HttpParts";

    private static readonly string[] Names = Enum.GetNames<Feature>();

    private readonly HashSet<Feature> enabled;

    public FeatureSet(params IEnumerable<Feature> enabled) => this.enabled = [.. enabled];

    public static IReadOnlyList<Feature> All { get; } = Enum.GetValues<Feature>();

    public HttpParts Parts { get; init; }

    /// <summary><c>plain</c> with none, <c>tuned</c> with all, <c>framework</c> with all of which the framework makes what it can, else <c>custom</c>.</summary>
    public string Label => enabled.Count == 0 ? "plain" : enabled.Count < All.Count ? "custom" : Parts == HttpParts.Framework ? "framework" : "tuned";

    public bool this[Feature feature] => enabled.Contains(feature);

    /// <summary>Reads the switches; a feature that the configuration does not name is off. All mistakes are reported together.</summary>
    public static FeatureSet Read(IConfiguration configuration)
    {
        var switchedOn = new List<Feature>();
        var mistakes = new List<string>();
        foreach (var entry in configuration.GetSection(SectionName).GetChildren())
        {
            var index = Array.FindIndex(Names, name => name.Equals(entry.Key, StringComparison.OrdinalIgnoreCase));
            if (index < 0)
                mistakes.Add($"{SectionName}:{entry.Key} is not a feature; the features are {string.Join(", ", Names)}.");
            else if (!bool.TryParse(entry.Value, out var on))
                mistakes.Add($"{SectionName}:{Names[index]} is '{entry.Value}'; write true or false.");
            else if (on)
                switchedOn.Add(Enum.Parse<Feature>(Names[index]));
        }

        var parts = HttpParts.Headroom;
        if (configuration[PartsName] is { } given && (!Enum.TryParse(given, ignoreCase: true, out parts) || !Enum.IsDefined(parts) || char.IsAsciiDigit(given[0])))
            mistakes.Add($"{PartsName} is '{given}'; write {string.Join(" or ", Enum.GetNames<HttpParts>())}.");

        if (mistakes.Count > 0)
            throw new StartupException(string.Join(Environment.NewLine, mistakes), exitCode: ExitCode.Usage);

        return new FeatureSet(switchedOn) { Parts = parts };
    }
}
