using System.Buffers;
using System.Runtime.CompilerServices;

namespace Headroom.Caching.Tests.Distributed;

/// <summary>A store in memory whose calls a test can watch, hold, or let fail.</summary>
internal sealed class MemoryStore(TimeProvider time) : IDistributedStore, IStoreKeySearch, IStoreConditionalSet
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (byte[] Bytes, DateTimeOffset EndsAt)> _values = new(StringComparer.Ordinal);

    /// <summary>Before each key is read or written; may wait or throw.</summary>
    public Func<string, string, CancellationToken, Task>? Before { get; set; }

    public int Calls { get; private set; }

    public List<string> Touched { get; } = [];

    public IReadOnlyList<string> Keys
    {
        get
        {
            lock (_lock)
                return [.. _values.Where(pair => pair.Value.EndsAt > time.GetUtcNow()).Select(pair => pair.Key)];
        }
    }

    public byte[] this[string key]
    {
        get
        {
            lock (_lock)
                return _values[key].Bytes;
        }

        set
        {
            lock (_lock)
                _values[key] = (value, DateTimeOffset.MaxValue);
        }
    }

    public TimeSpan LifeOf(string key)
    {
        lock (_lock)
            return _values[key].EndsAt - time.GetUtcNow();
    }

    public async ValueTask GetAsync(ReadOnlyMemory<string> keys, Memory<StoredValue> values, CancellationToken cancellation)
    {
        Calls++;
        for (var index = 0; index < keys.Length; index++)
        {
            await BeforeAsync("get", keys.Span[index], cancellation);
            lock (_lock)
            {
                if (_values.TryGetValue(keys.Span[index], out var value) && value.EndsAt > time.GetUtcNow())
                    values.Span[index] = new StoredValue(value.Bytes);
            }
        }

        await BeforeAsync("got", keys.Span[0], cancellation);
    }

    public async ValueTask SetAsync(ReadOnlyMemory<StoreWrite> writes, CancellationToken cancellation)
    {
        Calls++;
        for (var index = 0; index < writes.Length; index++)
        {
            await BeforeAsync("set", writes.Span[index].Key, cancellation);
            lock (_lock)
                _values[writes.Span[index].Key] = (writes.Span[index].Value.ToArray(), time.GetUtcNow() + LifeOf(writes.Span[index]));
        }

        await BeforeAsync("did", writes.Span[0].Key, cancellation);
    }

    public async ValueTask SetIfAbsentAsync(ReadOnlyMemory<StoreWrite> writes, Memory<StoredValue> values, CancellationToken cancellation)
    {
        Calls++;
        for (var index = 0; index < writes.Length; index++)
        {
            var write = writes.Span[index];
            await BeforeAsync("set", write.Key, cancellation);
            lock (_lock)
            {
                if (!_values.TryGetValue(write.Key, out var value) || value.EndsAt <= time.GetUtcNow())
                    _values[write.Key] = value = (write.Value.ToArray(), time.GetUtcNow() + LifeOf(write));
                values.Span[index] = new StoredValue(value.Bytes);
            }
        }

        await BeforeAsync("did", writes.Span[0].Key, cancellation);
    }

    /// <summary>As a store does whose memory is full.</summary>
    public void Evict(string key)
    {
        lock (_lock)
            _values.Remove(key);
    }

    public ValueTask TouchAsync(string key, TimeSpan life, CancellationToken cancellation)
    {
        Calls++;
        Touched.Add($"{key} {life}");
        lock (_lock)
        {
            if (_values.TryGetValue(key, out var value) && value.EndsAt > time.GetUtcNow() && value.EndsAt < time.GetUtcNow() + life)
                _values[key] = (value.Bytes, time.GetUtcNow() + life);
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask RemoveAsync(ReadOnlyMemory<string> keys, CancellationToken cancellation)
    {
        Calls++;
        for (var index = 0; index < keys.Length; index++)
        {
            await BeforeAsync("remove", keys.Span[index], cancellation);
            lock (_lock)
                _values.Remove(keys.Span[index]);
        }
    }

    /// <summary>All there are, two to a page.</summary>
    public async IAsyncEnumerable<IReadOnlyList<string>> FindAsync(string pattern, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var page in Keys.Chunk(2))
        {
            Calls++;
            await BeforeAsync("find", pattern, cancellation);
            yield return page;
        }
    }

    private static TimeSpan LifeOf(in StoreWrite write) => write.Sliding is { } sliding && sliding < write.Life ? sliding : write.Life;

    private Task BeforeAsync(string what, string key, CancellationToken cancellation) => Before?.Invoke(what, key, cancellation) ?? Task.CompletedTask;
}
