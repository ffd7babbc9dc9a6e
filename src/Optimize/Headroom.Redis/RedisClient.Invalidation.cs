namespace Headroom.Redis;

public sealed partial class RedisClient
{
    /// <inheritdoc/>
    public bool IsTracking => core.Tracker.IsTracking;

    /// <inheritdoc/>
    public IDisposable Listen(IInvalidationListener listener, params ReadOnlySpan<string> prefixes)
    {
        ArgumentNullException.ThrowIfNull(listener);
        var listening = core.Tracker.Listen(listener, prefixes);
        core.Start();
        return listening;
    }

    /// <summary>
    /// Messages of a channel, as they are published. Over a connection of its own, which subscribes again after a loss; what was published meanwhile is lost, as always with Redis' publish and
    /// subscribe, and counted in <see cref="RedisSubscription.Interruptions"/>.
    /// </summary>
    /// <param name="channel">The channel, or with <paramref name="isPattern"/> a pattern such as <c>news.*</c>.</param>
    /// <param name="isPattern">PSUBSCRIBE instead of SUBSCRIBE. Default false.</param>
    /// <param name="cancellationToken">Ends the waiting for Redis' confirmation.</param>
    /// <returns>When Redis confirmed. Dispose of it to end the subscription.</returns>
    public async ValueTask<RedisSubscription> SubscribeAsync(string channel, bool isPattern = false, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel);
        return await core.Subscriptions.SubscribeAsync(core.ChannelPrefix + channel, isPattern, timeout, cancellationToken);
    }
}
