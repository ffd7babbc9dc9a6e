using System.Security.Cryptography;
using Headroom.Redis.Connections;

namespace Headroom.Redis;

/// <summary>
/// A right that one holder has at a time, until it releases it or its time is over. Redis may lose a lease when a master fails before its replica heard of it, and a holder that is paused may think
/// that it still has what it has lost: so whatever the lease protects has to check <see cref="FencingToken"/> and refuse a number lower than one it has seen
/// (M. Kleppmann, "How to do distributed locking", 2016).
/// </summary>
public sealed class RedisLease : IAsyncDisposable
{
    // The token is the holder's own: nobody releases or renews what became somebody else's.
    static readonly RedisScript Acquire = new("""
        if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return redis.call('INCR', KEYS[2]) end
        return -1
        """);

    // A counter that may be forgotten begins anew at the server's time in microseconds, which is beyond what it counted to before.
    static readonly RedisScript AcquireForAWhile = new("""
        if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return -1 end
        local fence = redis.call('INCR', KEYS[2])
        if fence == 1 then
          local now = redis.call('TIME')
          fence = now[1] * 1000000 + now[2]
          redis.call('SET', KEYS[2], string.format('%.0f', fence))
        end
        redis.call('PEXPIRE', KEYS[2], ARGV[3])
        return fence
        """);

    static readonly RedisScript SetAndRelease = new("""
        if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
        redis.call('SET', KEYS[3], ARGV[3], 'PX', ARGV[4])
        if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
        return 1
        """);

    static readonly RedisScript Renew = new("""
        if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
        return 0
        """);

    static readonly RedisScript Release = new("""
        if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
        return 0
        """);

    const string FenceSuffix = ":fence";
    static readonly TimeSpan FenceLife = TimeSpan.FromMinutes(10);

    readonly RedisClient client;
    readonly string key;
    readonly string token;
    int released;

    RedisLease(RedisClient client, string name, string key, string token, long fencingToken)
    {
        this.client = client;
        this.key = key;
        this.token = token;
        Name = name;
        FencingToken = fencingToken;
    }

    /// <summary>What it is a lease of.</summary>
    public string Name { get; }

    /// <summary>Greater than that of every earlier holder of the same name.</summary>
    public long FencingToken { get; }

    /// <summary>Holds it for the given time from now on; false if it is not this holder's any more.</summary>
    public async ValueTask<bool> RenewAsync(TimeSpan duration, CancellationToken cancellationToken = default) =>
        await client.Evaluate<long, Int64Shape>(Renew, [key], [token, Milliseconds(duration)], cancellationToken) == 1;

    /// <summary>Gives it back; false if it was not this holder's any more. A second call does nothing.</summary>
    public async ValueTask<bool> ReleaseAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref released, 1) == 1)
            return false;
        return await client.Evaluate<long, Int64Shape>(Release, [key], [token], cancellationToken) == 1;
    }

    /// <summary>Gives it back, if Redis can be reached; otherwise its time ends it.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await ReleaseAsync();
        }
        catch (RedisException)
        {
            // Its time ends it.
        }
    }

    internal static async ValueTask<RedisLease?> TryAcquireAsync(RedisClient client, string name, TimeSpan duration, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        // Both keys have what stands in the braces as their hash tag, so that a cluster has them in one slot; the colon keeps it from being empty.
        var leaseKey = $"lease{{:{name}}}";
        var holder = NewHolder();
        var fencing = await client.Evaluate<long, Int64Shape>(Acquire, [leaseKey, leaseKey + FenceSuffix], [holder, Milliseconds(duration)], cancellationToken);
        return fencing < 0 ? null : new RedisLease(client, name, leaseKey, holder, fencing);
    }

    /// <summary>A lease of something that there are many of: of its key and its fencing token nothing stays in Redis, ten minutes after it ended at the latest.</summary>
    internal static async ValueTask<RedisLease?> TryAcquireForAWhileAsync(RedisClient client, string key, TimeSpan duration, CancellationToken cancellationToken)
    {
        var holder = NewHolder();
        var fencing = await client.Evaluate<long, Int64Shape>(
            AcquireForAWhile, [key, key + FenceSuffix], [holder, Milliseconds(duration), Milliseconds(duration + FenceLife)], cancellationToken);
        return fencing < 0 ? null : new RedisLease(client, key, key, holder, fencing);
    }

    /// <summary>Sets a key of the same slot and gives the lease back, if nobody else got the lease after this holder.</summary>
    internal async ValueTask<bool> SetAndReleaseAsync(RedisArgument target, RedisArgument value, TimeSpan life, CancellationToken cancellationToken) =>
        await client.Evaluate<long, Int64Shape>(SetAndRelease, [key, key + FenceSuffix, target], [token, FencingToken, value, Milliseconds(life)], cancellationToken) == 1;

    static string NewHolder() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    static long Milliseconds(TimeSpan duration) => duration.TotalMilliseconds >= 1 ? (long)duration.TotalMilliseconds
        : throw new ArgumentOutOfRangeException(nameof(duration), duration, "A lease lasts at least 1 ms.");
}
