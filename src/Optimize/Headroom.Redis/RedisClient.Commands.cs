using System.Globalization;
using System.Runtime.CompilerServices;
using Headroom.Redis.Connections;
using Headroom.Redis.Routing;

namespace Headroom.Redis;

/// <summary>When a <c>SET</c> is done.</summary>
public enum RedisSetWhen
{
    /// <summary>In any case.</summary>
    Always,

    /// <summary>Only if the key does not exist (NX).</summary>
    NotExists,

    /// <summary>Only if the key exists (XX).</summary>
    Exists,
}

public sealed partial class RedisClient
{
    /// <summary>The value of a string key (GET) in a pooled array; the one allocation-free way. Dispose of it.</summary>
    public ValueTask<RedisBuffer> GetAsync(RedisArgument key, CancellationToken cancellationToken = default) =>
        Send<RedisBuffer, BufferShape>(Commands.Get, [key], cancellationToken);

    /// <summary>The value of a string key read as UTF-8; null where it does not exist.</summary>
    public ValueTask<string?> GetStringAsync(RedisArgument key, CancellationToken cancellationToken = default) =>
        Send<string?, TextShape>(Commands.Get, [key], cancellationToken);

    /// <summary>The values of several keys in their order, null for those that do not exist (MGET). One round trip; in a cluster one for each slot, side by side. Dispose of each.</summary>
    public ValueTask<RedisBuffer[]> GetManyAsync(ReadOnlyMemory<RedisArgument> keys, CancellationToken cancellationToken = default)
    {
        if (keys.IsEmpty)
            return new([]);
        return IsOneSlot(keys.Span) ? Send<RedisBuffer[], BuffersShape>(Commands.MGet, keys.Span, cancellationToken) : GetFromSlotsAsync(keys, cancellationToken);
    }

    /// <summary>Sets a string key (SET).</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="expiry">After which it goes, in whole milliseconds, at least 1 (PX); null for never.</param>
    /// <param name="when">On which condition.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Whether it was set: false only if the condition was not met.</returns>
    public ValueTask<bool> SetAsync(RedisArgument key, RedisArgument value, TimeSpan? expiry = null, RedisSetWhen when = RedisSetWhen.Always, CancellationToken cancellationToken = default)
    {
        Span<RedisArgument> arguments = [key, value, default, default, default];
        return Send<bool, DoneShape>(Commands.Set, arguments[..AddConditions(arguments, expiry, when)], cancellationToken);
    }

    /// <summary>Sets a string key and returns what it was before (SET … GET), null for nothing. Otherwise as <see cref="SetAsync"/>; a condition needs Redis 7.</summary>
    public ValueTask<RedisBuffer> SetAndGetAsync(RedisArgument key, RedisArgument value, TimeSpan? expiry = null, RedisSetWhen when = RedisSetWhen.Always, CancellationToken cancellationToken = default)
    {
        Span<RedisArgument> arguments = [key, value, default, default, default, default];
        var count = AddConditions(arguments, expiry, when);
        arguments[count++] = "GET";
        return Send<RedisBuffer, BufferShape>(Commands.Set, arguments[..count], cancellationToken);
    }

    /// <summary>Deletes a key of any kind (DEL), and returns whether it was there.</summary>
    public ValueTask<bool> DeleteAsync(RedisArgument key, CancellationToken cancellationToken = default) =>
        Send<bool, DoneShape>(Commands.Del, [key], cancellationToken);

    /// <summary>Deletes keys of any kind (DEL), and returns how many were there.</summary>
    public ValueTask<long> DeleteAsync(ReadOnlyMemory<RedisArgument> keys, CancellationToken cancellationToken = default) => CountKeysAsync(Commands.Del, keys, cancellationToken);

    /// <summary>Deletes keys of any kind and has Redis free their memory in the background (UNLINK), which for large ones keeps it from blocking; returns how many were there.</summary>
    public ValueTask<long> UnlinkAsync(ReadOnlyMemory<RedisArgument> keys, CancellationToken cancellationToken = default) => CountKeysAsync(Commands.Unlink, keys, cancellationToken);

    /// <summary>Whether a key exists (EXISTS).</summary>
    public ValueTask<bool> ExistsAsync(RedisArgument key, CancellationToken cancellationToken = default) =>
        Send<bool, DoneShape>(Commands.Exists, [key], cancellationToken);

