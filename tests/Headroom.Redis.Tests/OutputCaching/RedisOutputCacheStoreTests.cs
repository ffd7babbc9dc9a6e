using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Headroom.Redis.Tests.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Redis.Tests.OutputCaching;

public sealed class RedisOutputCacheStoreTests
{
    readonly string prefix = $"oc:{Guid.NewGuid():n}:";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TwoApplications_OneStore_BothServeAndBothEvict()
    {
        var made = 0;
        await using var first = await StartAsync(() => Interlocked.Increment(ref made));
        await using var second = await StartAsync(() => Interlocked.Increment(ref made));
        Assert.Equal("1", await AskAsync(first, "/a"));
        Assert.Equal("1", await AskAsync(second, "/a"));
        Assert.Equal("2", await AskAsync(second, "/b"));
        await second.Services.GetRequiredService<IOutputCacheStore>().EvictByTagAsync("items", Cancellation);
        Assert.Equal("3", await AskAsync(first, "/a"));
        Assert.Equal("3", await AskAsync(second, "/a"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Entries_TagsAndExpiry_OverOneServerAndACluster(int masters)
    {
        await using var cluster = masters > 1 ? await RedisCluster.StartAsync(masters) : null;
        await using var services = Services(cluster?.Endpoints ?? Require.Redis());
        var store = Assert.IsAssignableFrom<IOutputCacheBufferStore>(services.GetRequiredService<IOutputCacheStore>());
        var redis = services.GetRequiredService<RedisClient>();
        for (var number = 0; number < 1100; number++)
            await store.SetAsync($"k{number}", Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)), number % 2 == 0 ? ["even", "all"] : ["all"], TimeSpan.FromMinutes(1), Cancellation);
        Assert.Equal("7", Encoding.ASCII.GetString((await store.GetAsync("k7", Cancellation))!));

        await store.EvictByTagAsync("even", Cancellation);
        Assert.Null(await store.GetAsync("k8", Cancellation));
        Assert.NotNull(await store.GetAsync("k7", Cancellation));
        await store.EvictByTagAsync("all", Cancellation);
        Assert.Null(await store.GetAsync("k7", Cancellation));
        await store.EvictByTagAsync("none", Cancellation);

        await store.SetAsync("short", new ReadOnlySequence<byte>([1, 2, 3]), new[] { "t" }, TimeSpan.FromMilliseconds(100), Cancellation);
        await Wait.UntilAsync(async () => await store.GetAsync("short", Cancellation) is null, "the entry's end");
        await store.SetAsync("long", [1], ["t"], TimeSpan.FromSeconds(30), Cancellation);
        // What is over has left its tag, and the tag lives a little longer than its longest entry.
        Assert.Equal(1, (await redis.ExecuteAsync("ZCARD", prefix + "tag:t")).AsInt64());
        await store.SetAsync("short", [1], ["t"], TimeSpan.FromSeconds(1), Cancellation);
        Assert.InRange((await redis.TimeToLiveAsync(prefix + "tag:t", Cancellation))!.Value.TotalSeconds, 20, 31);
        var pipe = new Pipe();
        Assert.True(await store.TryGetAsync("long", pipe.Writer, Cancellation));
        Assert.False(await store.TryGetAsync("none", pipe.Writer, Cancellation));
        await store.SetAsync("never", [1], null, TimeSpan.Zero, Cancellation);
        Assert.Null(await store.GetAsync("never", Cancellation));
    }

    async Task<WebApplication> StartAsync(Func<int> make)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddOutputCache();
        builder.Services.AddHeadroomRedis(Require.Redis()).AddHeadroomRedisOutputCache(options => options.KeyPrefix = prefix);
        var app = builder.Build();
        // The host differs by port and is part of the framework's key.
        app.Use((context, next) =>
        {
            context.Request.Host = new("example.test");
            return next(context);
        });
        app.UseOutputCache();
        app.MapGet("/{name}", (string name) => make()).CacheOutput(policy => policy.Tag("items").Expire(TimeSpan.FromMinutes(1)));
        await app.StartAsync(Cancellation);
        return app;
    }

    ServiceProvider Services(string endpoints) => new ServiceCollection()
        .AddHeadroomRedis($"{endpoints},asyncTimeout=20000")
        .AddHeadroomRedisOutputCache(options => options.KeyPrefix = prefix)
        .BuildServiceProvider();

    static async Task<string> AskAsync(WebApplication app, string path)
    {
        using var browser = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        return await browser.GetStringAsync(path, Cancellation);
    }
}
