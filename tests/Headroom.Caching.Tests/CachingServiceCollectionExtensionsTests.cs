using System.Diagnostics.Metrics;
using System.Text;
using Headroom.Caching.Tests.Distributed;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Caching.Tests;

public sealed class CachingServiceCollectionExtensionsTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static ServiceProvider Services(string? json = null, Action<CachingOptions>? configure = null, Action<IServiceCollection>? further = null)
    {
        var services = new ServiceCollection();
        if (json is not null)
            services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build());
        further?.Invoke(services);
        return services.AddHeadroomCaching(configure).BuildServiceProvider();
    }

    [Fact]
    public async Task AddHeadroomCaching_HybridCacheAndIHeadroomCache_AreOneCache()
    {
        await using var services = Services();
        await services.GetRequiredService<HybridCache>().SetAsync("key", "value", cancellationToken: Cancellation);
        var cache = services.GetRequiredService<IHeadroomCache>();
        Assert.True(cache.TryGet<string>("key", out _));
        Assert.Same(services.GetRequiredService<HybridCache>(), cache.AsHybridCache());
        Assert.Equal("default", cache.Name);
    }

    [Theory]
    [InlineData("auth")]
    [InlineData("query")]
    [InlineData("response")]
    [InlineData("rate-limit")]
    public async Task AddHeadroomCaching_NamedCaches_AreApart(string name)
    {
        await using var services = Services();
        var named = services.GetRequiredKeyedService<HybridCache>(name);
        await named.SetAsync("key", name, cancellationToken: Cancellation);
        Assert.Same(named, services.GetRequiredKeyedService<IHeadroomCache>(name).AsHybridCache());
        Assert.False(services.GetRequiredService<IHeadroomCache>().TryGet<string>("key", out _));
        Assert.Equal(TimeSpan.FromSeconds(60), services.GetRequiredService<IOptions<CachingOptions>>().Value.Caches["auth"].Expiration);
    }

    [Fact]
    public void AddHeadroomCaching_UnknownName_SaysWhichThereAre()
    {
        using var services = Services();
        var error = Assert.Throws<InvalidOperationException>(() => services.GetRequiredKeyedService<HybridCache>("autth"));
        Assert.Contains("There is no cache 'autth'; there are 'default', 'auth', 'query', 'rate-limit', 'response'.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_Configuration_IsRead()
    {
        using var services = Services("""
            { "Headroom": { "Caching": { "Default": { "MaxBytes": "1048576", "EagerRefresh": 0.5 }, "Caches": { "auth": { "Expiration": "00:00:30" }, "mine": { "ReuseInstances": true } },
              "Distributed": { "ReadTimeout": "00:00:00.05" }, "UseDistributed": false } } }
            """);
        var options = services.GetRequiredService<IOptions<CachingOptions>>().Value;
        Assert.Equal(1_048_576, options.Default.MaxBytes);
        Assert.Equal(0.5, options.Default.EagerRefresh);
        Assert.Equal(TimeSpan.FromSeconds(30), options.Caches["auth"].Expiration);
        Assert.Equal(0.8, options.Caches["auth"].EagerRefresh);
        Assert.True(options.Caches["mine"].ReuseInstances);
        Assert.Equal(TimeSpan.FromMilliseconds(50), options.Distributed.ReadTimeout);
        Assert.False(options.UseDistributed);
    }

    [Fact]
    public void Options_SeveralWrong_AreNamedTogether()
    {
        using var services = Services(
            """{ "Headroom": { "Caching": { "Default": { "MaxEntries": "many", "Expirations": "00:01" }, "Caches": { "x": {}, "auth": { "FailSafe": "00:90:00" } }, "Defaut": 1, "Distributed": { "FailuresToOpen": 0 } } } }""",
            options =>
            {
                options.Default.EagerRefresh = 2;
                options.Default.SlidingExpiration = TimeSpan.FromSeconds(1);
                options.Caches["auth"].Expiration = TimeSpan.Zero;
                options.Caches["response"].LeaseDuration = TimeSpan.FromMilliseconds(1);
                options.Caches["query"].FactorySoftTimeout = TimeSpan.FromSeconds(1);
            });
        var message = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IHeadroomCache>()).Message;
        foreach (var part in new[]
        {
            "'Headroom:Caching:Default:MaxEntries' is 'many'; write a number.", "'Headroom:Caching:Caches:auth:FailSafe' is '00:90:00'; write a time as", "'Headroom:Caching:Default:Expirations' is not a setting", "'Headroom:Caching:Defaut' is not a setting",
            "Headroom:Caching:Caches:x is not a name", "Headroom:Caching:Default:EagerRefresh is 2", "are both given", "Headroom:Caching:Caches:auth:Expiration is 00:00:00",
            "FactorySoftTimeout is given without FailSafe", "FailuresToOpen", "Headroom:Caching:Caches:response:LeaseDuration is 00:00:00.0010000; allowed are",
        })
            Assert.Contains(part, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("300", "300 days")]
    [InlineData("24:00:00", "24 days")]
    [InlineData("90:00", "90 days")]
    [InlineData("-1", "-1 days")]
    public void Options_TimeThatDotNetReadsAsDays_IsRefused(string written, string meaning)
    {
        using var services = Services($$"""{ "Headroom": { "Caching": { "Default": { "Expiration": "{{written}}" } } } }""");
        var message = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IHeadroomCache>()).Message;
        Assert.Equal(
            $"'Headroom:Caching:Default:Expiration' is '{written}', which would be {meaning}; write a time as hours:minutes:seconds or days.hours:minutes:seconds, for example 00:05:00 or 1.00:00:00.", message);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("00:00:00", 0)]
    [InlineData("23:59:59", 86_399)]
    [InlineData("1.00:00:00", 86_400)]
    [InlineData("00:00:01.5", 1.5)]
    public void Options_TimesAsMeant_AreRead(string written, double seconds)
    {
        using var services = Services($$"""{ "Headroom": { "Caching": { "Default": { "FailSafe": "{{written}}" } } } }""");
        Assert.Equal(seconds, services.GetRequiredService<IOptions<CachingOptions>>().Value.Default.FailSafe.TotalSeconds);
    }

    [Fact]
    public void Options_DistributedOutOfBounds_SaysWhatWasFoundAndIsAllowed()
    {
        using var services = Services("""{ "Headroom": { "Caching": { "Distributed": { "ReadTimeout": "00:02:00" } } } }""");
        var message = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IHeadroomCache>()).Message;
        Assert.StartsWith("Headroom:Caching:Distributed:ReadTimeout is 00:02:00. ", message, StringComparison.Ordinal);
        Assert.Contains("00:00:00.0010000 and 00:01:00", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public void CoalesceAcrossNodes_NoStoreThatGrantsLeases_IsSaidInTheLog(bool coalesce, int warnings)
    {
        var log = new Warnings();
        using var services = Services(
            configure: options => options.Default.CoalesceAcrossNodes = coalesce,
            further: collection => collection.AddLogging(logging => logging.AddProvider(log)));
        services.GetRequiredService<IHeadroomCache>();
        Assert.Equal(warnings, log.Texts.Count(text => text.Contains("'default' is to coalesce across nodes", StringComparison.Ordinal)));
    }

    sealed class Warnings : ILoggerProvider, ILogger
    {
        public List<string> Texts { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Texts.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }

    [Fact]
    public async Task AddHeadroomCaching_WithAStore_IsTheSecondTier()
    {
        var store = new MemoryStore(TimeProvider.System);
        await using var services = Services(further: collection => collection.AddSingleton<IDistributedStore>(store));
        await services.GetRequiredService<HybridCache>().SetAsync("key", "value", cancellationToken: Cancellation);
        await services.GetRequiredKeyedService<HybridCache>("auth").SetAsync("key", "value", cancellationToken: Cancellation);
        Assert.Contains("headroom:e:{key}", store.Keys);
        Assert.Contains("headroom:auth:e:{key}", store.Keys);
    }

    [Fact]
    public async Task AddHeadroomCaching_WithTheFrameworksInMemoryDistributedCache_ItIsNoSecondTier()
    {
        await using var services = Services(further: collection => collection.AddDistributedMemoryCache());
        await services.GetRequiredService<HybridCache>().SetAsync("key", "value", cancellationToken: Cancellation);
        Assert.Null(await services.GetRequiredService<IDistributedCache>().GetAsync("headroom:e:{key}", Cancellation));
    }

    [Fact]
    public async Task Metrics_LookUps_AreObserved()
    {
        await using var services = Services();
        var cache = services.GetRequiredService<HybridCache>();
        await cache.GetOrCreateAsync("key", _ => new ValueTask<int>(1), cancellationToken: Cancellation);
        await cache.GetOrCreateAsync("key", _ => new ValueTask<int>(1), cancellationToken: Cancellation);
        var seen = new Dictionary<string, long>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, each) =>
            {
                if (instrument.Meter.Scope == services.GetRequiredService<IMeterFactory>())
                    each.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => seen[$"{instrument.Name} {string.Join(' ', tags.ToArray().Select(tag => tag.Value))}"] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.Equal(1, seen["headroom.cache.hits default l1"]);
        Assert.Equal(1, seen["headroom.cache.misses default"]);
        Assert.Equal(1, seen["headroom.cache.entries default"]);
    }
}
