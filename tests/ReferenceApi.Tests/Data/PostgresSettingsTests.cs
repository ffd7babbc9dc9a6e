using ReferenceApi.Data;
using ReferenceApi.Data.Postgres;
using ReferenceApi.Hosting;

namespace ReferenceApi.Tests.Data;

public sealed class PostgresSettingsTests
{
    private const string Address = "Host=db;Database=d";

    [Fact]
    public void Settings_OfPlain_AreTheLibrarysDefaults()
    {
        var settings = PostgresDatabase.Settings(Address, "s", new FeatureSet());

        Assert.Equal(100, settings.MaxPoolSize);
        Assert.Equal(0, settings.MaxAutoPrepare);
        Assert.False(settings.NoResetOnClose);
        Assert.True(settings.Pooling);
        Assert.Equal("s", settings.SearchPath);
    }

    [Fact]
    public void Settings_OfTuned_BoundThePoolAndPrepare()
    {
        var settings = PostgresDatabase.Settings(Address, "s", new FeatureSet(FeatureSet.All));

        Assert.Equal(Math.Max(8, 4 * Environment.ProcessorCount), settings.MaxPoolSize);
        Assert.Equal(128, settings.MaxAutoPrepare);
        Assert.True(settings.NoResetOnClose);
    }

    [Fact]
    public void Settings_ThatTheConnectionStringMakesItself_Stay()
    {
        var settings = PostgresDatabase.Settings(Address + ";Maximum Pool Size=3;Max Auto Prepare=5;No Reset On Close=false", "s", new FeatureSet(FeatureSet.All));

        Assert.Equal(3, settings.MaxPoolSize);
        Assert.Equal(5, settings.MaxAutoPrepare);
        Assert.False(settings.NoResetOnClose);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void Parse_OfNothing_IsSqlite(string? connectionString) =>
        Assert.Null(DatabaseAddress.Parse(connectionString).PostgresConnectionString);

    [Fact]
    public void Parse_OfAHost_IsPostgres() => Assert.Equal(Address, DatabaseAddress.Parse(Address).PostgresConnectionString);
}
