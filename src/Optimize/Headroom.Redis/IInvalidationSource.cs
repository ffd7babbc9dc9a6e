namespace Headroom.Redis;

/// <summary>Tells which keys were changed, by whatever program in whatever language. Implemented by <see cref="RedisClient"/> with Redis' client tracking in broadcast mode.</summary>
public interface IInvalidationSource
{
    /// <summary>
    /// Whether every change reaches the listeners at this moment: tracking is confirmed on every connection it needs. False before the first confirmation, while a connection is lost, and for
    /// servers without RESP3 or that refuse tracking. While it is false nothing kept is known to be fresh.
    /// </summary>
    bool IsTracking { get; }

    /// <summary>Has the listener told of every change from now on to keys that begin with one of the prefixes. The listener is told <see cref="IInvalidationListener.Tracking"/> once that is confirmed.</summary>
    /// <param name="listener">Called on the thread that reads replies: it must be quick, must not block, and must not throw.</param>
    /// <param name="prefixes">Read as UTF-8; the empty prefix, or none at all, is every key.</param>
    /// <returns>Dispose of it to end that.</returns>
    IDisposable Listen(IInvalidationListener listener, params ReadOnlySpan<string> prefixes);
}

/// <summary>Hears of changes. Every method must be quick, must not block and must not throw.</summary>
public interface IInvalidationListener
{
    /// <summary>
    /// A key was set, deleted, or has expired or been evicted. An expiry may be told twice. Changes that this client itself made are not told. Told in the order of the stream: before the reply to any
    /// command that Redis executed after the change.
    /// </summary>
    /// <param name="key">The key's bytes, valid during the call only.</param>
    void Changed(ReadOnlySpan<byte> key);

    /// <summary>
    /// Changes may have been missed, or everything was: drop all that is kept. After a lost connection, told before another is tried; when Redis flushed a database; when tracking ends or
    /// begins anew. What is kept between this and <see cref="Tracking"/> is not known to stay fresh.
    /// </summary>
    void AllMayBeStale(InvalidationReason reason);

    /// <summary>From now on every change is told. What is read from Redis after this call can be kept until it is told otherwise.</summary>
    void Tracking();
}

/// <summary>Why everything that is kept may be stale.</summary>
public enum InvalidationReason
{
    /// <summary>A connection was lost: what was pushed meanwhile did not arrive.</summary>
    ConnectionLost,

    /// <summary>FLUSHDB or FLUSHALL, or Redis ran out of memory for tracking: a push without keys.</summary>
    Flushed,

    /// <summary>What is tracked has changed: prefixes, or the nodes of a cluster.</summary>
    TrackingChanged,

    /// <summary>The server does not track: it knows no RESP3, or refused.</summary>
    NotSupported,
}
