using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Telemetry.Tests;

public sealed class TelemetryOptionsTests
{
    [Fact]
    public void Options_NoConfiguration_AreTheDefaults()
    {
        var options = Read([]);
        Assert.Equal(["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime", "Headroom.*"], options.Meters);
        Assert.Equal(2_000, options.MaxSeriesPerInstrument);
        Assert.Equal(1_024, options.MaxLabelValueLength);
        Assert.Empty(options.HistogramBoundaries);
    }

    [Fact]
    public void Options_Configuration_ReplacesAndCodeExtends()
    {
        var options = Read(
            new()
            {
                ["Headroom:Telemetry:Meters:0"] = "Npgsql",
                ["headroom:telemetry:maxseriesperinstrument"] = "100000",
                ["Headroom:Telemetry:MaxLabelValueLength"] = "16",
                ["Headroom:Telemetry:HistogramBoundaries:s:0"] = "0.5",
                ["Headroom:Telemetry:HistogramBoundaries:s:1"] = "1",
                ["Headroom:Telemetry:HistogramBoundaries:http.server.request.duration:0"] = "2e-3",
            },
            options => options.Meters.Add("MyApp"));
        Assert.Equal(["Npgsql", "MyApp"], options.Meters);
        Assert.Equal(100_000, options.MaxSeriesPerInstrument);
        Assert.Equal(16, options.MaxLabelValueLength);
        Assert.Equal([0.5, 1], options.HistogramBoundaries["s"]);
        Assert.Equal([0.002], options.HistogramBoundaries["http.server.request.duration"]);
    }

    [Fact]
    public void Options_ManyErrors_AreReportedTogether()
    {
        var error = Assert.Throws<OptionsValidationException>(() => Read(new()
        {
            ["Headroom:Telemetry:Meters:0"] = "two words",
            ["Headroom:Telemetry:Meters:1"] = "a*b",
            ["Headroom:Telemetry:Meters:2"] = "",
            ["Headroom:Telemetry:ExcludedInstruments:0"] = "Npgsql",
            ["Headroom:Telemetry:ExcludedInstruments:1"] = "Npgsql/db.client.operation.duration",
            ["Headroom:Telemetry:MaxSeriesPerInstrument"] = "0",
            ["Headroom:Telemetry:MaxLabelValueLength"] = "many",
            ["Headroom:Telemetry:MaxSeries"] = "7",
            ["Headroom:Telemetry:SlowRequestThreshold"] = "00:00:00",
            ["Headroom:Telemetry:ServerTiming"] = "perhaps",
            ["Headroom:Telemetry:HealthCachedFor"] = "300",
            ["Headroom:Telemetry:DrainDelay"] = "00:05:01",
            ["Headroom:Telemetry:HistogramBoundaries:s:0"] = "1",
            ["Headroom:Telemetry:HistogramBoundaries:s:1"] = "0.5",
            ["Headroom:Telemetry:HistogramBoundaries:By:0"] = "NaN",
            ["Headroom:Telemetry:HistogramBoundaries:ms:0"] = "1,5",
            ["Headroom:Telemetry:HistogramBoundaries:none"] = "",
        }));

        string[] expected =
        [
            "'Headroom:Telemetry:MaxSeries' is not a setting; the settings are Meters, ExcludedInstruments, MaxSeriesPerInstrument, MaxLabelValueLength, Exemplars, HistogramBoundaries, SlowRequestThreshold, ServerTiming, HealthCachedFor and DrainDelay.",
            "'Headroom:Telemetry:MaxLabelValueLength' is 'many'; write a whole number.",
            "'Headroom:Telemetry:HistogramBoundaries:ms:0' is '1,5'; write a number such as 0.25.",
            "Headroom:Telemetry:Meters:0 is 'two words'; write a meter's name without spaces, a prefix such as 'MyApp.*', or '*'.",
            "Headroom:Telemetry:Meters:1 is 'a*b'; write a meter's name without spaces, a prefix such as 'MyApp.*', or '*'.",
            "Headroom:Telemetry:Meters:2 is ''; write a meter's name without spaces, a prefix such as 'MyApp.*', or '*'.",
            "Headroom:Telemetry:ExcludedInstruments:0 is 'Npgsql'; write METER/INSTRUMENT, for example 'Npgsql/db.client.operation.duration'.",
            "Headroom:Telemetry:MaxSeriesPerInstrument is 0; allowed are 1 to 100000.",
            "'Headroom:Telemetry:ServerTiming' is 'perhaps'; write true or false.",
            "'Headroom:Telemetry:HealthCachedFor' is '300'; write a time as hours:minutes:seconds, for example 00:00:01.5.",
            "Headroom:Telemetry:SlowRequestThreshold is 00:00:00; allowed are 00:00:00.0010000 to 1.00:00:00.",
            "Headroom:Telemetry:DrainDelay is 00:05:01; allowed are 00:00:00 to 00:05:00.",
            "Headroom:Telemetry:HistogramBoundaries:s:1 is 0.5 after 1; write the boundaries in ascending order, each once.",
            "Headroom:Telemetry:HistogramBoundaries:By:0 is NaN; write a finite number (the +Inf bucket is always there).",
            "Headroom:Telemetry:HistogramBoundaries:none has 0 boundaries; allowed are 1 to 200.",
        ];
        Assert.All(expected, message => Assert.Contains(message, error.Failures));
        Assert.Equal(expected.Length + 1, error.Failures.Count()); // and ms has no boundary left
    }

