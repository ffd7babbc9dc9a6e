using System.Diagnostics;
using System.Globalization;
using Headroom.Caching;
using Headroom.Redis;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace CacheNode;

/// <summary>One process of an application: a database that all processes share (numbers in a Redis of its own, which only count up) behind the cache.</summary>
internal sealed class Node : IAsyncDisposable
{
    static readonly TimeSpan PollPause = TimeSpan.FromMilliseconds(1);

    readonly ServiceProvider services;
    readonly RedisClient database;
    readonly HybridCache cache;

    Node(ServiceProvider services, RedisClient database)
    {
        this.services = services;
        this.database = database;
        cache = services.GetRequiredService<HybridCache>();
    }

    /// <param name="cacheConnection">The second tier's Redis.</param>
    /// <param name="databaseConnection">Where the numbers are.</param>
    public static async Task<Node> StartAsync(string cacheConnection, string databaseConnection)
    {
        var collection = new ServiceCollection().AddLogging();
        collection.AddHeadroomRedis(cacheConnection);
        collection.AddHeadroomRedisStore();
        // Ten minutes everywhere: whatever is seen sooner was told, and did not just expire.
        collection.AddHeadroomCaching(options =>
        {
            options.Default.Expiration = TimeSpan.FromMinutes(10);
            options.Default.LocalExpiration = TimeSpan.FromMinutes(10);
            options.Distributed.OpenFor = TimeSpan.FromMilliseconds(300);
        });
        var node = new Node(collection.BuildServiceProvider(), await RedisClient.ConnectAsync(databaseConnection));
        await node.ReadAsync("warm-up");
        return node;
    }

    public bool IsTracking => services.GetRequiredService<RedisClient>().IsTracking;

    public async Task<long> ReadAsync(string key) => long.Parse(
        await cache.GetOrCreateAsync(key, (database, key), static (state, cancellation) => FromDatabaseAsync(state.database, state.key, cancellation), tags: [TagOf(key)]),
        CultureInfo.InvariantCulture);

    /// <summary>Counts the number up in the database, then tells the cache in one of its three ways.</summary>
    public async Task<long> WriteAsync(string key, string how)
    {
        var value = await database.IncrementAsync("db:" + key);
        switch (how)
        {
            case "set":
                await cache.SetAsync(key, value.ToString(CultureInfo.InvariantCulture), tags: [TagOf(key)]);
                break;
            case "remove":
                await cache.RemoveAsync(key);
                break;
            case "tag":
                await cache.RemoveByTagAsync(TagOf(key));
                break;
            default:
                throw new ArgumentException($"'{how}' is no way to write; there are set, remove and tag.", nameof(how));
        }

        return value;
    }

    /// <summary>Reads through the cache until it gives the value or a later one.</summary>
    /// <returns>When it did, on the machine's monotonic clock, which all processes share; 0: not within the time.</returns>
    public async Task<long> UntilAsync(string key, long value, TimeSpan timeout)
    {
        for (var begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin) < timeout;)
        {
            if (await ReadAsync(key) >= value)
                return Stopwatch.GetTimestamp();
            await Task.Delay(PollPause);
        }

        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await database.DisposeAsync();
    }

    static string TagOf(string key) => "tag of " + key;

    static async ValueTask<string> FromDatabaseAsync(RedisClient database, string key, CancellationToken cancellation)
    {
        using var value = await database.GetAsync("db:" + key, cancellation);
        return value.IsNull ? "0" : value.ToString()!;
    }
}