    /// <summary>Has a key go after a while, in whole milliseconds (PEXPIRE; zero or less deletes it), and returns whether it is there.</summary>
    public ValueTask<bool> ExpireAsync(RedisArgument key, TimeSpan expiry, CancellationToken cancellationToken = default) =>
        Send<bool, DoneShape>(Commands.PExpire, [key, (long)expiry.TotalMilliseconds], cancellationToken);

    /// <summary>How long a key still lives (PTTL): null if there is no such key, <see cref="Timeout.InfiniteTimeSpan"/> if it does not expire.</summary>
    public ValueTask<TimeSpan?> TimeToLiveAsync(RedisArgument key, CancellationToken cancellationToken = default) =>
        Send<TimeSpan?, TimeToLiveShape>(Commands.PTtl, [key], cancellationToken);

    /// <summary>Adds to a number, which is 0 where there is none, and returns the sum (INCRBY).</summary>
    public ValueTask<long> IncrementAsync(RedisArgument key, long by = 1, CancellationToken cancellationToken = default) =>
        Send<long, Int64Shape>(Commands.IncrBy, [key, by], cancellationToken);

    /// <summary>Sets a field of a hash (HSET), and returns whether it is new.</summary>
    public ValueTask<bool> HashSetAsync(RedisArgument key, RedisArgument field, RedisArgument value, CancellationToken cancellationToken = default) =>
        Send<bool, DoneShape>(Commands.HSet, [key, field, value], cancellationToken);

    /// <summary>A field of a hash (HGET), null where there is none. Dispose of it.</summary>
    public ValueTask<RedisBuffer> HashGetAsync(RedisArgument key, RedisArgument field, CancellationToken cancellationToken = default) =>
        Send<RedisBuffer, BufferShape>(Commands.HGet, [key, field], cancellationToken);

    /// <summary>All fields of a hash (HGETALL); none where there is no such key.</summary>
    public ValueTask<IReadOnlyDictionary<string, byte[]>> HashGetAllAsync(RedisArgument key, CancellationToken cancellationToken = default) =>
        Send<IReadOnlyDictionary<string, byte[]>, FieldsShape>(Commands.HGetAll, [key], cancellationToken);

    /// <summary>Removes a field of a hash (HDEL), and returns whether it was there.</summary>
    public ValueTask<bool> HashDeleteAsync(RedisArgument key, RedisArgument field, CancellationToken cancellationToken = default) =>
        Send<bool, DoneShape>(Commands.HDel, [key, field], cancellationToken);

    /// <summary>Gives a member of a sorted set a score (ZADD), and returns whether it is new.</summary>
    public ValueTask<bool> SortedSetAddAsync(RedisArgument key, RedisArgument member, double score, CancellationToken cancellationToken = default) =>
        Send<bool, DoneShape>(Commands.ZAdd, [key, score, member], cancellationToken);

    /// <summary>The score of a member (ZSCORE), null where there is none.</summary>
    public ValueTask<double?> SortedSetScoreAsync(RedisArgument key, RedisArgument member, CancellationToken cancellationToken = default) =>
        Send<double?, DoubleShape>(Commands.ZScore, [key, member], cancellationToken);

    /// <summary>Members with a score from lowest to highest, both included, by score (ZRANGE … BYSCORE). Dispose of each.</summary>
    public ValueTask<RedisBuffer[]> SortedSetRangeAsync(RedisArgument key, double lowest, double highest, CancellationToken cancellationToken = default) =>
        Send<RedisBuffer[], BuffersShape>(Commands.ZRange, [key, lowest, highest, "BYSCORE"], cancellationToken);

    /// <summary>Removes the members with a score from lowest to highest (ZREMRANGEBYSCORE), and returns how many there were.</summary>
    public ValueTask<long> SortedSetRemoveRangeAsync(RedisArgument key, double lowest, double highest, CancellationToken cancellationToken = default) =>
        Send<long, Int64Shape>(Commands.ZRemRangeByScore, [key, lowest, highest], cancellationToken);

    /// <summary>Publishes to a channel, and returns how many connections received it (PUBLISH; in a cluster those of one node only).</summary>
    public ValueTask<long> PublishAsync(string channel, RedisArgument message, CancellationToken cancellationToken = default) =>
        Send<long, Int64Shape>(Commands.Publish, [core.ChannelPrefix + channel, message], cancellationToken, Router.AnySlot);

    /// <summary>How long a round trip takes (PING).</summary>
    public async ValueTask<TimeSpan> PingAsync(CancellationToken cancellationToken = default)
    {
        var begin = core.Time.GetTimestamp();
        await Send<bool, AnyShape>(Commands.Ping, [], cancellationToken, Router.AnySlot);
        return core.Time.GetElapsedTime(begin);
    }

