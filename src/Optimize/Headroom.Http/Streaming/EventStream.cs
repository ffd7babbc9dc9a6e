using Microsoft.Extensions.Logging;

namespace Headroom.Http.Streaming;

/// <summary>
/// One producer, the events that it has made lately, and the clients that get them. Its life:
/// <list type="number">
/// <item>Made with its first client; <see cref="Run"/> starts the producer once the client has its header.</item>
/// <item>Each event goes into the log; clients read from the log at their own pace. An event that a client has yet to get is not thrown away before the producer has waited
/// <see cref="EventStreamOptions.BacklogWait"/> for it; then the client is.</item>
/// <item>When the last client goes, the producer has <see cref="EventStreamOptions.ResumeWindow"/> until one comes back; then it is cancelled and the stream closed.</item>
/// <item>It ends once: by the producer's end, its exception, the deadline or the application's stop. Clients still get what is in the log.</item>
/// <item>An ended stream is kept for the window, for clients that lost their connection before they had the end; then it is closed.</item>
/// </list>
/// </summary>
internal sealed class EventStream : IDisposable
{
    // One write carries what has gathered, up to so many bytes.
    const int BatchBytes = 32 * 1024;

    readonly Lock gate = new();
    readonly EventStreamOptions options;
    readonly StreamingServices services;
    readonly EventLog log;
    readonly List<EventStreamSubscription> subscriptions = [];
    readonly CancellationTokenSource producing = new();
    readonly ITimer closing;
    readonly ITimer deadline;
    readonly string trace;
    readonly bool shared;
    readonly Action<EventStream> onClosed;
    EventStreamOutcome? outcome;
    TaskCompletionSource? room;
    long left;
    bool closed;

