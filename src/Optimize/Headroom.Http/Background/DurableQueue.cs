using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Http.Background;

/// <summary>
/// The way of an item through a node:
/// <list type="number">
/// <item>Leased, as many at a time as workers are free; the store counts the attempt before it begins, so that an item which kills its process is parked in the end, too.</item>
/// <item>Run in a scope of its own, the lease renewed every third of its time. If it cannot be renewed for so long that another may have it, the item's token is cancelled.</item>
/// <item>Done: removed. Failed: due again later, or parked. Not done when the application's time is over: given back, the attempt not counted.</item>
/// </list>
/// What the store does not take over (it is away) needs nothing: the lease ends, and the item is leased again.
/// </summary>
internal sealed class DurableQueue<T, THandler> : IDurableQueue<T>, IDrainable, IDisposable
    where THandler : class, IDurableWorkHandler<T>
{
    const int LongestId = 200;
    static readonly TimeSpan LongestStorePause = TimeSpan.FromSeconds(30);
    static readonly TimeSpan TimeToPrepare = TimeSpan.FromSeconds(5);
    static readonly TimeSpan TimeToGiveBack = TimeSpan.FromSeconds(2);

    readonly DurableQueueOptions options;
    readonly IDurableWorkStore store;
    readonly JsonTypeInfo<T> json;
    readonly IServiceScopeFactory scopes;
    readonly BackgroundMetrics metrics;
    readonly ILogger logger;
    readonly TimeProvider time;
    readonly Random random;
    readonly SemaphoreSlim slots;
    readonly SemaphoreSlim wake = new(0, 1);
    readonly SemaphoreSlim preparing = new(1);
    readonly CancellationTokenSource stopping = new();
    readonly CancellationTokenSource abandoning = new();
    Task leasing = Task.CompletedTask;
    bool prepared;

    public DurableQueue(
        string name, DurableQueueOptions options, IDurableWorkStore store, JsonTypeInfo<T> json, IServiceScopeFactory scopes, BackgroundMetrics metrics, ILogger<IDurableWorkStore> logger, TimeProvider time, Random random)
    {
        Name = name;
        this.options = options;
        this.store = store;
        this.json = json;
        this.scopes = scopes;
        this.metrics = metrics;
        this.logger = logger;
        this.time = time;
        this.random = random;
        slots = new SemaphoreSlim(options.Workers);
    }

    public string Name { get; }

    /// <summary>
    /// The table is there before the first request, which may enqueue in a transaction that would be in the way of making it. A store that is away does not hold the application's start back, nor one that does not answer.
    /// </summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            // On a thread of its own: SQLite's driver keeps the thread while it waits for a lock.
            await Task.Run(() => PrepareAsync(cancellationToken), cancellationToken).WaitAsync(TimeToPrepare, time, cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            BackgroundLog.StoreFailed(logger, failure, Name, options.PollInterval);
        }

        if (options.Workers > 0)
            leasing = Task.Run(LeaseAsync, CancellationToken.None);
    }

    public async ValueTask<bool> EnqueueAsync(T item, string? id = null, DbTransaction? transaction = null, CancellationToken cancellationToken = default)
    {
        if (id is not null && (id.Length is 0 or > LongestId || id.Contains('\0', StringComparison.Ordinal)))
            throw new ArgumentException($"The id of an item has {id.Length} characters; write 1 to {LongestId}, without NUL, or null for a new one.", nameof(id));

        await PrepareAsync(cancellationToken);
        id ??= Guid.CreateVersion7(time.GetUtcNow()).ToString("N");
        var added = await store.AddAsync(Name, id, JsonSerializer.SerializeToUtf8Bytes(item, json), transaction, cancellationToken);

        // In a transaction nobody can see it yet; the next look at the store will.
        if (added && transaction is null)
            Wake();
        return added;
    }

    public async Task DrainAsync(CancellationToken hurry)
    {
        await stopping.CancelAsync();
        // Not for who leases: a store that does not answer holds that up, and with it the places that are waited for here.
        if (!await AllDoneAsync(options.DrainTime, hurry))
        {
            await abandoning.CancelAsync();
            await AllDoneAsync(TimeToGiveBack, CancellationToken.None);
        }
    }

    public void Dispose()
    {
        // Not what a handler or a store that did not stop in time may still use.
        if (!leasing.IsCompleted)
            return;
        stopping.Dispose();
        preparing.Dispose();
    }

    async Task<bool> AllDoneAsync(TimeSpan within, CancellationToken hurry)
    {
        using var late = new CancellationTokenSource(within, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, hurry);
        var taken = 0;
        try
        {
            for (; taken < options.Workers; taken++)
                await slots.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            if (taken > 0)
                slots.Release(taken);
        }
    }

    async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref prepared))
            return;
        await preparing.WaitAsync(cancellationToken);
        try
        {
            if (prepared)
                return;
            await store.PrepareAsync(cancellationToken);
            Volatile.Write(ref prepared, true);
        }
        finally
        {
            preparing.Release();
        }
    }

    void Wake()
    {
        try
        {
            if (wake.CurrentCount == 0)
                wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another has woken it in between.
        }
    }

    async Task LeaseAsync()
    {
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            var pause = TimeSpan.Zero;
            try
            {
                await PrepareAsync(stopping.Token);
                if (!await LeaseOnceAsync())
                    pause = options.PollInterval;
                if (failures > 0)
                    BackgroundLog.StoreAnswers(logger, Name);
                failures = 0;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                pause = RetryBackoff.After(Math.Min(++failures, 16), options.PollInterval, LongestStorePause, Chance());
                BackgroundLog.StoreFailed(logger, failure, Name, pause);
            }

            if (pause > TimeSpan.Zero)
                await PauseAsync(pause, isWakeable: failures == 0);
        }
    }

    /// <summary>Waits for a free worker, leases for all that are free and starts them; false when there were fewer items than workers.</summary>
    async Task<bool> LeaseOnceAsync()
    {
        await slots.WaitAsync(stopping.Token);
        var free = 1;
        while (slots.Wait(0, CancellationToken.None))
            free++;
        IReadOnlyList<DurableWork> leased = [];
        try
        {
            // Not with the token: a call that is cut may have leased items of which nobody would know.
            leased = await store.LeaseAsync(Name, free, options.Lease, CancellationToken.None);
        }
        finally
        {
            if (free > leased.Count)
                slots.Release(free - leased.Count);
        }

        foreach (var work in leased)
            _ = Task.Run(() => RunAsync(work));
        return leased.Count == free;
    }

    async Task PauseAsync(TimeSpan pause, bool isWakeable)
    {
        try
        {
            if (!isWakeable)
            {
                await Task.Delay(pause, time, stopping.Token);
                return;
            }

            // Ended by a token, which takes it out of the semaphore: a wait that is merely not waited for any longer would stay there for good, and take the next wake-up from this one.
            using var due = new CancellationTokenSource(pause, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(due.Token, stopping.Token);
            await wake.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // Time to look, or to stop.
        }
    }

    async Task RunAsync(DurableWork work)
    {
        try
        {
            if (work.Attempt > options.MaxAttempts)
                await ParkAsync(work, failure: null, work.Attempt - 1);
            else
                await AttemptAsync(work);
        }
        catch (Exception failure)
        {
            BackgroundLog.StoreFailed(logger, failure, Name, options.Lease);
        }
        finally
        {
            slots.Release();
        }
    }

    async Task AttemptAsync(DurableWork work)
    {
        using var lost = new CancellationTokenSource();
        using var over = new CancellationTokenSource();
        var renewing = RenewAsync(work, lost, over.Token);
        var began = time.GetTimestamp();
        var failure = await HandleAsync(work, lost.Token);
        metrics.Ran(Name, time.GetElapsedTime(began));
        await over.CancelAsync();
        await renewing;

        // 1. Done is done, even if it took too long: if another has it by now, the store says so.
        if (failure is null)
        {
            var removed = await store.CompleteAsync(Name, work, CancellationToken.None);
            metrics.Count(Name, removed ? ItemOutcome.Completed : ItemOutcome.Lost);
            if (!removed)
                BackgroundLog.LeaseLost(logger, Name, work.Id);
        }
        else if (lost.IsCancellationRequested)
        {
            metrics.Count(Name, ItemOutcome.Lost);
        }
        else if (abandoning.IsCancellationRequested)
        {
            await store.ReleaseAsync(Name, work, CancellationToken.None);
            metrics.Count(Name, ItemOutcome.Lost);
        }
        else if (work.Attempt >= options.MaxAttempts)
        {
            await ParkAsync(work, failure, work.Attempt);
        }
        else
        {
            var delay = RetryBackoff.After(work.Attempt, options.RetryDelay, options.MaxRetryDelay, Chance());
            await store.RetryAsync(Name, work, delay, Told(failure), CancellationToken.None);
            metrics.Count(Name, ItemOutcome.Retried);
            BackgroundLog.Retrying(logger, failure, Name, work.Attempt, options.MaxAttempts, delay);
        }
    }

    async Task<Exception?> HandleAsync(DurableWork work, CancellationToken lost)
    {
        try
        {
            using var timeout = new CancellationTokenSource(options.ItemTimeout, time);
            using var any = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, abandoning.Token, lost);
            // A store that answered too late leased for nobody.
            any.Token.ThrowIfCancellationRequested();
            var item = JsonSerializer.Deserialize(work.Payload.Span, json)!;
            await using var scope = scopes.CreateAsyncScope();
            await ActivatorUtilities.GetServiceOrCreateInstance<THandler>(scope.ServiceProvider).HandleAsync(item, new DurableAttempt(work.Id, work.Attempt), any.Token);
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }

    /// <summary>Renews the lease until the item is over, or cancels it when it may be another's.</summary>
    async Task RenewAsync(DurableWork work, CancellationTokenSource lost, CancellationToken over)
    {
        var renewed = time.GetTimestamp();
        while (!over.IsCancellationRequested)
        {
            // Not beyond the end: a timer may fire a little early, and the next of three equal parts would be after it.
            await Task.Delay(Shorter(options.Lease / 3, Certain(time.GetTimestamp())), time, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (over.IsCancellationRequested)
                return;
            var asked = time.GetTimestamp();
            var isOurs = await TryRenewAsync(work, Certain(asked));
            if (isOurs == true)
                renewed = asked;
            if (isOurs == false || time.GetElapsedTime(renewed) >= options.Lease)
            {
                BackgroundLog.LeaseLost(logger, Name, work.Id);
                await lost.CancelAsync();
                return;
            }
        }

        // How long the lease is still ours whatever the store says.
        TimeSpan Certain(long at) => options.Lease - time.GetElapsedTime(renewed, at) is { Ticks: > 0 } left ? left : TimeSpan.Zero;
    }

    /// <summary>False when the item is another's, or may be because the store did not answer while the lease was certain; null when the store failed before.</summary>
    async Task<bool?> TryRenewAsync(DurableWork work, TimeSpan certain)
    {
        // On a thread of its own, as in StartAsync.
        var renewing = Task.Run(() => store.RenewAsync(Name, work, options.Lease, CancellationToken.None).AsTask());
        try
        {
            return await renewing.WaitAsync(certain, time);
        }
        catch (TimeoutException late) when (!renewing.IsCompleted)
        {
            BackgroundLog.StoreFailed(logger, late, Name, options.Lease / 3);
            return false;
        }
        catch (Exception failure)
        {
            BackgroundLog.StoreFailed(logger, failure, Name, options.Lease / 3);
            return null;
        }
    }

    async Task ParkAsync(DurableWork work, Exception? failure, int attempts)
    {
        await store.ParkAsync(Name, work, failure is null ? null : Told(failure), CancellationToken.None);
        metrics.Count(Name, ItemOutcome.Parked);
        BackgroundLog.Parked(logger, failure, Name, work.Id, attempts);
    }

    static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    static string Told(Exception failure) => $"{failure.GetType().FullName}: {failure.Message}";

    double Chance()
    {
        lock (random)
            return random.NextDouble();
    }
}
