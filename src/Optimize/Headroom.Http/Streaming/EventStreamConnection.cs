using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http.Streaming;

/// <summary>
/// Sends a stream to one client until either ends. One timer has two uses that never overlap: while there is nothing to send it makes the heart-beat, while a write waits it cuts the connection.
/// </summary>
internal sealed class EventStreamConnection : IAsyncDisposable
{
    readonly Lock gate = new();
    readonly HttpContext context;
    readonly EventStream stream;
    readonly EventStreamSubscription subscription;
    readonly EventStreamOptions options;
    readonly StreamingServices services;
    readonly ITimer timer;
    readonly CancellationTokenRegistration gone;
    readonly List<ReadOnlyMemory<byte>> batch = [];
    long writingSince;
    bool writing;
    bool isHeartBeatDue;
    bool cut;
    bool over;

    public EventStreamConnection(HttpContext context, EventStream stream, EventStreamSubscription subscription, EventStreamOptions options, StreamingServices services)
    {
        this.context = context;
        this.stream = stream;
        this.subscription = subscription;
        this.options = options;
        this.services = services;
        timer = services.Time.CreateTimer(static connection => ((EventStreamConnection)connection!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        subscription.Cut = Cut;
        gone = context.RequestAborted.UnsafeRegister(static subscribed => ((EventStreamSubscription)subscribed!).Wake(), subscription);
    }

    /// <summary>Writes what the client gets before any event; false when it has gone.</summary>
    public async Task<bool> OpenAsync(params IEnumerable<byte[]> blocks)
    {
        foreach (var block in blocks)
            context.Response.BodyWriter.Write(block);
        return await FlushAsync();
    }

    /// <param name="onEvents">Told how many events were sent, after they were.</param>
    public async Task<EventStreamOutcome> RunAsync(Action<int> onEvents)
    {
        while (true)
        {
            batch.Clear();
            switch (stream.Take(subscription, batch, out var events))
            {
                case TakeResult.Dropped:
                    Cut();
                    return EventStreamOutcome.Slow;
                case TakeResult.Ended:
                    return stream.Outcome;
                case TakeResult.Events:
                    foreach (var encoded in batch)
                        context.Response.BodyWriter.Write(encoded.Span);
                    if (!await FlushAsync())
                        return HowItBroke();
                    if (events > 0)
                        onEvents(events);
                    break;
                case TakeResult.Nothing:
                    if (context.RequestAborted.IsCancellationRequested)
                        return HowItBroke();
                    if (!await IdleAsync())
                        return HowItBroke();
                    break;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (gate)
            over = true;
        await gone.DisposeAsync();
        await timer.DisposeAsync();
    }

    EventStreamOutcome HowItBroke() => Volatile.Read(ref cut) ? EventStreamOutcome.Slow : EventStreamOutcome.Client;

    async Task<bool> IdleAsync()
    {
        Volatile.Write(ref isHeartBeatDue, false);
        timer.Change(options.HeartBeat, Timeout.InfiniteTimeSpan);
        await subscription.WaitAsync();
        timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (!Volatile.Read(ref isHeartBeatDue))
            return true;
        context.Response.BodyWriter.Write(EventEncoder.HeartBeat);
        return await FlushAsync();
    }

    /// <summary>Sends what was written. A client that does not read lets this wait; after the write timeout its connection is cut, which ends the waiting.</summary>
    async Task<bool> FlushAsync()
    {
        try
        {
            var flush = context.Response.BodyWriter.FlushAsync(CancellationToken.None);
            if (flush.IsCompleted)
                await flush;
            else
                await WaitForClientAsync(flush);
        }
        catch (Exception broken) when (broken is IOException or OperationCanceledException or InvalidOperationException && context.RequestAborted.IsCancellationRequested)
        {
            return false;
        }

        return !Volatile.Read(ref cut) && !context.RequestAborted.IsCancellationRequested;
    }

    async Task WaitForClientAsync(ValueTask<FlushResult> flush)
    {
        Volatile.Write(ref writingSince, services.Time.GetTimestamp());
        Volatile.Write(ref writing, true);
        timer.Change(options.WriteTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            await flush;
        }
        finally
        {
            Volatile.Write(ref writing, false);
            timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    void OnTimer()
    {
        if (!Volatile.Read(ref writing))
        {
            Volatile.Write(ref isHeartBeatDue, true);
            subscription.Wake();
            return;
        }

        // A heart-beat's timer may fire when a write has just begun; that write has its own time.
        var remaining = options.WriteTimeout - services.Time.GetElapsedTime(Volatile.Read(ref writingSince));
        if (remaining > TimeSpan.Zero)
            timer.Change(remaining, Timeout.InfiniteTimeSpan);
        else
            Cut();
    }

    void Cut()
    {
        // Not after the end: the server gives the context to the connection's next request.
        lock (gate)
        {
            if (cut || over)
                return;
            cut = true;
            context.Abort();
        }

        StreamingLog.SlowClient(services.Logger, stream.Scope.Route);
    }
}
