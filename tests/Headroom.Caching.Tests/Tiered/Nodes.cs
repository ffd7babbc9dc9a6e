using Headroom.Caching.Distributed;
using Headroom.Caching.Serialization;
using Headroom.Caching.Tests.Distributed;
using Headroom.Caching.Tiered;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headroom.Caching.Tests.Tiered;

/// <summary>Several caches over one store, as several processes would have them, and what the store tells them.</summary>
internal sealed class Nodes(ManualTime time) : IStoreChanges, IDisposable
{
    readonly List<(IStoreChangeListener Listener, string Prefix)> listeners = [];
    readonly List<TieredCache> made = [];
    readonly Lock gate = new();

    public MemoryStore Store { get; } = new(time);

    public static ValueSerializers Serializers { get; } = new(new ServiceCollection().BuildServiceProvider());

    public TieredCache Add(bool isTold = true, Action<CacheOptions>? configure = null, DistributedTierOptions? distributed = null)
    {
        var options = new CacheOptions { ExpirationJitter = 0 };
        configure?.Invoke(options);
        lock (gate)
        {
            var tier = new DistributedTier(Store, distributed ?? new DistributedTierOptions(), time, new Random(made.Count), NullLogger.Instance);
            var node = new TieredCache("default", options, Serializers, tier, isTold ? this : null, time, NullLogger.Instance);
            made.Add(node);
            return node;
        }
    }

    /// <summary>One process without a second tier.</summary>
    public static TieredCache Alone(TimeProvider time, Action<CacheOptions>? configure = null)
    {
        var options = new CacheOptions { ExpirationJitter = 0 };
        configure?.Invoke(options);
        return new TieredCache("default", options, Serializers, null, null, time, NullLogger.Instance);
    }

    public IDisposable Listen(IStoreChangeListener listener, string prefix)
    {
        lock (gate)
            listeners.Add((listener, prefix));
        listener.Resumed();
        return new Ended(() => listeners.RemoveAll(each => each.Listener == listener));
    }

    /// <summary>Tells every node that everything named so far in the store changed.</summary>
    public void Tell(string key)
    {
        foreach (var (listener, prefix) in Listeners())
        {
            if (key.StartsWith(prefix, StringComparison.Ordinal))
                listener.Changed(key);
        }
    }

    public void Interrupt() => Listeners().ForEach(each => each.Listener.Interrupted());

    public void Resume() => Listeners().ForEach(each => each.Listener.Resumed());

    List<(IStoreChangeListener Listener, string Prefix)> Listeners()
    {
        lock (gate)
            return [.. listeners];
    }

    public void Dispose() => made.ForEach(node => node.Dispose());

    sealed class Ended(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
