using System.Globalization;
using System.Text.RegularExpressions;
using Headroom.Redis.Tests.Servers;

namespace Headroom.Redis.Tests.Caching;

/// <summary>Redis whose memory is full and which drops keys at random: entries, and markers of invalidations while the entries that they ended stay.</summary>
public sealed partial class EvictingStoreTests(ITestOutputHelper output)
{
    const int FillersInARound = 3000;

    [Fact]
    public async Task MemoryFull_MarkersOfInvalidationsEvicted_ServesNothingThatWasInvalidated()
    {
        await using var server = await RedisServer.StartAsync("--maxmemory", "4mb", "--maxmemory-policy", "allkeys-random");
        await using var nodes = await CacheNodes.StartAsync(server.Endpoint, 2);
        var filler = new byte[1024];
        for (var round = 0; round < 8; round++)
        {
            for (var key = 0; key < CacheNodes.Keys; key++)
                await nodes.ReadAsync(key % 2, key);
            for (var key = 0; key < CacheNodes.Keys; key++)
                nodes.Change(key);
            await nodes.Hybrid(0).RemoveByTagAsync("tag-0", TestContext.Current.CancellationToken);
            await nodes.Hybrid(1).RemoveByTagAsync("tag-1", TestContext.Current.CancellationToken);
            for (var written = 0; written < FillersInARound; written += 100)
            {
                var first = (round * FillersInARound) + written;
                await Task.WhenAll(Enumerable.Range(first, 100).Select(number =>
                    nodes.Client(0).SetAsync(string.Create(CultureInfo.InvariantCulture, $"filler:{number}"), filler).AsTask()));
            }

            // A node that begins has nothing in memory: it believes the store or its factory.
            await using var fresh = await CacheNodes.JoinAsync(server.Endpoint, 1, nodes);
            for (var key = 0; key < CacheNodes.Keys; key++)
                Assert.Equal(nodes.Database(key), await fresh.ReadAsync(0, key));
        }

        var evicted = Evicted().Match(await nodes.Client(0).InfoAsync("stats", TestContext.Current.CancellationToken)).Groups["count"].Value;
        output.WriteLine($"{evicted} keys evicted");
        Assert.True(int.Parse(evicted, CultureInfo.InvariantCulture) > FillersInARound, "Redis was to be full.");
    }

    [GeneratedRegex(@"evicted_keys:(?<count>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Evicted();
}