    [Theory]
    [InlineData(100_001, 1_024)]
    [InlineData(-1, 1_024)]
    [InlineData(1, 15)]
    [InlineData(1, 65_537)]
    public void Options_OutOfBounds_AreRefused(int series, int length) =>
        Assert.Throws<OptionsValidationException>(() => Read([], options =>
        {
            options.MaxSeriesPerInstrument = series;
            options.MaxLabelValueLength = length;
        }));

    [Fact]
    public void Options_MetersAsOneText_SayHowToWriteAList() =>
        Assert.Contains(
            "'Headroom:Telemetry:Meters' is the text 'MyApp'; write a list, for example [ \"MyApp\", \"Npgsql\" ].",
            Assert.Throws<OptionsValidationException>(() => Read(new() { ["Headroom:Telemetry:Meters"] = "MyApp" })).Failures);

    [Fact]
    public async Task Start_InvalidOptions_StopsTheApplicationBeforeItListens()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => TelemetryApp.StartAsync(
            app => { },
            settings: new() { ["Headroom:Telemetry:MaxSeriesPerInstrument"] = "0", ["Headroom:Telemetry:Nonsense"] = "1" }));
        Assert.Equal(2, error.Failures.Count());
    }

    [Theory]
    [InlineData("Npgsql", "Npgsql", true)]
    [InlineData("npgsql", "Npgsql", true)]
    [InlineData("Npgsql", "Npgsql2", false)]
    [InlineData("Headroom.*", "Headroom.Caching", true)]
    [InlineData("Headroom.*", "Headroom", true)]
    [InlineData("Headroom.*", "Headrooms", false)]
    [InlineData("*", "anything", true)]
    public void MeterPattern_Matches(string pattern, string meter, bool expected)
    {
        Assert.True(MeterPattern.IsValid(pattern));
        Assert.Equal(expected, MeterPattern.Matches(pattern, meter));
    }

    [Theory]
    [InlineData(".*")]
    [InlineData("**")]
    [InlineData("a*")]
    [InlineData("a.*.b")]
    [InlineData("a b")]
    [InlineData("a\n")]
    public void MeterPattern_Malformed_IsInvalid(string pattern) => Assert.False(MeterPattern.IsValid(pattern));

    static TelemetryOptions Read(Dictionary<string, string?> settings, Action<TelemetryOptions>? configure = null)
    {
        using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
            .AddHeadroomTelemetry(configure)
            .BuildServiceProvider();
        return services.GetRequiredService<IOptions<TelemetryOptions>>().Value;
    }
}
