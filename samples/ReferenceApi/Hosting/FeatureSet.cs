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
}

/// <summary>Which features are on.</summary>
internal sealed class FeatureSet
{
    public const string SectionName = "Headroom:Features";

    private static readonly string[] Names = Enum.GetNames<Feature>();

    private readonly HashSet<Feature> enabled;

    public FeatureSet(params IEnumerable<Feature> enabled) => this.enabled = [.. enabled];

    public static IReadOnlyList<Feature> All { get; } = Enum.GetValues<Feature>();

    /// <summary><c>plain</c> with none, <c>tuned</c> with all, else <c>custom</c>.</summary>
    public string Label => enabled.Count == 0 ? "plain" : enabled.Count == All.Count ? "tuned" : "custom";

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

        if (mistakes.Count > 0)
            throw new StartupException(string.Join(Environment.NewLine, mistakes), exitCode: ExitCode.Usage);

        return new FeatureSet(switchedOn);
    }
}
