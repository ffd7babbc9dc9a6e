using System.Buffers;
using Headroom.Caching.Serialization;
using Microsoft.Extensions.Caching.Distributed;

namespace Headroom.Caching.Distributed;

/// <summary>Any <see cref="IDistributedCache"/> as a store: a call for each key, those of one request side by side. With <see cref="IBufferDistributedCache"/> values stay in pooled buffers.</summary>
internal sealed class DistributedCacheStore(IDistributedCache cache) : IDistributedStore
{
    private readonly IBufferDistributedCache? _buffers = cache as IBufferDistributedCache;

    public ValueTask GetAsync(ReadOnlyMemory<string> keys, Memory<StoredValue> values, CancellationToken cancellation) =>
        keys.Length == 1
            ? GetOneAsync(keys.Span[0], values, cancellation)
            : new ValueTask(Task.WhenAll(Enumerable.Range(0, keys.Length).Select(index => GetOneAsync(keys.Span[index], values[index..], cancellation).AsTask())));

    public async ValueTask SetAsync(ReadOnlyMemory<StoreWrite> writes, CancellationToken cancellation)
    {
        for (var index = 0; index < writes.Length; index++)
        {
            var write = writes.Span[index];
            var options = new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = write.Life, SlidingExpiration = write.Sliding };
            if (_buffers is not null)
                await _buffers.SetAsync(write.Key, write.Value, options, cancellation);
            else
                await cache.SetAsync(write.Key, write.Value.ToArray(), options, cancellation);
        }
    }

    /// <summary>The contract's own way: it knows the time from when the key was set. A read has done the same already.</summary>
    public ValueTask TouchAsync(string key, TimeSpan life, CancellationToken cancellation) => new(cache.RefreshAsync(key, cancellation));

    public async ValueTask RemoveAsync(ReadOnlyMemory<string> keys, CancellationToken cancellation)
    {
        for (var index = 0; index < keys.Length; index++)
            await cache.RemoveAsync(keys.Span[index], cancellation);
    }

    private async ValueTask GetOneAsync(string key, Memory<StoredValue> values, CancellationToken cancellation)
    {
        if (_buffers is null)
        {
            if (await cache.GetAsync(key, cancellation) is { } bytes)
                values.Span[0] = new StoredValue(bytes);
            return;
        }

        var buffer = new PooledBuffer();
        var found = false;
        try
        {
            found = await _buffers.TryGetAsync(key, buffer, cancellation);
            if (found)
                values.Span[0] = new StoredValue(buffer.WrittenMemory, buffer);
        }
        finally
        {
            if (!found)
                buffer.Dispose();
        }
    }
}
