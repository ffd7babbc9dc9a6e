using System.Text;
using Headroom.Redis.Connections;
using Headroom.Redis.Protocol;
using Headroom.Redis.Routing;
using Microsoft.Extensions.Logging;

namespace Headroom.Redis.Subscriptions;

/// <summary>
/// Publish and subscribe over a connection of its own, so that a flood of messages holds up no command. One SUBSCRIBE for each name, however many listen to it; after a loss all names again.
/// In RESP2 messages are arrays, and only a subscribing connection may take them for such.
/// </summary>
internal sealed class SubscriptionHub : IPushReceiver, IAsyncDisposable
{
    static readonly Command Subscribe = new("SUBSCRIBE");
    static readonly Command PSubscribe = new("PSUBSCRIBE");
    static readonly Command Unsubscribe = new("UNSUBSCRIBE");
    static readonly Command PUnsubscribe = new("PUNSUBSCRIBE");

    readonly RedisNode node;
    readonly TimeProvider time;
    readonly Lock gate = new();
    RedisSubscription[] subscriptions = [];

    public SubscriptionHub(IServerLocator locator, ConnectionSettings settings, ReconnectDelay delay, ILogger logger)
    {
        time = settings.Time;
        node = new RedisNode(locator, settings, delay, this, logger);
    }

    public bool ReceivesArrays => true;

    public async Task<RedisSubscription> SubscribeAsync(string name, bool isPattern, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var subscription = new RedisSubscription(this, name, isPattern);
        Add(subscription);
        try
        {
            // Again for a name that is subscribed already: Redis confirms it as well, which is what the caller waits for.
            var deadline = time.GetTimestamp() + (long)(timeout.TotalSeconds * time.TimestampFrequency);
            var operation = Operation<bool, AnyShape>.Rent(deadline, timeout, cancellationToken);
            operation.AnsweredByPush = true;
            var confirmed = operation.Task;
            node.SendWhenOpen(operation, Request.Encode(isPattern ? PSubscribe : Subscribe, [name]));
            await confirmed;
            return subscription;
        }
        catch
        {
            await RemoveAsync(subscription);
            throw;
        }
    }

    public ValueTask RemoveAsync(RedisSubscription subscription)
    {
        lock (gate)
        {
            if (!subscriptions.Contains(subscription))
                return default;
            subscriptions = [.. subscriptions.Where(other => other != subscription)];
            if (!Array.Exists(subscriptions, other => other.Name == subscription.Name && other.IsPattern == subscription.IsPattern) && node.Current is { } connection)
                Send(connection, subscription.IsPattern ? PUnsubscribe : Unsubscribe, subscription.Name);
        }

        return default;
    }

    public IReadOnlyList<(Command Command, RedisArgument[] Arguments)> Setup(int protocolVersion) => [];

    public void SetupAnswered(RedisReply reply)
    {
    }

    public void Opened(RedisConnection opened)
    {
        lock (gate)
        {
            foreach (var (name, isPattern) in subscriptions.Select(subscription => (subscription.Name, subscription.IsPattern)).Distinct())
                Send(opened, isPattern ? PSubscribe : Subscribe, name);
        }
    }

    public void Lost(RedisConnection lost)
    {
        foreach (var subscription in Volatile.Read(ref subscriptions))
            subscription.Interrupted();
    }

    public void Receive(ReadOnlySpan<byte> kind, ref RespReader reader, int count)
    {
        var isPattern = kind.SequenceEqual("pmessage"u8);
        if (!isPattern && !kind.SequenceEqual("message"u8))
            return;
        reader.Read();
        var name = Encoding.UTF8.GetString(reader.Value);
        var channel = name;
        if (isPattern)
        {
            reader.Read();
            channel = Encoding.UTF8.GetString(reader.Value);
        }

        reader.Read();
        var message = new RedisMessage(channel, reader.Value.ToArray());
        foreach (var subscription in Volatile.Read(ref subscriptions))
        {
            if (subscription.IsPattern == isPattern && subscription.Name == name)
                subscription.Deliver(message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        foreach (var subscription in Volatile.Read(ref subscriptions))
            subscription.End();
    }

    void Add(RedisSubscription subscription)
    {
        lock (gate)
            subscriptions = [.. subscriptions, subscription];
    }

    // Nobody waits for the answer; if it does not come, the next connection subscribes again.
    void Send(RedisConnection connection, Command command, string name)
    {
        var operation = Operation<bool, AnyShape>.Rent(long.MaxValue, Timeout.InfiniteTimeSpan, CancellationToken.None);
        operation.AnsweredByPush = true;
        if (!connection.TrySend(operation, command, [name]))
            operation.Abandon();
    }
}
