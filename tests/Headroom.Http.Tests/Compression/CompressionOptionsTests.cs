using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Http.Tests.Compression;

public sealed class CompressionOptionsTests
{
    [Fact]
    public void Options_Nothing_AreTheDefaults()
    {
        var options = Read([]);
        Assert.True(options.Enabled);
        Assert.Equal(1024, options.MinimumBytes);
        Assert.Equal(["br", "gzip"], options.Codings);
        Assert.True(options.EnableForHttps);
        Assert.False(options.DebugHeaders);
        Assert.True(options.DecodeRequests);
        Assert.Equal(30_000_000, options.MaxDecodedBytes);
    }

    [Fact]
    public void Options_Section_IsRead()
    {
        var options = Read(new()
        {
            ["Headroom:Compression:enabled"] = "false",
            ["Headroom:Compression:MinimumBytes"] = "0",
            ["Headroom:Compression:ContentTypes:0"] = "application/json",
            ["Headroom:Compression:Codings:0"] = "gzip",
            ["Headroom:Compression:MaxDecodedBytes"] = "1099511627776",
        });
        Assert.False(options.Enabled);
        Assert.Equal(0, options.MinimumBytes);
        Assert.Equal(["application/json"], options.ContentTypes);
        Assert.Equal(["gzip"], options.Codings);
        Assert.Equal(1L << 40, options.MaxDecodedBytes);
    }

    [Fact]
    public void Options_ManyMistakes_AreToldTogether()
    {
        var error = Assert.Throws<OptionsValidationException>(() => Read(new()
        {
            ["Headroom:Compression:Minimum"] = "1",
            ["Headroom:Compression:MinimumBytes"] = "-1",
            ["Headroom:Compression:Enabled"] = "perhaps",
            ["Headroom:Compression:MaxDecodedBytes"] = "0",
            ["Headroom:Compression:ContentTypes:0"] = "*/*",
            ["Headroom:Compression:Codings:0"] = "zstd",
            ["Headroom:Compression:DecodeRequests"] = "7",
        }));
        Assert.Equal(7, error.Failures.Count());
        Assert.Contains(error.Failures, failure => failure.StartsWith("'Headroom:Compression:Minimum' is not a setting; the settings are Enabled, MinimumBytes, ContentTypes, Codings,", StringComparison.Ordinal));
        Assert.Contains("'Headroom:Compression:Enabled' is 'perhaps'; write true or false.", error.Failures);
        Assert.Contains("Headroom:Compression:MinimumBytes is -1; allowed are 0 to 1048576.", error.Failures);
        Assert.Contains("Headroom:Compression:MaxDecodedBytes is 0; allowed are 1 to 1099511627776.", error.Failures);
        Assert.Contains("Headroom:Compression:Codings:0 is 'zstd'; write 'br' or 'gzip'.", error.Failures);
        Assert.Contains(error.Failures, failure => failure.StartsWith("Headroom:Compression:ContentTypes:0 is '*/*'; write a media type", StringComparison.Ordinal));
    }

    [Fact]
    public void Options_TextForAList_IsToldWithTheList()
    {
        var error = Assert.Throws<OptionsValidationException>(() => Read(new() { ["Headroom:Compression:Codings"] = "br" }));
        Assert.Contains("'Headroom:Compression:Codings' is the text 'br'; write a list, for example [ \"br\" ].", error.Failures);
    }

    [Fact]
    public void Options_EmptyCodings_AreRefused()
    {
        var error = Assert.Throws<OptionsValidationException>(() => Read([], options => options.Codings.Clear()));
        Assert.Contains(error.Failures, failure => failure.Contains("Codings is empty", StringComparison.Ordinal));
    }

    static CompressionOptions Read(Dictionary<string, string?> settings, Action<CompressionOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        services.AddHeadroomCompression(configure);
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<CompressionOptions>>().Value;
    }
}
