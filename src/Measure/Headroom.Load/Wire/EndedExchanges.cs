using System.Collections.Concurrent;

namespace Headroom.Load.Wire;

/// <summary>Exchanges that ended on other threads, on their way to the thread that polls.</summary>
internal sealed class EndedExchanges<TOwner> : IDisposable
{
    private readonly ConcurrentQueue<(Exchange Exchange, TOwner Owner)> _queue = new();
    private readonly SemaphoreSlim _signal = new(0);

    public int Count => _queue.Count;

    public void Enqueue(in Exchange exchange, TOwner owner)
    {
        _queue.Enqueue((exchange, owner));
        _signal.Release();
    }

    /// <summary>Until there is one, or the time is over.</summary>
    public void Wait(long waitNs)
    {
        if (_queue.IsEmpty)
            _signal.Wait(TimeSpan.FromMilliseconds(Math.Ceiling(waitNs / 1e6)));
        while (_signal.Wait(0))
        {
            // Only the wake-up counts: the queue tells what there is.
        }
    }

    public bool TryDequeue(out Exchange exchange, out TOwner owner)
    {
        var found = _queue.TryDequeue(out var ended);
        (exchange, owner) = ended;
        return found;
    }

    public void Dispose() => _signal.Dispose();
}
