using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Http.Background;

/// <summary>
/// The way of an item:
/// <list type="number">
/// <item>It is let in when fewer than <see cref="BackgroundQueueOptions.Capacity"/> wait; else the options say whether its caller waits, it is refused or the oldest goes.</item>
/// <item>A worker takes it, which lets the next caller in, and runs it in a scope of its own.</item>
/// <item>If it throws it waits for its next attempt, in its place among those that wait; it is let in without asking, so that a full queue loses no retry.</item>
/// <item>When the application stops nothing is let in any more, waiting retries are due at once, and workers go on until nothing is left or the time is over.</item>
/// </list>
/// </summary>
internal sealed class BackgroundQueue : IBackgroundQueue, IDrainable, IDisposable
{
    readonly Lock gate = new();
    readonly BackgroundQueueOptions options;
    readonly IServiceScopeFactory scopes;
    readonly BackgroundMetrics metrics;
    readonly ILogger logger;
    readonly TimeProvider time;
    readonly Random random;
    readonly Channel<Item> ready = Channel.CreateUnbounded<Item>();
    readonly LinkedList<Item> delayed = [];
    readonly LinkedList<Waiter> waiters = [];
    readonly CancellationTokenSource abandoning = new();
    Task[] workers = [];
    int pending;
    int running;
    bool stopping;
    bool isDrained;

    public BackgroundQueue(string name, BackgroundQueueOptions options, IServiceScopeFactory scopes, BackgroundMetrics metrics, ILogger<IBackgroundQueue> logger, TimeProvider time, Random random)
    {
        Name = name;
        this.options = options;
        this.scopes = scopes;
        this.metrics = metrics;
        this.logger = logger;
        this.time = time;
        this.random = random;
    }

    public string Name { get; }

