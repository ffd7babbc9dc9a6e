using System.Buffers;
using Headroom.Redis.Connections;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Options;

namespace Headroom.Redis.DistributedCaching;

/// <summary>
/// The framework's distributed cache over Redis, for sessions and whatever else uses one. Entries are those of Microsoft.Extensions.Caching.StackExchangeRedis: a hash with the fields <c>absexp</c> and
/// <c>sldexp</c> in ticks, -1 for none, and <c>data</c>; so an application can move over, or back, with its sessions.
/// <para>A read is one round trip, also when it has to prolong a sliding entry: a script reads and prolongs. It takes the time from Redis, where Microsoft's takes it from each web server.</para>
/// The synchronous methods block a thread for a round trip, which the interface demands; use the asynchronous ones.
/// </summary>
internal sealed class RedisDistributedCache(RedisClient client, IOptions<RedisDistributedCacheOptions> options, TimeProvider time) : IBufferDistributedCache
{
    // Ticks since year 1 have more digits than Lua's numbers; what is lost is below 20 microseconds.
    const string Prolong = """
        if fields[2] and fields[2] ~= '-1' then
          local life = tonumber(fields[2]) / 10000
          if fields[1] and fields[1] ~= '-1' then
            local time = redis.call('TIME')
            local now = time[1] * 1000 + time[2] / 1000
            life = math.min(life, (tonumber(fields[1]) - 621355968000000000) / 10000 - now)
          end
          redis.call('PEXPIRE', KEYS[1], math.floor(life))
        end
        """;

    static readonly RedisScript GetAndProlong = new("local fields = redis.call('HMGET', KEYS[1], 'absexp', 'sldexp', 'data')\n" + Prolong + "\nreturn fields[3]");

    static readonly RedisScript ProlongOnly = new("local fields = redis.call('HMGET', KEYS[1], 'absexp', 'sldexp')\n" + Prolong + "\nreturn 0");

    // All fields and the life in one step: no reader sees an entry without its end.
    static readonly RedisScript SetEntry = new("""
        redis.call('DEL', KEYS[1])
        redis.call('HSET', KEYS[1], 'absexp', ARGV[1], 'sldexp', ARGV[2], 'data', ARGV[4])
        if ARGV[3] ~= '-1' then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
        return 1
        """);

    readonly string prefix = options.Value.InstanceName;

    public byte[]? Get(string key) => Wait(GetAsync(key));

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        using var value = await ReadAsync(key, token);
        return value.ToArray();
    }

    public bool TryGet(string key, IBufferWriter<byte> destination) => Wait(TryGetAsync(key, destination).AsTask());

    public async ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        using var value = await ReadAsync(key, token);
        if (value.IsNull)
            return false;
        destination.Write(value.Span);
        return true;
    }

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => Wait(SetAsync(key, value, options));

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(value);
        return WriteAsync(key, value, options, token).AsTask();
    }

    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options) => Wait(SetAsync(key, value, options).AsTask());

    public async ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        if (value.IsSingleSegment)
        {
            await WriteAsync(key, value.First, options, token);
            return;
        }

        var length = checked((int)value.Length);
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            value.CopyTo(rented);
            await WriteAsync(key, rented.AsMemory(0, length), options, token);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    public void Refresh(string key) => Wait(RefreshAsync(key));

    public async Task RefreshAsync(string key, CancellationToken token = default) => await client.Evaluate<bool, AnyShape>(ProlongOnly, [KeyOf(key)], [], token);

    public void Remove(string key) => Wait(RemoveAsync(key));

    public async Task RemoveAsync(string key, CancellationToken token = default) => await client.DeleteAsync(KeyOf(key), token);

    ValueTask<RedisBuffer> ReadAsync(string key, CancellationToken token) => client.Evaluate<RedisBuffer, BufferShape>(GetAndProlong, [KeyOf(key)], [], token);

    async ValueTask WriteAsync(string key, ReadOnlyMemory<byte> value, DistributedCacheEntryOptions entry, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var now = time.GetUtcNow();
        var absolute = entry.AbsoluteExpirationRelativeToNow is { } relative ? now + relative : entry.AbsoluteExpiration;
        if (absolute <= now)
            throw new ArgumentOutOfRangeException(nameof(entry), absolute, "The absolute expiration is in the past; give one in the future, or remove the key.");
        var life = (absolute - now, entry.SlidingExpiration) switch
        {
            ({ } left, { } sliding) => left < sliding ? left : sliding,
            var (left, sliding) => left ?? sliding,
        };
        // What is left may be less than a millisecond; Redis counts none lower.
        var milliseconds = life is { } span ? Math.Max(1, (long)span.TotalMilliseconds) : -1;
        await client.Evaluate<bool, AnyShape>(
            SetEntry,
            [KeyOf(key)],
            [absolute?.UtcTicks ?? -1, entry.SlidingExpiration?.Ticks ?? -1, milliseconds, value],
            token);
    }

    RedisArgument KeyOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return prefix.Length == 0 ? key : prefix + key;
    }

    static void Wait(Task task) => task.GetAwaiter().GetResult();

    static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