    public EventStream(StreamScope scope, EventStreamOptions options, StreamingServices services, string trace, Action<EventStream> onClosed)
    {
        Scope = scope;
        this.options = options;
        this.services = services;
        this.trace = trace;
        this.onClosed = onClosed;
        shared = scope.Shared;
        log = new EventLog(options.BufferEvents, options.BufferBytes);
        closing = services.Time.CreateTimer(static stream => ((EventStream)stream!).CloseUnlessWatched(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        deadline = services.Time.CreateTimer(static stream => ((EventStream)stream!).EndAtDeadline(), this, options.Deadline ?? Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Id { get; } = EventPosition.NewStream();

    public StreamScope Scope { get; }

    /// <summary>Whether somebody who has nothing of it yet may join: not when it failed, so that whoever asks again gets a new producer.</summary>
    public bool MayBeJoined
    {
        get
        {
            lock (gate)
                return !closed && outcome is null or EventStreamOutcome.Completed;
        }
    }

    TimeSpan BacklogWait => options.BacklogWait ?? (shared ? TimeSpan.Zero : TimeSpan.FromSeconds(10));

    /// <summary>Adds a client that has this many events already; null when the stream is closed.</summary>
    public EventStreamSubscription? TrySubscribe(long taken)
    {
        lock (gate)
        {
            if (closed)
                return null;
            var position = Math.Clamp(taken, log.First, log.Next);
            var subscription = new EventStreamSubscription(position, Math.Max(0, position - taken));
            subscriptions.Add(subscription);
            if (outcome is null)
                closing.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            room?.TrySetResult();
            return subscription;
        }
    }

    /// <summary>As <see cref="TrySubscribe"/>, by the id that the application gave the last event; null also when that event is not kept.</summary>
    public EventStreamSubscription? TrySubscribeAfter(string ownId)
    {
        lock (gate)
            return log.After(ownId) is { } position ? TrySubscribe(position) : null;
    }

    public void Unsubscribe(EventStreamSubscription subscription)
    {
        lock (gate)
        {
            subscriptions.Remove(subscription);
            room?.TrySetResult();
            if (subscriptions.Count > 0 || closed)
                return;
            left = subscription.Position;
            if (outcome is null && options.ResumeWindow > TimeSpan.Zero)
            {
                closing.Change(options.ResumeWindow, Timeout.InfiniteTimeSpan);
                return;
            }

            if (outcome is not null)
                return;
        }

        CloseUnlessWatched();
    }

    /// <summary>Takes what there is for a client. What it was given is gone for it: a client that does not get it comes back with the id of what it got.</summary>
    /// <param name="events">How many of it are events: the mark at the end of a complete stream is none.</param>
    public TakeResult Take(EventStreamSubscription subscription, List<ReadOnlyMemory<byte>> into, out int events)
    {
        events = 0;
        lock (gate)
        {
            if (subscription.Dropped)
                return TakeResult.Dropped;
            for (var bytes = 0; subscription.Position < log.Next && bytes < BatchBytes; subscription.Position++)
            {
                into.Add(log[subscription.Position]);
                bytes += into[^1].Length;
            }

            if (into.Count == 0)
                return outcome is null ? TakeResult.Nothing : TakeResult.Ended;
            events = into.Count - (outcome is EventStreamOutcome.Completed && subscription.Position == log.Next ? 1 : 0);
            room?.TrySetResult();
            return TakeResult.Events;
        }
    }

    /// <summary>How it ended, for a client that took all: <see cref="TakeResult.Ended"/>.</summary>
    public EventStreamOutcome Outcome => outcome ?? throw new InvalidOperationException("The stream goes on.");

    /// <summary>Starts the producer, on another thread: what it does before its first await must not hold the header back.</summary>
    public void Run(Func<CancellationToken, IAsyncEnumerable<ServerSentEvent>> producer)
    {
        // A stream of an application that stops has ended before it began.
        if (!producing.IsCancellationRequested)
            _ = Task.Run(() => ProduceAsync(producer), CancellationToken.None);
    }

    /// <summary>Ends it without a last word, so that clients connect again, to another node.</summary>
    public void EndForShutdown() => End(EventStreamOutcome.Shutdown, last: null);

    /// <summary>Lets go of the timers. Not of the token, which a producer that does not heed it may still use, and which has nothing to let go of.</summary>
    public void Dispose()
    {
        closing.Dispose();
        deadline.Dispose();
    }

    async Task ProduceAsync(Func<CancellationToken, IAsyncEnumerable<ServerSentEvent>> producer)
    {
        services.Metrics.ProducerStarted(Scope.Route);
        var token = producing.Token;
        try
        {
            await foreach (var item in producer(token).WithCancellation(token))
            {
                if (!await AppendAsync(item ?? throw new InvalidOperationException("The producer of an event stream yielded null; yield events only."), token))
                    return;
            }

            End(EventStreamOutcome.Completed, EventEncoder.Silent(new EventPosition(Id, Taken: null).ToString(), retry: null));
        }
        catch (Exception) when (token.IsCancellationRequested)
        {
            // Nobody is there, or it has ended already. Drivers say so with exceptions of their own.
        }
        catch (Exception failure)
        {
            StreamingLog.ProducerFailed(services.Logger, failure, Scope.Route, trace);
            EndWith(EventStreamOutcome.Error, StreamProblems.Failed(trace));
        }
        finally
        {
            services.Metrics.ProducerEnded(Scope.Route);
        }
    }

    async ValueTask<bool> AppendAsync(ServerSentEvent item, CancellationToken token)
    {
        // Only the producer adds while the stream goes on, so the number is known outside the lock.
        var encoded = EventEncoder.Encode(item, item.Id ?? new EventPosition(Id, log.Next + 1).ToString());
        var waitedSince = services.Time.GetTimestamp();
        while (true)
        {
            TimeSpan wait;
            Task made;
            lock (gate)
            {
                if (outcome is not null || closed)
                    return false;
                while (!log.HasRoomFor(encoded.Length) && !IsNeeded(log.First))
                    log.EvictOldest();
                if (log.HasRoomFor(encoded.Length))
                {
                    log.Add(encoded, item.Id);
                    WakeAll();
                    return true;
                }

                // With nobody there, until somebody comes back or the window closes, which cancels.
                wait = subscriptions.Count == 0 ? Timeout.InfiniteTimeSpan : BacklogWait - services.Time.GetElapsedTime(waitedSince);
                if (subscriptions.Count > 0 && wait <= TimeSpan.Zero)
                {
                    DropThoseAt(log.First);
                    continue;
                }

                room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                made = room.Task;
            }

            await WaitForRoomAsync(made, wait, token);
        }
    }

    async Task WaitForRoomAsync(Task made, TimeSpan wait, CancellationToken token)
    {
        try
        {
            await made.WaitAsync(wait, services.Time, token);
        }
        catch (TimeoutException)
        {
            // The next look drops who is too slow.
        }
    }

    bool IsNeeded(long oldest) => subscriptions.Count > 0 ? subscriptions.Exists(each => !each.Dropped && each.Position <= oldest) : !shared && left <= oldest;

    void DropThoseAt(long oldest)
    {
        foreach (var slow in subscriptions.Where(each => !each.Dropped && each.Position <= oldest))
            slow.Drop();
    }

    void WakeAll()
    {
        foreach (var each in subscriptions)
            each.Wake();
    }

    void EndAtDeadline() => EndWith(EventStreamOutcome.Deadline, StreamProblems.PastDeadline(trace));

    void EndWith(EventStreamOutcome how, ServerSentEvent last) => End(how, EventEncoder.Encode(last, new EventPosition(Id, Taken: null).ToString()));

    /// <summary>The first to end it decides how. The last event has the id after which a reconnect is answered by 204.</summary>
    void End(EventStreamOutcome how, byte[]? last)
    {
        lock (gate)
        {
            if (outcome is not null || closed)
                return;
            outcome = how;
            if (last is not null)
                log.Add(last, ownId: null);
            WakeAll();
            room?.TrySetResult();
            deadline.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            closing.Change(options.ResumeWindow, Timeout.InfiniteTimeSpan);
        }

        _ = producing.CancelAsync();
    }

    void CloseUnlessWatched()
    {
        lock (gate)
        {
            // Clients that are still reading an ended stream keep it themselves; it need not be found any more.
            if (closed || (outcome is null && subscriptions.Count > 0))
                return;
            closed = true;
            deadline.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        _ = producing.CancelAsync();
        onClosed(this);
    }
}

/// <summary>What there was for a client.</summary>
internal enum TakeResult
{
    Nothing,
    Events,
    Ended,
    Dropped,
}