    /// <summary>What Redis tells about itself (INFO), for example of the section <c>memory</c>; in a cluster that of one node.</summary>
    public async ValueTask<string> InfoAsync(string section = "default", CancellationToken cancellationToken = default) =>
        await Send<string?, TextShape>(Commands.Info, [section], cancellationToken, Router.AnySlot) ?? "";

    /// <summary>Deletes every key of the database (FLUSHDB ASYNC), in a cluster on every master.</summary>
    public async ValueTask FlushDatabaseAsync(CancellationToken cancellationToken = default)
    {
        foreach (var node in (await core.ReadyAsync(timeout, cancellationToken)).Masters)
            await SendTo<bool, AnyShape>(node, Commands.FlushDb, ["ASYNC"], cancellationToken);
    }

    /// <summary>
    /// The keys that match a pattern, page by page (SCAN), in a cluster of every master. Goes over all keys of the database whatever the pattern; does not block Redis. A key that is there all the time
    /// comes at least once, and may come twice.
    /// </summary>
    /// <param name="pattern">As in <c>user:*</c>; <c>*</c>, <c>?</c>, <c>[ab]</c> and <c>\</c> have a meaning.</param>
    /// <param name="pageSize">How many keys Redis looks at in one go. Default 1,000.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<byte[]> ScanAsync(string pattern = "*", int pageSize = 1000, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var page in ScanPagesAsync(pattern, pageSize, cancellationToken))
        {
            foreach (var key in page)
                yield return key.Bytes.ToArray();
        }
    }

    /// <summary>The same, a page for each round trip; many have no key.</summary>
    internal async IAsyncEnumerable<IReadOnlyList<RedisReply>> ScanPagesAsync(string pattern, int pageSize, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        foreach (var node in (await core.ReadyAsync(timeout, cancellationToken)).Masters)
        {
            var cursor = "0";
            do
            {
                var page = await SendTo<RedisReply, ReplyShape>(node, Commands.Scan, [cursor, "MATCH", pattern, "COUNT", pageSize], cancellationToken);
                cursor = page.Items[0].AsString()!;
                yield return page.Items[1].Items;
            }
            while (cursor != "0");
        }
    }

    /// <summary>Runs a script (EVALSHA, and EVAL where the server does not know it yet). All keys are named, and in a cluster have one slot.</summary>
    public ValueTask<RedisReply> EvaluateAsync(RedisScript script, ReadOnlySpan<RedisArgument> keys, ReadOnlySpan<RedisArgument> arguments, CancellationToken cancellationToken = default) =>
        Evaluate<RedisReply, ReplyShape>(script, keys, arguments, cancellationToken);

    internal ValueTask<T> Evaluate<T, TShape>(RedisScript script, ReadOnlySpan<RedisArgument> keys, ReadOnlySpan<RedisArgument> arguments, CancellationToken cancellationToken)
        where TShape : struct, IReplyShape<T>
    {
        ArgumentNullException.ThrowIfNull(script);
        return EvaluateAsync<T, TShape>(script, [script.Hash, keys.Length, .. keys, .. arguments], keys.IsEmpty ? Router.AnySlot : 2, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    async ValueTask<T> EvaluateAsync<T, TShape>(RedisScript script, RedisArgument[] arguments, int keyIndex, CancellationToken cancellationToken)
        where TShape : struct, IReplyShape<T>
    {
        try
        {
            return await Send<T, TShape>(Commands.EvalSha, arguments, cancellationToken, keyIndex);
        }
        catch (RedisServerException e) when (e.Code == "NOSCRIPT")
        {
            arguments[0] = script.Text;
            return await Send<T, TShape>(Commands.Eval, arguments, cancellationToken, keyIndex);
        }
    }

    static int AddConditions(Span<RedisArgument> arguments, TimeSpan? expiry, RedisSetWhen when)
    {
        var count = 2;
        if (expiry is { } span)
        {
            var milliseconds = (long)span.TotalMilliseconds;
            if (milliseconds < 1)
                throw new ArgumentOutOfRangeException(nameof(expiry), span, string.Create(CultureInfo.InvariantCulture, $"An expiry is at least 1 ms; this is {span.TotalMilliseconds} ms. Delete the key instead."));
            arguments[count++] = "PX";
            arguments[count++] = milliseconds;
        }

        if (when != RedisSetWhen.Always)
            arguments[count++] = when == RedisSetWhen.NotExists ? "NX" : "XX";
        return count;
    }
}
