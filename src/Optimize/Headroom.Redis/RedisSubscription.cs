using System.Threading.Channels;
using Headroom.Redis.Subscriptions;

namespace Headroom.Redis;

/// <summary>A message that was published.</summary>
/// <param name="Channel">Where, without the client's channel prefix only if the subscription was to a pattern: the name as Redis has it.</param>
/// <param name="Content">What.</param>
public readonly record struct RedisMessage(string Channel, ReadOnlyMemory<byte> Content);

/// <summary>Messages of one channel or pattern. Up to <see cref="CapacityMost"/> wait to be read; then the oldest go, and are counted.</summary>
public sealed class RedisSubscription : IAsyncDisposable
{
    /// <summary>Messages that wait at most: 4,096.</summary>
    public const int CapacityMost = 4096;

    readonly Channel<RedisMessage> messages;
    readonly SubscriptionHub hub;
    long dropped;
    int interruptions;

    internal RedisSubscription(SubscriptionHub hub, string name, bool isPattern)
    {
        this.hub = hub;
        Name = name;
        IsPattern = isPattern;
        messages = Channel.CreateBounded<RedisMessage>(
            new BoundedChannelOptions(CapacityMost) { FullMode = BoundedChannelFullMode.DropOldest, SingleWriter = true },
            _ => Interlocked.Increment(ref dropped));
    }

    /// <summary>Messages that went because nobody read them in time.</summary>
    public long Dropped => Interlocked.Read(ref dropped);

    /// <summary>How often the connection was lost, and with it perhaps messages.</summary>
    public int Interruptions => Volatile.Read(ref interruptions);

    internal string Name { get; }

    internal bool IsPattern { get; }

    /// <summary>The messages from the confirmation on, without end until the subscription or the client is disposed.</summary>
    public IAsyncEnumerable<RedisMessage> ReadAllAsync(CancellationToken cancellationToken = default) => messages.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Ends the subscription.</summary>
    public ValueTask DisposeAsync()
    {
        messages.Writer.TryComplete();
        return hub.RemoveAsync(this);
    }

    internal void Deliver(RedisMessage message) => messages.Writer.TryWrite(message);

    internal void Interrupted() => Interlocked.Increment(ref interruptions);

    internal void End() => messages.Writer.TryComplete();
}
