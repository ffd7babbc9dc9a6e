using System.Diagnostics;
using Headroom.Redis.Tests.Servers;
using Microsoft.Extensions.Caching.Hybrid;

namespace Headroom.Redis.Tests.Caching;

/// <summary>Keys and values as nobody would choose them, and entries that somebody else wrote into the store: it works or says why not, and another key works afterwards.</summary>
public sealed class HostileEntriesTests(ITestOutputHelper output)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Keys => ["line\r\nSET a b\r\n", "nul\0nul", "{}", "}{", "{tag}", " ", "*", "ключ😀", "\u202e", "$5\r\nhello\r\n", new string('k', 4_096)];

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task GetOrCreateAsync_AnyKey_IsSharedAndInvalidatedAsAnyOther(string key)
    {
        await using var server = await RedisServer.StartAsync();
        await using var nodes = await CacheNodes.StartAsync(server.Endpoint, 2);
        Assert.Equal("first", await GetAsync(nodes, 0, key, "first"));
        Assert.Equal("first", await GetAsync(nodes, 1, key, "other"));
        Assert.Equal("another", await GetAsync(nodes, 1, "_" + key[1..], "another"));

        await nodes.Hybrid(1).RemoveAsync(key, Cancellation);
        await Wait.UntilAsync(async () => await GetAsync(nodes, 0, key, "second") == "second", "the new value");
        Assert.Equal(0, await nodes.ReadAsync(0, 7));
        Assert.Equal(0, nodes.Cache(0).Stats().DistributedErrors + nodes.Cache(1).Stats().DistributedErrors);
    }

    [Fact]
    public async Task GetOrCreateAsync_KeyThatIsNone_IsRefusedAndNothingElse()
    {
        await using var server = await RedisServer.StartAsync();
        await using var nodes = await CacheNodes.StartAsync(server.Endpoint, 1);
        foreach (var key in new[] { "", new string('x', 10 << 20), "half \ud83d", "\udc00" })
        {
            var refused = await Assert.ThrowsAsync<ArgumentException>(async () => await GetAsync(nodes, 0, key, "value"));
            Assert.Contains("allowed", refused.Message, StringComparison.Ordinal);
            Assert.InRange(refused.Message.Length, 1, 500);
        }

        Assert.Equal(0, await nodes.ReadAsync(0, 7));
        Assert.Equal(0, nodes.Cache(0).Stats().DistributedErrors);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public async Task GetOrCreateAsync_Bytes_AreTheSameOnAnotherNode(int length)
    {
        await using var server = await RedisServer.StartAsync();
        await using var nodes = await CacheNodes.StartAsync(server.Endpoint, 2);
        var bytes = Enumerable.Range(0, length).Select(index => (byte)(index * 7)).ToArray();
        await nodes.Hybrid(0).SetAsync("bytes", bytes, cancellationToken: Cancellation);
        Assert.Equal(bytes, await nodes.Hybrid(1).GetOrCreateAsync("bytes", static _ => new ValueTask<byte[]>([1, 2, 3]), cancellationToken: Cancellation));
    }

    [Fact]
    public async Task SetAsync_LongerThanTheLongestValue_IsInThisNodesMemoryAndEndsWhatTheStoreHad()
    {
        await using var server = await RedisServer.StartAsync();
        await using var nodes = await CacheNodes.StartAsync(server.Endpoint, 2, options => options.Distributed.ValueBytesMax = 1 << 20);
        await nodes.Hybrid(0).SetAsync("big", new byte[10], cancellationToken: Cancellation);
        Assert.Equal(10, (await BytesAsync(nodes, 1, 1)).Length);
        var random = new byte[2 << 20];
        new Random(1).NextBytes(random);

        await nodes.Hybrid(0).SetAsync("big", random, cancellationToken: Cancellation);

        Assert.Equal(random.Length, (await BytesAsync(nodes, 0, 2)).Length);
        await Wait.UntilAsync(async () => (await BytesAsync(nodes, 1, 3)).Length == 3, "the other node makes its own");
        Assert.Equal(0, nodes.Cache(0).Stats().DistributedErrors + nodes.Cache(1).Stats().DistributedErrors);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task SetAsync_HalfAGigabyte_OtherKeysGoOn()
    {
        await using var server = await RedisServer.StartAsync();
        await using var nodes = await CacheNodes.StartAsync(server.Endpoint, 2, options =>
        {
            options.Distributed.ValueBytesMax = 1 << 30;
            options.Distributed.CompressAboveBytes = null;
        });
        foreach (var length in new[] { 500 << 20, 512 << 20 })
        {
            var begin = Stopwatch.GetTimestamp();
            await nodes.Hybrid(0).SetAsync("big", new byte[length], cancellationToken: Cancellation);
            output.WriteLine($"{length >> 20} MiB: set returned after {Stopwatch.GetElapsedTime(begin).TotalMilliseconds:0} ms, {nodes.Cache(0).Stats().DistributedErrors} errors of the store");
            Assert.Equal(length, (await BytesAsync(nodes, 0, 1)).Length);
            var value = await nodes.WriteAsync(1, 5);
            var recovery = await Wait.UntilAsync(async () => await nodes.ReadAsync(0, 5) == value && await nodes.ReadAsync(1, 5) == value, "another key on both nodes");
            value = await nodes.WriteAsync(0, 6);
            recovery += await Wait.UntilAsync(async () => await nodes.ReadAsync(0, 6) == value && await nodes.ReadAsync(1, 6) == value, "another key, written by the same node");
            output.WriteLine($"other keys written and seen on both nodes {recovery.TotalMilliseconds:0} ms after");
        }
    }

    [Fact]
    public async Task EntryInTheStore_AnyByteChangedCutAnywhereOrOfALaterVersion_IsAMissAndCounted()
    {
        await using var server = await RedisServer.StartAsync();
        await using var nodes = await CacheNodes.StartAsync(server.Endpoint, 1);
        await using var program = await RedisClient.ConnectAsync(server.Endpoint, Cancellation);
        Assert.Equal("good", await GetAsync(nodes, 0, "k", "good"));
        byte[] entry;
        using (var stored = await program.GetAsync("headroom:e:{k}", Cancellation))
            entry = stored.Memory.ToArray();
        var damaged = Enumerable.Range(0, entry.Length).Select(index => With(entry, index, (byte)~entry[index]))
            .Concat(Enumerable.Range(0, entry.Length).Select(length => entry[..length]))
            .Append(With(entry, 2, (byte)(entry[2] + 1))).Append([.. entry, 0]).ToList();

        var made = 0;
        foreach (var bytes in damaged)
        {
            await program.SetAsync("headroom:e:{k}", bytes, cancellationToken: Cancellation);
            var expected = $"made {++made}";
            await Wait.UntilAsync(async () => await GetAsync(nodes, 0, "k", expected) == expected, $"the value made anew for damage {made}");
        }

        var stats = nodes.Cache(0).Stats();
        Assert.InRange(stats.DistributedUnreadable, damaged.Count - 5, damaged.Count * 2);
        Assert.Equal(0, stats.DistributedErrors);
    }

    static byte[] With(byte[] bytes, int index, byte value)
    {
        byte[] changed = [.. bytes];
        changed[index] = value;
        return changed;
    }

    static ValueTask<string> GetAsync(CacheNodes nodes, int node, string key, string made) =>
        nodes.Hybrid(node).GetOrCreateAsync(key, made, static (value, _) => new ValueTask<string>(value), cancellationToken: Cancellation);

    static ValueTask<byte[]> BytesAsync(CacheNodes nodes, int node, int made) =>
        nodes.Hybrid(node).GetOrCreateAsync("big", made, static (length, _) => new ValueTask<byte[]>(new byte[length]), cancellationToken: Cancellation);
}
