using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.Options;

namespace Headroom.Redis.OutputCaching;

/// <summary>
/// Where ASP.NET Core's output cache keeps responses: an entry is a string that expires, a tag a sorted set of its entries' keys by when they expire. Works in a cluster, as no command needs two keys.
/// <para>Set: 1. The key is added to its tags, whose overdue members go at the same time. 2. The entry is written; both are sent at once, in this order. Evict: 3. The tag's keys are read. 4. The entries
/// go, and from the tag those keys only, so that one that was added meanwhile stays in it.</para>
/// A response that was made before an eviction and is stored after it stays until it expires: the store is told of neither moment.
/// </summary>
internal sealed class RedisOutputCacheStore(RedisClient client, IOptions<RedisOutputCacheOptions> options, TimeProvider time) : IOutputCacheBufferStore
{
    const int EvictedAtOnce = 512;

    readonly string prefix = options.Value.KeyPrefix;

    public async ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellationToken)
    {
        using var value = await client.GetAsync(KeyOf(key), cancellationToken);
        return value.ToArray();
    }

    public async ValueTask<bool> TryGetAsync(string key, PipeWriter destination, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(destination);
        using var value = await client.GetAsync(KeyOf(key), cancellationToken);
        if (value.IsNull)
            return false;
        await destination.WriteAsync(value.Memory, cancellationToken);
        return true;
    }

    public ValueTask SetAsync(string key, byte[] value, string[]? tags, TimeSpan validFor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(value);
        return WriteAsync(key, value, tags, validFor, cancellationToken);
    }

    public async ValueTask SetAsync(string key, ReadOnlySequence<byte> value, ReadOnlyMemory<string> tags, TimeSpan validFor, CancellationToken cancellationToken)
    {
        if (value.IsSingleSegment)
        {
            await WriteAsync(key, value.First, tags, validFor, cancellationToken);
            return;
        }

        var length = checked((int)value.Length);
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            value.CopyTo(rented);
            await WriteAsync(key, rented.AsMemory(0, length), tags, validFor, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    public async ValueTask EvictByTagAsync(string tag, CancellationToken cancellationToken)
    {
        var tagKey = TagOf(tag);
        RedisReply keys;
        do
        {
            keys = await client.ExecuteAsync("ZRANGE", [tagKey, 0, EvictedAtOnce - 1], cancellationToken);
            if (keys.Items.Count == 0)
                return;
            RedisArgument[] evicted = [.. keys.Items.Select(key => (RedisArgument)key.Bytes)];
            await client.UnlinkAsync(evicted, cancellationToken);
            await client.ExecuteAsync("ZREM", [tagKey, .. evicted], cancellationToken);
        }
        while (keys.Items.Count == EvictedAtOnce);
    }

    async ValueTask WriteAsync(string key, ReadOnlyMemory<byte> value, ReadOnlyMemory<string> tags, TimeSpan validFor, CancellationToken cancellationToken)
    {
        if (validFor < TimeSpan.FromMilliseconds(1))
            return;
        var entryKey = KeyOf(key);
        var tagging = new List<Task>(tags.Length * 3);
        var now = time.GetUtcNow();
        foreach (var tag in tags.Span)
        {
            var tagKey = TagOf(tag);
            tagging.Add(client.SortedSetAddAsync(tagKey, entryKey, (now + validFor).ToUnixTimeMilliseconds(), cancellationToken).AsTask());
            tagging.Add(client.SortedSetRemoveRangeAsync(tagKey, double.NegativeInfinity, now.ToUnixTimeMilliseconds(), cancellationToken).AsTask());
            // Lives as long as its longest entry, and no longer: NX for a set that is new, GT for one whose entries end sooner (Redis 7).
            tagging.Add(ProlongAsync(tagKey, validFor, cancellationToken));
        }

        var written = client.SetAsync(entryKey, value, validFor, cancellationToken: cancellationToken);
        await Task.WhenAll(tagging);
        await written;
    }

    async Task ProlongAsync(string tagKey, TimeSpan validFor, CancellationToken cancellationToken)
    {
        // A second more, so that a tag never goes before its entries.
        var milliseconds = (long)validFor.TotalMilliseconds + 1000;
        var first = client.ExecuteAsync("PEXPIRE", [tagKey, milliseconds, "NX"], cancellationToken);
        var later = client.ExecuteAsync("PEXPIRE", [tagKey, milliseconds, "GT"], cancellationToken);
        await first;
        await later;
    }

    string KeyOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return prefix + "entry:" + key;
    }

    string TagOf(string tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        return prefix + "tag:" + tag;
    }
}
