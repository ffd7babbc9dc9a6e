namespace Headroom.Redis.Connections;

/// <summary>
/// Exponential back-off with equal jitter: the n-th wait is drawn between half and all of <c>first · 2ⁿ</c>, at most <c>most</c>, so that many clients of a server that comes back do not all come at once
/// (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
/// </summary>
internal sealed class ReconnectDelay(TimeSpan first, TimeSpan most, Random random)
{
    /// <param name="failures">Attempts that failed in a row, from 1.</param>
    public TimeSpan After(int failures)
    {
        var ceiling = Math.Min(first.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 30)), most.TotalMilliseconds);
        lock (random)
            return TimeSpan.FromMilliseconds(ceiling * (0.5 + (random.NextDouble() / 2)));
    }
}
