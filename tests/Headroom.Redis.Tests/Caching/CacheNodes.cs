using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Headroom.Caching;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Redis.Tests.Caching;

/// <summary>
/// Several nodes of an application, each with a memory tier and a connection of its own, over one Redis; and a database that only counts up, so that a stale value is a smaller one. Readers on every node
/// read through the cache all the time; what they see, how long they wait and what is thrown at them is kept.
/// </summary>
internal sealed class CacheNodes : IAsyncDisposable
{
    public const int Keys = 20;

    readonly ServiceProvider[] nodes;
    readonly long[] database;
    readonly CancellationTokenSource stop = new();
    readonly ConcurrentQueue<Exception> failures = new();
    Task readers = Task.CompletedTask;
    long slowest;
    long reads;
    long computed;

    CacheNodes(string endpoint, int count, long[] database, Action<CachingOptions>? configure)
    {
        this.database = database;
        nodes = [.. Enumerable.Range(0, count).Select(_ =>
        {
            var services = new ServiceCollection().AddLogging();
            services.AddHeadroomRedis($"{endpoint},abortConnect=false,keepAliveMs=200,livenessTimeout=1000,connectTimeout=500,reconnectDelayMost=200");
            services.AddHeadroomRedisStore();
            services.AddHeadroomCaching(options =>
            {
                options.Distributed.OpenFor = TimeSpan.FromMilliseconds(300);
                options.Default.Expiration = TimeSpan.FromMinutes(10);
                configure?.Invoke(options);
            });
            return services.BuildServiceProvider();
        })];
    }

    public IEnumerable<Exception> Failures => failures;

    /// <summary>The longest that a reader waited since <see cref="Forget"/>.</summary>
    public TimeSpan Slowest => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref slowest));

    public long Reads => Interlocked.Read(ref reads);

    public long Computed => Interlocked.Read(ref computed);

    public int Count => nodes.Length;

    public static Task<CacheNodes> StartAsync(string endpoint, int count, Action<CachingOptions>? configure = null) => StartAsync(new CacheNodes(endpoint, count, new long[Keys], configure));

    /// <summary>Further nodes of the same application, over its database.</summary>
    public static Task<CacheNodes> JoinAsync(string endpoint, int count, CacheNodes others) => StartAsync(new CacheNodes(endpoint, count, others.database, null));

    static async Task<CacheNodes> StartAsync(CacheNodes cluster)
    {
        var count = cluster.Count;
        for (var node = 0; node < count; node++)
        {
            await cluster.ReadAsync(node, 0);
            await Servers.Wait.UntilAsync(() => cluster.Client(node).IsTracking, "tracking");
        }

        return cluster;
    }

    public RedisClient Client(int node) => nodes[node].GetRequiredService<RedisClient>();

    public IHeadroomCache Cache(int node) => nodes[node].GetRequiredService<IHeadroomCache>();

    public HybridCache Hybrid(int node) => nodes[node].GetRequiredService<HybridCache>();

    public long Database(int key) => Interlocked.Read(ref database[key]);

    public static string Name(int key) => string.Create(CultureInfo.InvariantCulture, $"counter:{key}");

    public async ValueTask<long> ReadAsync(int node, int key)
    {
        var text = await Hybrid(node).GetOrCreateAsync(
            Name(key),
            (this, key),
            static (state, _) =>
            {
                Interlocked.Increment(ref state.Item1.computed);
                return new ValueTask<string>(state.Item1.Database(state.key).ToString(CultureInfo.InvariantCulture));
            },
            tags: [$"tag-{key % 2}"]);
        return long.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <summary>The database changes, and the cache is not told.</summary>
    public long Change(int key) => Interlocked.Increment(ref database[key]);

    /// <summary>The database changes, then the cache is told of it by one node.</summary>
    public async Task<long> WriteAsync(int node, int key)
    {
        var value = Change(key);
        await Hybrid(node).RemoveAsync(Name(key));
        return value;
    }

    /// <summary>A write about every 10 ms, by one node and of one key after another.</summary>
    public async Task WriteSomeAsync(TimeSpan time)
    {
        var begin = Stopwatch.GetTimestamp();
        for (var turn = 0; Stopwatch.GetElapsedTime(begin) < time; turn++)
        {
            await WriteAsync(turn % Count, turn % Keys);
            await Task.Delay(10);
        }
    }

    /// <summary>Until every node reads what the database says, of every key.</summary>
    public async Task<TimeSpan> UntilCurrentAsync(int seconds = 30)
    {
        var begin = Stopwatch.GetTimestamp();
        for (var node = 0; node < nodes.Length; node++)
        {
            for (var key = 0; key < Keys; key++)
            {
                var (reader, current) = (node, key);
                try
                {
                    await Servers.Wait.UntilAsync(async () => await ReadAsync(reader, current) >= Database(current), $"node {reader} reads what the database says of key {current}", seconds);
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException($"The database says {Database(current)} of key {current}.\n{await DescribeAsync(current)}", e);
                }
            }
        }

        return Stopwatch.GetElapsedTime(begin);
    }

    /// <summary>What each node says of a key, in memory and through the cache, for the message of a test that failed.</summary>
    async Task<string> DescribeAsync(int key)
    {
        var lines = new List<string>();
        for (var node = 0; node < Count; node++)
        {
            var memory = Cache(node).TryGet<string>(Name(key), out var kept) ? kept : "nothing";
            var stats = Cache(node).Stats();
            lines.Add($"node {node}: memory has {memory}, reads {await ReadAsync(node, key)}, tracking {Client(node).IsTracking}, {stats.DistributedErrors} errors, {stats.DistributedHits} hits in the store");
        }

        return string.Join('\n', lines);
    }

    public void StartReaders()
    {
        readers = Task.WhenAll(Enumerable.Range(0, nodes.Length * 2).Select(reader => Task.Run(async () =>
        {
            for (var turn = 0; !stop.IsCancellationRequested; turn++)
            {
                var begin = Stopwatch.GetTimestamp();
                try
                {
                    await ReadAsync(reader % nodes.Length, turn % Keys);
                }
                catch (Exception e)
                {
                    failures.Enqueue(e);
                }

                var took = Stopwatch.GetTimestamp() - begin;
                for (var seen = Interlocked.Read(ref slowest); took > seen; seen = Interlocked.Read(ref slowest))
                    Interlocked.CompareExchange(ref slowest, took, seen);
                Interlocked.Increment(ref reads);
                await Task.Delay(1);
            }
        })));
    }

    public void Forget() => Interlocked.Exchange(ref slowest, 0);

    public async Task StopReadersAsync()
    {
        await stop.CancelAsync();
        await readers;
    }

    public async ValueTask DisposeAsync()
    {
        await StopReadersAsync();
        foreach (var node in nodes)
            await node.DisposeAsync();
        stop.Dispose();
    }
}
