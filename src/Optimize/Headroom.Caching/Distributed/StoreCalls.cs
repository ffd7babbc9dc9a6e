using Headroom.Telemetry;
using Microsoft.Extensions.Logging;

namespace Headroom.Caching.Distributed;

/// <summary>
/// Every call to the store goes through here: it takes at most its time, its errors are counted and never thrown, and after too many of them the store is left alone for a while. A call that was given up
/// may still run; what it uses is given back when it ends.
/// </summary>
internal sealed partial class StoreCalls(DistributedTierOptions options, TimeProvider time, TierCounters counters, ILogger logger)
{
    private readonly CircuitBreaker _breaker = new(options.FailuresToOpen, options.OpenFor, time);
    private readonly TimeSpan _openFor = options.OpenFor;

    public bool IsOpen => _breaker.IsOpen;

    /// <param name="call">Gets a token that is cancelled when the time is over.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="giveBack">Called when a call that did not succeed has really ended, so that nothing uses its buffers any more.</param>
    /// <param name="caller">Whoever asked may leave; that says nothing of the store.</param>
    /// <returns>False when it failed, took too long, or was not made.</returns>
    public async ValueTask<bool> TryAsync(Func<CancellationToken, ValueTask> call, TimeSpan timeout, Action giveBack, CancellationToken caller)
    {
        caller.ThrowIfCancellationRequested();
        if (!_breaker.TryEnter())
        {
            counters.CountRefusal();
            giveBack();
            return false;
        }

        var startedAt = RequestTimings.IsOn ? time.GetTimestamp() : 0;
        var patience = new CancellationTokenSource(timeout, time);
        Task? running = null;
        try
        {
            running = call(patience.Token).AsTask();
            await running.WaitAsync(timeout, time, caller);
            patience.Dispose();
            if (_breaker.Succeeded())
                LogBack();
            return true;
        }
        catch (OperationCanceledException) when (caller.IsCancellationRequested)
        {
            _breaker.Left();
            GiveBackWhenEnded(running, patience, giveBack);
            throw;
        }
#pragma warning disable CA1031 // Whatever a store throws: the request goes on without it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            if (failure is TimeoutException or OperationCanceledException)
                counters.CountTimeout();
            else
                counters.CountError();
            if (_breaker.Failed())
                LogAway(_openFor, failure);
            GiveBackWhenEnded(running, patience, giveBack);
            return false;
        }
        finally
        {
            if (RequestTimings.IsOn)
                RequestTimings.Add(RequestPart.Cache, time.GetElapsedTime(startedAt));
        }
    }

    private static void GiveBackWhenEnded(Task? running, CancellationTokenSource patience, Action giveBack)
    {
        if (running is null or { IsCompleted: true })
        {
            _ = running?.Exception;
            patience.Dispose();
            giveBack();
            return;
        }

        _ = running.ContinueWith(
            ended =>
            {
                _ = ended.Exception;
                patience.Dispose();
                giveBack();
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    [LoggerMessage(EventId = 2101, Level = LogLevel.Warning, Message = "The second tier's store failed too often and is left alone for {OpenFor}.")]
    private partial void LogAway(TimeSpan openFor, Exception failure);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Information, Message = "The second tier's store answers again.")]
    private partial void LogBack();
}
