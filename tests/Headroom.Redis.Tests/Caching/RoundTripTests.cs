using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Headroom.Caching;
using Headroom.Redis.Tests.Servers;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Redis.Tests.Caching;

/// <summary>What the second tier costs: commands as Redis counts them, and round trips as a line counts them that holds back what is sent for a second, so that what does not wait for an answer goes together.</summary>
public sealed partial class RoundTripTests(ITestOutputHelper output)
{
    static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hit_OfATaggedValueOnAFreshNode_IsOneCommandAndOneRoundTrip()
    {
        await using var server = await RedisServer.StartAsync();
        await using var writer = await NodeAsync(server.Endpoint);
        await Hybrid(writer).SetAsync("tagged", "value", tags: ["one", "two"], cancellationToken: Cancellation);

        await using var line = new SlowLine(server.Port);
        await using var fresh = await NodeAsync(line.Endpoint);
        Assert.Equal(new[] { ("mget", 1L) }, await MeasureAsync(server, line, "a hit", async () => Assert.Equal("value", await Hybrid(fresh).GetOrCreateAsync(
            "tagged", _ => new ValueTask<string>("made anew"), tags: ["one", "two"], cancellationToken: Cancellation))));
        Assert.Equal(1, fresh.GetRequiredService<IHeadroomCache>().Stats().DistributedHits);
    }

    [Fact]
    public async Task Miss_OfATaggedValue_IsOneRoundTripToReadAndOneToWriteAndTheFirstTimeOneForMarkers()
    {
        await using var server = await RedisServer.StartAsync();
        await using var line = new SlowLine(server.Port);
        await using var node = await NodeAsync(line.Endpoint);
        Assert.Equal(new[] { ("mget", 2L), ("set", 4L) }, await MeasureAsync(server, line, "a first miss", roundTrips: 3, operation: MissAsync));

        await server.AskAsync("DEL headroom:e:{tagged}");
        await Wait.UntilAsync(() => !node.GetRequiredService<IHeadroomCache>().TryGet<string>("tagged", out _), "the removal to be told");
        var again = await MeasureAsync(server, line, "a later miss", roundTrips: 2, operation: MissAsync);
        Assert.Contains(("mget", 1L), again);
        Assert.Contains(("set", 1L), again);

        async Task MissAsync() => await Hybrid(node).GetOrCreateAsync("tagged", _ => new ValueTask<string>("made"), tags: ["one", "two"], cancellationToken: Cancellation);
    }

    [Fact]
    public async Task Set_OfATaggedValueWhoseTagsAreKnown_IsOneRoundTrip()
    {
        await using var server = await RedisServer.StartAsync();
        await using var line = new SlowLine(server.Port);
        await using var node = await NodeAsync(line.Endpoint);
        await Hybrid(node).SetAsync("another", "value", tags: ["one", "two"], cancellationToken: Cancellation);

        // The marker of the key and its entry, in one packet.
        Assert.Equal(new[] { ("set", 2L) }, await MeasureAsync(server, line, "a set", async () =>
            await Hybrid(node).SetAsync("tagged", "value", tags: ["one", "two"], cancellationToken: Cancellation)));
        Assert.Equal("value", await Hybrid(node).GetOrCreateAsync(
            "tagged", _ => new ValueTask<string>("made anew"), new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableLocalCacheRead }, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Set_OfTagsThatAnotherNodeInvalidatedMeanwhile_IsUnderTheNewMarkers()
    {
        await using var server = await RedisServer.StartAsync();
        await using var nodes = await CacheNodes.StartAsync(server.Endpoint, 2);
        await nodes.Hybrid(0).SetAsync("first", "value", tags: ["tag"], cancellationToken: Cancellation);
        await nodes.Hybrid(1).GetOrCreateAsync("first", _ => new ValueTask<string>("?"), tags: ["tag"], cancellationToken: Cancellation);
        await nodes.Hybrid(0).RemoveByTagAsync("tag", Cancellation);
        await Wait.UntilAsync(() => !nodes.Cache(1).TryGet<string>("first", out _), "the other node to be told");

        await nodes.Hybrid(1).SetAsync("second", "kept", tags: ["tag"], cancellationToken: Cancellation);
        Assert.Equal("kept", await nodes.Hybrid(0).GetOrCreateAsync("second", _ => new ValueTask<string>("made anew"), tags: ["tag"], cancellationToken: Cancellation));
    }

    static async Task<ServiceProvider> NodeAsync(string endpoint)
    {
        var services = new ServiceCollection().AddLogging();
        // Without signs of life, which are round trips, too.
        services.AddHeadroomRedis($"{endpoint},asyncTimeout=60000,livenessTimeout=60000,keepAlive=60");
        services.AddHeadroomRedisStore();
        services.AddHeadroomCaching(options => options.Distributed.ReadTimeout = options.Distributed.WriteTimeout = TimeSpan.FromSeconds(30));
        var node = services.BuildServiceProvider();
        var client = node.GetRequiredService<RedisClient>();
        await client.ConnectAsync(Cancellation);
        Assert.NotNull(Hybrid(node));
        await Wait.UntilAsync(() => client.IsTracking, "tracking");

        // The first use of a connection asks for the history of what it leads to.
        await Hybrid(node).GetOrCreateAsync("first use", _ => new ValueTask<string>(""), new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableDistributedCacheWrite }, cancellationToken: Cancellation);
        return node;
    }

    static HybridCache Hybrid(ServiceProvider node) => node.GetRequiredService<HybridCache>();

    /// <returns>The commands that were called, but for those that keep the connection.</returns>
    async Task<(string Command, long Calls)[]> MeasureAsync(RedisServer server, SlowLine line, string what, Func<Task> operation, int roundTrips = 1)
    {
        await server.AskAsync("CONFIG RESETSTAT");
        line.Delay = Delay;
        var before = line.RoundTrips;
        var begin = Stopwatch.GetTimestamp();
        await operation();
        var counted = line.RoundTrips - before;
        line.Delay = TimeSpan.Zero;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {counted} round trips, {Stopwatch.GetElapsedTime(begin).TotalMilliseconds:0} ms over a line of {Delay.TotalMilliseconds:0} ms"));
        Assert.Equal(roundTrips, counted);

        await using var client = await RedisClient.ConnectAsync(server.Endpoint, Cancellation);
        var stats = await client.InfoAsync("commandstats", Cancellation);
        return [.. CommandCalls().Matches(stats)
            .Select(match => (match.Groups["command"].Value, long.Parse(match.Groups["calls"].Value, CultureInfo.InvariantCulture)))
            .Where(each => each.Item1 is not ("ping" or "info" or "hello") && !each.Item1.StartsWith("client", StringComparison.Ordinal) && !each.Item1.StartsWith("config", StringComparison.Ordinal))
            .Order()];
    }

    [GeneratedRegex(@"cmdstat_(?<command>[^:]+):calls=(?<calls>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CommandCalls();
}
