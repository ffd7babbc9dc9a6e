using System.Buffers;
using System.Text;
using Headroom.Redis.Tests.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Redis.Tests.DistributedCaching;

public sealed class RedisDistributedCacheTests : IAsyncLifetime
{
    readonly string prefix = $"dc:{Guid.NewGuid():n}:";
    ServiceProvider services = null!;
    IBufferDistributedCache cache = null!;
    RedisClient redis = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        services = new ServiceCollection()
            .AddHeadroomRedis($"{Require.Redis()},asyncTimeout=20000")
            .AddHeadroomRedisDistributedCache(options => options.InstanceName = prefix)
            .BuildServiceProvider();
        cache = Assert.IsAssignableFrom<IBufferDistributedCache>(services.GetRequiredService<IDistributedCache>());
        redis = services.GetRequiredService<RedisClient>();
        return default;
    }

    public ValueTask DisposeAsync() => services is null ? default : services.DisposeAsync();

    [Fact]
    public async Task Buffers_SequencesOfSeveralParts_ComeBack()
    {
        var first = new Part(Encoding.ASCII.GetBytes("hello "), null);
        var last = new Part(Encoding.ASCII.GetBytes("world"), first);
        await cache.SetAsync("k", new ReadOnlySequence<byte>(first, 0, last, 5), new DistributedCacheEntryOptions(), Cancellation);
        var written = new ArrayBufferWriter<byte>();
        Assert.True(await cache.TryGetAsync("k", written, Cancellation));
        Assert.Equal("hello world", Encoding.ASCII.GetString(written.WrittenSpan));
        cache.Set("k2", new ReadOnlySequence<byte>([1, 2]), new DistributedCacheEntryOptions());
        Assert.True(cache.TryGet("k2", written));
        Assert.False(cache.TryGet("none", written));
        Assert.Equal(13, written.WrittenCount);
    }

    [Fact]
    public async Task Absolute_InThePast_Refused() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => cache.SetAsync("k", [1], new DistributedCacheEntryOptions { AbsoluteExpiration = DateTimeOffset.UtcNow.AddSeconds(-1) }, Cancellation));

    [Fact]
    public async Task SlidingAndAbsolute_Together_TheEarlierCounts()
    {
        await cache.SetAsync("k", [1], new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMinutes(10), AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) }, Cancellation);
        Assert.InRange((await redis.TimeToLiveAsync(prefix + "k", Cancellation))!.Value.TotalSeconds, 50, 60);
        await cache.GetAsync("k", Cancellation);
        Assert.InRange((await redis.TimeToLiveAsync(prefix + "k", Cancellation))!.Value.TotalSeconds, 50, 60);

        await cache.SetAsync("k", [1], new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromSeconds(30), AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(10) }, Cancellation);
        await cache.GetAsync("k", Cancellation);
        Assert.InRange((await redis.TimeToLiveAsync(prefix + "k", Cancellation))!.Value.TotalSeconds, 25, 30);

        // An entry without an end replaces all that one with an end had.
        await cache.SetAsync("k", [1], new DistributedCacheEntryOptions(), Cancellation);
        await cache.GetAsync("k", Cancellation);
        Assert.Equal(Timeout.InfiniteTimeSpan, await redis.TimeToLiveAsync(prefix + "k", Cancellation));
    }

    [Fact]
    public async Task Entry_AsMicrosoftsCacheWritesIt_ReadAndProlonged()
    {
        // HSET absexp sldexp data and EXPIRE, as Microsoft.Extensions.Caching.StackExchangeRedis sends them.
        await redis.ExecuteAsync("HSET", prefix + "theirs", "absexp", DateTimeOffset.UtcNow.AddHours(1).Ticks, "sldexp", TimeSpan.FromMinutes(5).Ticks, "data", "value");
        await redis.ExecuteAsync("EXPIRE", prefix + "theirs", 10);
        Assert.Equal("value", Encoding.ASCII.GetString((await cache.GetAsync("theirs", Cancellation))!));
        Assert.InRange((await redis.TimeToLiveAsync(prefix + "theirs", Cancellation))!.Value.TotalSeconds, 290, 300);

        await cache.SetAsync("ours", Encoding.ASCII.GetBytes("value"), new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMinutes(5) }, Cancellation);
        var fields = await redis.HashGetAllAsync(prefix + "ours", Cancellation);
        Assert.Equal(["absexp", "data", "sldexp"], fields.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("-1", "3000000000", "value"), (Text(fields["absexp"]), Text(fields["sldexp"]), Text(fields["data"])));
    }

    [Fact]
    public async Task Session_OfAspNet_KeptInRedis()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddHeadroomRedis(Require.Redis()).AddHeadroomRedisDistributedCache(options => options.InstanceName = prefix);
        builder.Services.AddSession();
        await using var app = builder.Build();
        app.UseSession();
        app.MapGet("/", (HttpContext context) =>
        {
            var count = (context.Session.GetInt32("count") ?? 0) + 1;
            context.Session.SetInt32("count", count);
            return count;
        });
        await app.StartAsync(Cancellation);
        using var browser = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        Assert.Equal("1", await browser.GetStringAsync("/", Cancellation));
        Assert.Equal("2", await browser.GetStringAsync("/", Cancellation));
    }

    [Fact]
    public void AddHeadroomRedis_WrongConnectionString_AllErrorsAtStart()
    {
        using var wrong = new ServiceCollection().AddHeadroomRedis("a:0,ssl=x").BuildServiceProvider();
        var error = Assert.Throws<OptionsValidationException>(() => wrong.GetRequiredService<RedisClient>());
        Assert.Equal(2, error.Failures.Count());
    }

    static string Text(byte[] bytes) => Encoding.ASCII.GetString(bytes);

    sealed class Part : ReadOnlySequenceSegment<byte>
    {
        public Part(byte[] bytes, Part? before)
        {
            Memory = bytes;
            if (before is null)
                return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
