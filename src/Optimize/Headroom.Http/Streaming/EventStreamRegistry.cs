using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Http.Streaming;

/// <summary>The streams of this process that somebody may join or go on with.</summary>
internal sealed class EventStreamRegistry : IDisposable
{
    readonly Lock gate = new();
    readonly Dictionary<string, EventStream> byId = new(StringComparer.Ordinal);
    readonly Dictionary<StreamScope, EventStream> byKey = [];
    readonly ConcurrentDictionary<string, int> clients = new(StringComparer.Ordinal);
    readonly CancellationTokenRegistration stopping;
    readonly ITimer shutdown;
    bool ended;

    public EventStreamRegistry(
        IOptions<EventStreamOptions> options, StreamingMetrics metrics, IHostApplicationLifetime lifetime, ILogger<EventStreamResult> logger, TimeProvider? time = null)
    {
        Options = options.Value;
        Services = new StreamingServices(time ?? TimeProvider.System, metrics, logger);
        shutdown = Services.Time.CreateTimer(static registry => ((EventStreamRegistry)registry!).EndAll(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        stopping = lifetime.ApplicationStopping.Register(() => shutdown.Change(Options.ShutdownGrace, Timeout.InfiniteTimeSpan));
    }

    public EventStreamOptions Options { get; }

    public StreamingServices Services { get; }

    /// <summary>Counts a client of an endpoint; false when there are as many as there may be.</summary>
    public bool TryEnter(string route, int most)
    {
        if (clients.AddOrUpdate(route, 1, static (_, count) => count + 1) <= most)
            return true;
        if (clients.AddOrUpdate(route, 0, static (_, count) => count - 1) == most)
            StreamingLog.Full(Services.Logger, route, most);
        Services.Metrics.Refused(route);
        return false;
    }

    public void Leave(string route) => clients.AddOrUpdate(route, 0, static (_, count) => count - 1);

    /// <summary>
    /// Finds a client its stream: 1. the one that its last event came from, 2. the one of the same key, 3. a new one. Decided and subscribed under one lock, so that two clients of one key
    /// never start two producers.
    /// </summary>
    public Joined Join(StreamScope scope, string? lastEventId, EventStreamOptions options, string trace)
    {
        lock (gate)
        {
            var isPosition = EventPosition.TryParse(lastEventId, out var position);
            if (isPosition && byId.TryGetValue(position!.Value.Stream, out var previous) && previous.Scope == scope && previous.TrySubscribe(position.Value.Taken!.Value) is { } again)
                return new Joined(previous, again, JoinKind.Resumed);

            if (scope.Shared && byKey.TryGetValue(scope, out var running) && running.MayBeJoined)
            {
                if (lastEventId is not null && !isPosition && running.TrySubscribeAfter(lastEventId) is { } after)
                    return new Joined(running, after, JoinKind.Resumed);
                if (running.TrySubscribe(taken: 0) is { } late)
                    return new Joined(running, late, JoinKind.Joined);
            }

            var made = new EventStream(scope, options, Services, trace, Forget);
            byId.Add(made.Id, made);
            if (scope.Shared)
                byKey[scope] = made;
            var first = new Joined(made, made.TrySubscribe(taken: 0)!, JoinKind.Made);
            if (ended)
                made.EndForShutdown();
            return first;
        }
    }

    public void Dispose()
    {
        stopping.Dispose();
        shutdown.Dispose();
        EndAll();
    }

    void Forget(EventStream stream)
    {
        lock (gate)
        {
            byId.Remove(stream.Id);
            if (stream.Scope.Shared && byKey.TryGetValue(stream.Scope, out var current) && current == stream)
                byKey.Remove(stream.Scope);
        }

        stream.Dispose();
    }

    void EndAll()
    {
        EventStream[] all;
        lock (gate)
        {
            ended = true;
            all = [.. byId.Values];
        }

        foreach (var stream in all)
            stream.EndForShutdown();
    }
}

/// <summary>A client and its stream.</summary>
internal readonly record struct Joined(EventStream Stream, EventStreamSubscription Subscription, JoinKind Kind);

internal enum JoinKind
{
    /// <summary>The stream is new; its producer has to be started.</summary>
    Made,

    /// <summary>Another client's stream, from its oldest kept event on.</summary>
    Joined,

    /// <summary>The client goes on where it was.</summary>
    Resumed,
}
