using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Headroom.Caching;
using Headroom.Redis.Connections;

namespace Headroom.Redis.Caching;

/// <summary>
/// Redis as the second tier of Headroom.Caching: several keys are read in one round trip (MGET; in a cluster one for each slot, side by side) and written in one (SET … PX, pipelined), and every
/// change by another node or program is told. A lease is a key of its own; what is written under it goes through a script that checks its fencing token.
/// Its history is named by the masters' replication ids.
/// </summary>
internal sealed class RedisStore(RedisClient client) : IDistributedStore, IStoreChanges, IStoreHistory, IStoreLeases, IStoreKeySearch, IStoreConditionalSet
{
    // Every PEXPIRE is told to all nodes, whose memory drops the key: so only what prolongs a life by a quarter is done.
    static readonly RedisScript Prolong = new("""
        local left = redis.call('PTTL', KEYS[1])
        if left >= 0 and left < ARGV[1] * 0.75 then return redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
        return 0
        """);

    const int KeysInAPage = 1000;
    const long LongestValue = 512L << 20;
    static readonly TimeSpan ShortestLife = TimeSpan.FromMilliseconds(1);

    public async ValueTask GetAsync(ReadOnlyMemory<string> keys, Memory<StoredValue> values, CancellationToken cancellation)
    {
        if (keys.Length == 1)
        {
            Take(await client.GetAsync(keys.Span[0], cancellation), values.Span, 0);
            return;
        }

        var buffers = await client.GetManyAsync(ArgumentsOf(keys.Span), cancellation);
        for (var index = 0; index < buffers.Length; index++)
            Take(buffers[index], values.Span, index);
    }

    /// <summary>Commands of one connection are executed in the order in which they were given to it, so all are given at once.</summary>
    public async ValueTask SetAsync(ReadOnlyMemory<StoreWrite> writes, CancellationToken cancellation)
    {
        foreach (ref readonly var write in writes.Span)
            ThrowIfTooLong(write);
        if (writes.Length == 1)
        {
            await SetOneAsync(writes.Span[0], cancellation);
            return;
        }

        var sent = new Task[writes.Length];
        for (var index = 0; index < sent.Length; index++)
            sent[index] = SetOneAsync(writes.Span[index], cancellation).AsTask();
        await Task.WhenAll(sent);
    }

    /// <summary>SET … NX for each, and the read after them in the same packet (SET … NX GET would need Redis 7).</summary>
    public async ValueTask SetIfAbsentAsync(ReadOnlyMemory<StoreWrite> writes, Memory<StoredValue> values, CancellationToken cancellation)
    {
        var sent = new Task[writes.Length + 1];
        var keys = new string[writes.Length];
        for (var index = 0; index < keys.Length; index++)
        {
            var write = writes.Span[index];
            keys[index] = write.Key;
            sent[index] = client.SetAsync(write.Key, ValueOf(write), AtLeast(LifeOf(write)), RedisSetWhen.NotExists, cancellation).AsTask();
        }

        sent[^1] = GetAsync(keys, values, cancellation).AsTask();
        await Task.WhenAll(sent);
    }

    public async ValueTask TouchAsync(string key, TimeSpan life, CancellationToken cancellation) =>
        await client.Evaluate<long, Int64Shape>(Prolong, [key], [(long)AtLeast(life).TotalMilliseconds], cancellation);

    public async ValueTask RemoveAsync(ReadOnlyMemory<string> keys, CancellationToken cancellation) => await client.UnlinkAsync(ArgumentsOf(keys.Span), cancellation);

    public async ValueTask<IStoreLease?> TryAcquireAsync(string name, TimeSpan duration, CancellationToken cancellation) =>
        await RedisLease.TryAcquireForAWhileAsync(client, name, duration, cancellation) is { } lease ? new Lease(lease) : null;

    public async IAsyncEnumerable<IReadOnlyList<string>> FindAsync(string pattern, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var page in client.ScanPagesAsync(GlobOf(pattern), KeysInAPage, cancellation))
            yield return [.. page.Select(key => Encoding.UTF8.GetString(key.Bytes.Span))];
    }

    /// <summary>Redis' patterns know classes too, and count bytes: what stands for a character may be several of them.</summary>
    internal static string GlobOf(string pattern)
    {
        var glob = new StringBuilder(pattern.Length + 8);
        for (var index = 0; index < pattern.Length; index++)
        {
            var character = pattern[index];
            if (character == '\\' && index + 1 < pattern.Length)
                glob.Append('\\').Append(pattern[++index]);
            else if (character == '?')
                glob.Append("?*");
            else if (character is '[' or '\\')
                glob.Append('\\').Append(character);
            else
                glob.Append(character);
        }

        return glob.ToString();
    }

    public IDisposable Listen(IStoreChangeListener listener, string prefix)
    {
        ArgumentNullException.ThrowIfNull(listener);
        return client.Listen(new Listener(listener), prefix);
    }

    public long Connections => client.Connections;

    public ValueTask<IReadOnlyList<string>> HistoryAsync(CancellationToken cancellation) => client.ReplicationIdsAsync(cancellation);

    ValueTask<bool> SetOneAsync(in StoreWrite write, CancellationToken cancellation) =>
        client.SetAsync(write.Key, ValueOf(write), AtLeast(LifeOf(write)), cancellationToken: cancellation);

    /// <summary>A sliding entry begins with its sliding life; each read prolongs it (TouchAsync).</summary>
    static TimeSpan LifeOf(in StoreWrite write) => write.Sliding is { } sliding && sliding < write.Life ? sliding : write.Life;

    static void Take(RedisBuffer buffer, Span<StoredValue> values, int index)
    {
        if (!buffer.IsNull)
            values[index] = new StoredValue(buffer.Memory, buffer);
    }

    static RedisArgument[] ArgumentsOf(ReadOnlySpan<string> keys)
    {
        var arguments = new RedisArgument[keys.Length];
        for (var index = 0; index < keys.Length; index++)
            arguments[index] = keys[index];
        return arguments;
    }

    /// <summary>Redis counts whole milliseconds and refuses 0.</summary>
    static TimeSpan AtLeast(TimeSpan life) => life < ShortestLife ? ShortestLife : life;

    /// <summary>Before anything is sent: Redis would close the connection, and with it everything that memory has would be over.</summary>
    static void ThrowIfTooLong(in StoreWrite write)
    {
        if (write.Value.Length > LongestValue)
            throw new InvalidOperationException($"A value of {write.Value.Length} bytes was to be set; Redis takes at most {LongestValue}. Lower Distributed:ValueBytesMax.");
    }

    static RedisArgument ValueOf(in StoreWrite write) => write.Value.IsSingleSegment ? write.Value.First : write.Value.ToArray();

    sealed class Lease(RedisLease lease) : IStoreLease
    {
        public ValueTask<bool> SetAndReleaseAsync(StoreWrite write, CancellationToken cancellation)
        {
            ThrowIfTooLong(write);
            return lease.SetAndReleaseAsync(write.Key, ValueOf(write), AtLeast(LifeOf(write)), cancellation);
        }

        public async ValueTask ReleaseAsync(CancellationToken cancellation) => await lease.ReleaseAsync(cancellation);
    }

    sealed class Listener(IStoreChangeListener listener) : IInvalidationListener
    {
        public void Changed(ReadOnlySpan<byte> key) => listener.Changed(Encoding.UTF8.GetString(key));

        public void AllMayBeStale(InvalidationReason reason) => listener.Interrupted();

        public void Tracking() => listener.Resumed();
    }
}
