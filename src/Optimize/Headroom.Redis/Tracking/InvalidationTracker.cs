using Headroom.Redis.Connections;
using Microsoft.Extensions.Logging;

namespace Headroom.Redis.Tracking;

/// <summary>
/// Client tracking in broadcast mode (https://redis.io/docs/latest/develop/reference/client-side-caching/), on every connection that reads and writes.
/// <para>1. A new connection that confirmed HELLO 3 is told CLIENT TRACKING ON BCAST NOLOOP with the prefixes before any command uses it (<see cref="NodeTracking"/>). Without RESP3 Redis would
/// answer OK and never push, so then it is not asked. 2. Listeners are told that changes reach them once all connections confirmed. 3. A push names keys, or none: then all may be stale.
/// 4. A lost connection is told at once, before another is tried, because pushes may have been lost with it.</para>
/// What listeners are told of the state is told under the lock, so that they hear it in the order in which it happened.
/// </summary>
internal sealed partial class InvalidationTracker(ILogger logger, TimeProvider time)
{
    readonly HashSet<NodeTracking> nodes = [];
    InvalidationListener[] listeners = [];
    byte[][] prefixes = [];
    bool complained;
    bool hidden;
    long connections;
    HashSet<NodeTracking>? expected;

    public Lock Gate { get; } = new();

    public TimeProvider Time => time;

    /// <summary>Counts changes of what is to be tracked.</summary>
    public int Generation { get; private set; }

    /// <summary>How many connections were opened so far.</summary>
    public long Connections => Interlocked.Read(ref connections);

    public bool IsTracking
    {
        get
        {
            lock (Gate)
                return listeners.Length > 0 && expected is { Count: > 0 } && expected.All(node => node.IsConfirmed);
        }
    }

    public bool HasListeners => Volatile.Read(ref listeners).Length > 0;

    public IDisposable Listen(IInvalidationListener target, ReadOnlySpan<string> wanted)
    {
        var listener = InvalidationListener.Of(target, wanted);
        lock (Gate)
        {
            listeners = [.. listeners, listener];
            if (Widen(listener.Prefixes))
                RetrackAll();
            else if (IsTracking)
                target.Tracking();
        }

        return new Listening(this, listener);
    }

    public NodeTracking AddNode()
    {
        var node = new NodeTracking(this);
        lock (Gate)
            nodes.Add(node);
        return node;
    }

    public void RemoveNode(NodeTracking node)
    {
        lock (Gate)
            nodes.Remove(node);
    }

    /// <summary>Which nodes must have confirmed: the masters, and nobody who was one. Null: not known yet.</summary>
    public void Expect(IEnumerable<NodeTracking>? masters)
    {
        lock (Gate)
        {
            var now = masters?.ToHashSet();
            if (now is null ? expected is null : expected is not null && now.SetEquals(expected))
                return;
            expected = now;
            // A new master had changes that nobody was told of.
            TellStale(InvalidationReason.TrackingChanged);
            TellWhenTracking();
        }
    }

    /// <summary>Under the lock. What CLIENT TRACKING is to be told; null for off.</summary>
    public RedisArgument[]? Wanted()
    {
        if (listeners.Length == 0)
            return null;
        List<RedisArgument> arguments = ["ON", "BCAST", "NOLOOP"];
        foreach (var prefix in prefixes)
        {
            arguments.Add("PREFIX");
            arguments.Add(prefix);
        }

        return [.. arguments];
    }

    public void TellChanged(ReadOnlySpan<byte> key)
    {
        foreach (var listener in Volatile.Read(ref listeners))
        {
            try
            {
                listener.Changed(key);
            }
#pragma warning disable CA1031 // A listener that throws has broken its contract; others must still hear, and the connection must not end by it.
            catch (Exception e)
            {
                LogListenerFailed(logger, e);
            }
#pragma warning restore CA1031
        }
    }

    public void TellStale(InvalidationReason reason)
    {
        Tell(listener => listener.AllMayBeStale(reason));
    }

    /// <summary>A connection confirmed: if it was the last one that had to, listeners hear it.</summary>
    public void TellWhenTracking()
    {
        lock (Gate)
        {
            if (IsTracking)
                Tell(static listener => listener.Tracking());
        }
    }

    public void Refused(string why)
    {
        if (!complained)
            LogNotSupported(logger, why);
        complained = true;
        TellStale(InvalidationReason.NotSupported);
    }

    /// <summary>A connection, before any command uses it.</summary>
    public void CountConnection() => Interlocked.Increment(ref connections);

    /// <summary>Nobody will notice when Redis comes back with less than it had.</summary>
    public void HistoryHidden(string why)
    {
        if (!hidden)
            LogHistoryHidden(logger, why);
        hidden = true;
    }

    void Tell(Action<IInvalidationListener> what)
    {
        lock (Gate)
        {
            foreach (var listener in listeners)
            {
                try
                {
                    what(listener.Target);
                }
#pragma warning disable CA1031 // As above; and the node that tells of a loss must go on to connect.
                catch (Exception e)
                {
                    LogListenerFailed(logger, e);
                }
#pragma warning restore CA1031
            }
        }
    }

    void Remove(InvalidationListener listener)
    {
        lock (Gate)
        {
            listeners = [.. listeners.Where(other => other != listener)];
            // Prefixes that nobody needs any more cost pushes, but taking them off would cost the others all they keep.
            if (listeners.Length > 0)
                return;
            prefixes = [];
            RetrackAll();
        }
    }

    // Under the lock. Redis refuses a prefix that begins with another one; the shorter says it all.
    bool Widen(byte[][] wanted)
    {
        var needed = new List<byte[]>();
        foreach (var prefix in prefixes.Concat(wanted).OrderBy(prefix => prefix.Length))
        {
            if (!needed.Exists(shorter => prefix.AsSpan().StartsWith(shorter)))
                needed.Add(prefix);
        }

        if (needed.Count == prefixes.Length && needed.TrueForAll(prefix => Array.Exists(prefixes, old => old.AsSpan().SequenceEqual(prefix))))
            return false;
        prefixes = [.. needed];
        return true;
    }

    // Under the lock.
    void RetrackAll()
    {
        Generation++;
        foreach (var node in nodes)
            node.Retrack();
    }

    [LoggerMessage(5, LogLevel.Warning, "Redis does not track changes for this client ({Reason}). What is kept in memory stays until it expires.")]
    static partial void LogNotSupported(ILogger logger, string reason);

    [LoggerMessage(9, LogLevel.Warning, "Redis does not answer INFO replication to this client ({Reason}). A Redis that comes back from an older copy may serve what was invalidated since.")]
    static partial void LogHistoryHidden(ILogger logger, string reason);

    [LoggerMessage(8, LogLevel.Error, "A listener of changes threw an exception, which it must not; what it keeps may be stale.")]
    static partial void LogListenerFailed(ILogger logger, Exception exception);

    sealed class Listening(InvalidationTracker tracker, InvalidationListener listener) : IDisposable
    {
        public void Dispose() => tracker.Remove(listener);
    }
}
