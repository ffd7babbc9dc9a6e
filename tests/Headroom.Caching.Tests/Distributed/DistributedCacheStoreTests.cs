using System.Buffers;
using Headroom.Caching.Distributed;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Headroom.Caching.Tests.Distributed;

public sealed class DistributedCacheStoreTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Store_OverTheFrameworksContract_GetsWhatWasSet(bool withBuffers)
    {
        var store = new DistributedCacheStore(withBuffers ? new BufferCache() : Memory());
        await store.SetAsync(new[] { Write("a", [1, 2]), Write("b", []) }, Token);
        var values = new StoredValue[3];

        await store.GetAsync(new[] { "b", "missing", "a" }, values, Token);

        Assert.Equal([true, false, true], values.Select(value => value.Exists));
        Assert.Equal([1, 2], values[2].Bytes.ToArray());
        Assert.True(values[0].Bytes.IsEmpty);
        foreach (var value in values)
            value.Dispose();

        await store.RemoveAsync(new[] { "a", "missing" }, Token);
        await store.GetAsync(new[] { "a" }, values.AsMemory(1), Token);
        Assert.False(values[1].Exists);
    }

    [Fact]
    public async Task SetAsync_Sliding_TellsTheCacheBothEnds()
    {
        var cache = new BufferCache();
        await new DistributedCacheStore(cache).SetAsync(
            new[] { new StoreWrite("k", new ReadOnlySequence<byte>([1]), TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(5)) }, Token);
        Assert.Equal((TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(5)), (cache.Options!.AbsoluteExpirationRelativeToNow, cache.Options.SlidingExpiration));
    }

    private static StoreWrite Write(string key, byte[] bytes) => new(key, new ReadOnlySequence<byte>(bytes), TimeSpan.FromMinutes(1));

    private static MemoryDistributedCache Memory() => new(Options.Create(new MemoryDistributedCacheOptions()));

    private sealed class BufferCache : IBufferDistributedCache
    {
        private readonly MemoryDistributedCache _inner = Memory();

        public DistributedCacheEntryOptions? Options { get; private set; }

        public bool TryGet(string key, IBufferWriter<byte> destination) => throw new NotSupportedException();

        public async ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
        {
            if (await _inner.GetAsync(key, token) is not { } bytes)
                return false;
            destination.Write(bytes);
            return true;
        }

        public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

        public async ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default)
        {
            Options = options;
            await _inner.SetAsync(key, value.ToArray(), options, token);
        }

        public byte[]? Get(string key) => throw new NotSupportedException();

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => throw new NotSupportedException();

        public void Refresh(string key) => throw new NotSupportedException();

        public Task RefreshAsync(string key, CancellationToken token = default) => _inner.RefreshAsync(key, token);

        public void Remove(string key) => throw new NotSupportedException();

        public Task RemoveAsync(string key, CancellationToken token = default) => _inner.RemoveAsync(key, token);

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) => throw new NotSupportedException();
    }
}
