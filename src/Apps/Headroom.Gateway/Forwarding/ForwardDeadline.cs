using System.Collections.Concurrent;

namespace Headroom.Gateway.Forwarding;

/// <summary>
/// Ends a forwarded request: when the client goes away, or when the time set last has passed. Extended with everything that moves, and used again for another request
/// afterwards, so that a request costs no timer of its own.
/// </summary>
internal sealed class ForwardDeadline : CancellationTokenSource
{
    private const int PooledMax = 1024;
    private static readonly ConcurrentQueue<ForwardDeadline> Pool = new();

    private CancellationToken _client;
    private CancellationTokenRegistration _registration;

    private ForwardDeadline(TimeProvider time)
        : base(Timeout.InfiniteTimeSpan, time)
    {
    }

    public bool ClientAborted => _client.IsCancellationRequested;

    public static ForwardDeadline Begin(TimeSpan after, TimeProvider time, CancellationToken client)
    {
        // Those in the pool run on the system's clock.
        if (time != TimeProvider.System || !Pool.TryDequeue(out var deadline))
            deadline = new ForwardDeadline(time);
        deadline._client = client;
        deadline._registration = client.UnsafeRegister(static state => ((ForwardDeadline)state!).Cancel(), deadline);
        deadline.CancelAfter(after);
        return deadline;
    }

    /// <summary>Something moved: the time begins again.</summary>
    public void Extend(TimeSpan after) => CancelAfter(after);

    /// <summary>To be called once nothing uses the token any more.</summary>
    public void End(TimeProvider time)
    {
        _registration.Dispose();
        _registration = default;
        _client = default;
        if (time == TimeProvider.System && Pool.Count < PooledMax && TryReset())
            Pool.Enqueue(this);
        else
            Dispose();
    }
}