    public int Pending => Volatile.Read(ref pending);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        workers = [.. Enumerable.Range(0, options.Workers).Select(_ => Task.Run(WorkAsync, CancellationToken.None))];
        return Task.CompletedTask;
    }

    public ValueTask<EnqueueOutcome> EnqueueAsync(Func<IServiceProvider, CancellationToken, Task> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        cancellationToken.ThrowIfCancellationRequested();

        var item = new Item(work) { WaitsSince = time.GetTimestamp() };
        lock (gate)
        {
            if (stopping)
                return Refused(EnqueueOutcome.Stopping);

            if (pending < options.Capacity)
            {
                Admit(item);
                return new(EnqueueOutcome.Accepted);
            }

            switch (options.WhenFull)
            {
                case WhenFull.Reject:
                    return Refused(EnqueueOutcome.Rejected);
                case WhenFull.DropOldest:
                    DropOldest();
                    Admit(item);
                    return new(EnqueueOutcome.AcceptedForOldest);
                default:
                    return new(WaitAsync(waiters.AddLast(new Waiter(item)), cancellationToken));
            }
        }
    }

    /// <summary>Stops taking work and runs what is there, until it is done, <see cref="BackgroundQueueOptions.DrainTime"/> is over or the host will not wait.</summary>
    public async Task DrainAsync(CancellationToken hurry)
    {
        // A host may be stopped once more after it was disposed of.
        lock (gate)
        {
            if (isDrained)
                return;
            isDrained = true;
        }

        BeginStopping();
        if (workers.Length > 0)
        {
            using var late = new CancellationTokenSource(options.DrainTime, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, hurry);
            var done = Task.WhenAll(workers);
            await done.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await abandoning.CancelAsync();
        ready.Writer.TryComplete();
        int lost;
        lock (gate)
            lost = pending + running;
        if (lost == 0)
            return;
        metrics.Count(Name, ItemOutcome.Lost, lost);
        BackgroundLog.Lost(logger, Name, lost);
    }

    public void Dispose() => abandoning.Dispose();

    async Task<EnqueueOutcome> WaitAsync(LinkedListNode<Waiter> place, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(static (waiting, token) => ((Waiter)waiting!).Admitted.TrySetCanceled(token), place.Value);
        try
        {
            return await place.Value.Admitted.Task;
        }
        catch (OperationCanceledException)
        {
            // At once, and not when there is room again: until then, which may be long, each caller that gives up would stay in memory with its work.
            lock (gate)
            {
                if (place.List is not null)
                    waiters.Remove(place);
            }

            throw;
        }
    }

    ValueTask<EnqueueOutcome> Refused(EnqueueOutcome outcome)
    {
        metrics.Count(Name, ItemOutcome.Rejected);
        return new(outcome);
    }

    void Admit(Item item)
    {
        ChangePending(1);
        ready.Writer.TryWrite(item);
    }

    void DropOldest()
    {
        // All that wait may be waiting for their next attempt.
        if (!ready.Reader.TryRead(out _) && delayed.First is { } oldest)
        {
            delayed.Remove(oldest);
            oldest.Value.Timer?.Dispose();
        }

        ChangePending(-1);
        metrics.Count(Name, ItemOutcome.Dropped);
    }

    void ChangePending(int change)
    {
        pending += change;
        metrics.Pending(Name, change);
    }

    async Task WorkAsync()
    {
        while (await ready.Reader.WaitToReadAsync())
        {
            Item? item;
            lock (gate)
            {
                if (abandoning.IsCancellationRequested)
                    return;
                if (!ready.Reader.TryRead(out item))
                    continue;
                ChangePending(-1);
                running++;
                AdmitWaiters();
            }

            metrics.Waited(Name, time.GetElapsedTime(item.WaitsSince));
            await RunAsync(item);
        }
    }

    void AdmitWaiters()
    {
        // One whose caller has given up is not let in.
        while (pending < options.Capacity && waiters.First is { } first)
        {
            waiters.Remove(first);
            if (first.Value.Admitted.TrySetResult(EnqueueOutcome.Accepted))
                Admit(first.Value.Item);
        }
    }

    async Task RunAsync(Item item)
    {
        var began = time.GetTimestamp();
        var failure = await AttemptAsync(item);
        metrics.Ran(Name, time.GetElapsedTime(began));
        item.Attempts++;
        lock (gate)
        {
            // What did not end before the time was over was counted as lost.
            if (abandoning.IsCancellationRequested)
                return;
            running--;
            if (failure is null)
                metrics.Count(Name, ItemOutcome.Completed);
            else if (item.Attempts < options.MaxAttempts)
                Retry(item, failure);
            else
                GiveUp(item, failure);
            CompleteWhenDrained();
        }
    }

    async Task<Exception?> AttemptAsync(Item item)
    {
        try
        {
            using var timeout = new CancellationTokenSource(options.ItemTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, abandoning.Token);
            await using var scope = scopes.CreateAsyncScope();
            await item.Work(scope.ServiceProvider, either.Token);
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }

    void Retry(Item item, Exception failure)
    {
        var delay = stopping ? TimeSpan.Zero : RetryBackoff.After(item.Attempts, options.RetryDelay, options.MaxRetryDelay, random.NextDouble());
        metrics.Count(Name, ItemOutcome.Retried);
        BackgroundLog.Retrying(logger, failure, Name, item.Attempts, options.MaxAttempts, delay);
        if (delay == TimeSpan.Zero)
        {
            item.WaitsSince = time.GetTimestamp();
            Admit(item);
            return;
        }

        ChangePending(1);
        var place = delayed.AddLast(item);
        item.Timer = time.CreateTimer(_ => MakeDue(place), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        item.Timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    void GiveUp(Item item, Exception failure)
    {
        metrics.Count(Name, ItemOutcome.Failed);
        BackgroundLog.GivenUp(logger, failure, Name, item.Attempts);
    }

    void MakeDue(LinkedListNode<Item> place)
    {
        lock (gate)
        {
            // It may have been dropped, or made due by the application's stop.
            if (place.List is null)
                return;
            delayed.Remove(place);
            place.Value.Timer?.Dispose();
            place.Value.WaitsSince = time.GetTimestamp();
            ready.Writer.TryWrite(place.Value);
        }
    }

    void BeginStopping()
    {
        lock (gate)
        {
            stopping = true;
            while (waiters.First is { } first)
            {
                waiters.Remove(first);
                if (first.Value.Admitted.TrySetResult(EnqueueOutcome.Stopping))
                    metrics.Count(Name, ItemOutcome.Rejected);
            }

            while (delayed.First is { } place)
                MakeDue(place);
            CompleteWhenDrained();
        }
    }

    void CompleteWhenDrained()
    {
        if (stopping && pending == 0 && running == 0)
            ready.Writer.TryComplete();
    }

    sealed record Item(Func<IServiceProvider, CancellationToken, Task> Work)
    {
        public int Attempts { get; set; }

        public long WaitsSince { get; set; }

        public ITimer? Timer { get; set; }
    }

    sealed record Waiter(Item Item)
    {
        public TaskCompletionSource<EnqueueOutcome> Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
