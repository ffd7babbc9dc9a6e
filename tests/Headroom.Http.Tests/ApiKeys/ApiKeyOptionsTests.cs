using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Http.Tests.ApiKeys;

public sealed class ApiKeyOptionsTests
{
    [Fact]
    public void Options_OutOfBounds_AreAllToldInOneMessage()
    {
        var failed = Assert.Throws<OptionsValidationException>(() => Options(
            ("Prefix", "Live-"), ("AcceptedPrefixes:0", "x"), ("MaxUnknownKeys", "99"), ("UnknownLookupsPerSecond", "0"), ("UnknownLookupsPerSecondPerAddress", "100001"), ("UnknownKeyLifetime", "00:10:01"),
            ("UsageInterval", "00:00:00.5"), ("RotationOverlap", "91.00:00:00"), ("Pepper", "x"), ("UseCache", "maybe")));

        string[] expected =
        [
            "'Headroom:ApiKeys:Pepper' is not a setting; the settings are Prefix, AcceptedPrefixes, RefuseInvalidKeys, UseCache, UnknownKeyLifetime, MaxUnknownKeys, UnknownLookupsPerSecond, UnknownLookupsPerSecondPerAddress, RecordUsage, UsageInterval, RotationOverlap, PrepareStore.",
            "'Headroom:ApiKeys:UseCache' is 'maybe'; write true or false.",
            "Headroom:ApiKeys:Prefix is 'Live-'; write 2 to 24 lower-case letters, digits and underscores, a letter first and an underscore last, for example 'hr_live_'.",
            "Headroom:ApiKeys:AcceptedPrefixes:0 is 'x'; write 2 to 24 lower-case letters, digits and underscores, a letter first and an underscore last, for example 'hr_live_'.",
            "Headroom:ApiKeys:MaxUnknownKeys is 99; allowed are 100 to 1000000.",
            "Headroom:ApiKeys:UnknownLookupsPerSecond is 0; allowed are 1 to 100000.",
            "Headroom:ApiKeys:UnknownLookupsPerSecondPerAddress is 100001; allowed are 1 to 100000.",
            "Headroom:ApiKeys:UnknownKeyLifetime is 00:10:01; allowed are 00:00:01 to 00:10:00.",
            "Headroom:ApiKeys:UsageInterval is 00:00:00.5000000; allowed are 00:00:01 to 01:00:00.",
            "Headroom:ApiKeys:RotationOverlap is 91.00:00:00; allowed are 00:00:00 to 90.00:00:00.",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), failed.Failures.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Options_FromConfiguration_AreRead()
    {
        var options = Options(("Prefix", "acme_"), ("AcceptedPrefixes:0", "old_"), ("UnknownLookupsPerSecond", "7"), ("RotationOverlap", "00:05:00"));
        Assert.Equal(("acme_", "old_", 7, TimeSpan.FromMinutes(5)), (options.Prefix, options.AcceptedPrefixes.Single(), options.UnknownLookupsPerSecond, options.RotationOverlap));
    }

    static ApiKeyOptions Options(params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"Headroom:ApiKeys:{setting.Name}", (string?)setting.Value))).Build();
        using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddHeadroomApiKeys().AddHeadroomApiKeys().BuildServiceProvider();
        return services.GetRequiredService<IOptions<ApiKeyOptions>>().Value;
    }
}
