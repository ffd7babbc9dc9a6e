using Microsoft.Extensions.Configuration;
using ReferenceApi.Hosting;

namespace ReferenceApi.Tests.Hosting;

public sealed class FeatureSetTests
{
    [Fact]
    public void Read_OfNothing_IsPlain()
    {
        var features = Read();

        Assert.Equal("plain", features.Label);
        Assert.All(FeatureSet.All, feature => Assert.False(features[feature]));
    }

    [Fact]
    public void Read_OfAll_IsTuned() =>
        Assert.Equal("tuned", Read([.. FeatureSet.All.Select(feature => (feature.ToString(), "true"))]).Label);

    [Fact]
    public void Read_OfSome_IsCustomInAnyLetterCase()
    {
        var features = Read(("INDEXES", "True"), ("compression", "false"));

        Assert.Equal("custom", features.Label);
        Assert.True(features[Feature.Indexes]);
        Assert.False(features[Feature.Compression]);
    }

    [Fact]
    public void Read_OfUnknownNamesAndValues_NamesThemAllAndWhatIsKnown()
    {
        var exception = Assert.Throws<StartupException>(() => Read(("SemanticCache", "true"), ("Indexes", "yes"), ("2", "true"), ("Pooling", "true")));

        Assert.Equal(2, exception.ExitCode);
        Assert.Equal(
            [
                "Headroom:Features:2 is not a feature; the features are Compression, ResponseCache, Indexes, Pooling, PreparedStatements, ConditionalRequests, QueryCache, ApiKeyCache, Streaming, Limits.",
                "Headroom:Features:Indexes is 'yes'; write true or false.",
                "Headroom:Features:SemanticCache is not a feature; the features are Compression, ResponseCache, Indexes, Pooling, PreparedStatements, ConditionalRequests, QueryCache, ApiKeyCache, Streaming, Limits.",
            ],
            exception.Message.Split(Environment.NewLine).Order(StringComparer.Ordinal));
    }

    private static FeatureSet Read(params (string Name, string Value)[] switches) => FeatureSet.Read(new ConfigurationBuilder()
        .AddInMemoryCollection(switches.Select(entry => KeyValuePair.Create(FeatureSet.SectionName + ":" + entry.Name, (string?)entry.Value)))
        .Build());
}
