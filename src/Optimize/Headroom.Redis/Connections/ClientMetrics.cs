using System.Diagnostics.Metrics;
using Headroom.Telemetry;

namespace Headroom.Redis.Connections;

/// <summary>
/// What a client tells of itself through the meter <see cref="HeadroomMeters.Redis"/>. Counts are of what is rare (connections, losses, timeouts) and read when somebody collects; commands are timed only while
/// somebody listens, which costs a comparison for each reply otherwise.
/// </summary>
internal sealed class ClientMetrics
{
    readonly Histogram<double> duration;
    readonly TimeProvider time;
    long open;
    long reconnects;
    long failures;
    long timeouts;

    public ClientMetrics(IMeterFactory meters, TimeProvider time)
    {
        this.time = time;
        var meter = meters.Create(HeadroomMeters.Redis);
        duration = meter.CreateHistogram<double>("headroom.redis.command.duration", "s", "From the call of a command to its reply.", tags: null, new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
        });
        meter.CreateObservableUpDownCounter("headroom.redis.connections", () => Volatile.Read(ref open), "{connection}", "Open connections to Redis, that of subscriptions included.");
        meter.CreateObservableCounter("headroom.redis.reconnects", () => Volatile.Read(ref reconnects), "{connection}", "Connections made in place of one that was lost.");
        meter.CreateObservableCounter("headroom.redis.connect.failures", () => Volatile.Read(ref failures), "{attempt}", "Attempts to connect that failed.");
        meter.CreateObservableCounter("headroom.redis.timeouts", () => Volatile.Read(ref timeouts), "{command}", "Commands without a reply, or a connection, within their timeout.");
    }

    /// <summary>Whether anybody wants to know how long commands take.</summary>
    public bool TimesCommands => duration.Enabled;

    public void Opened(bool again)
    {
        Interlocked.Increment(ref open);
        if (again)
            Interlocked.Increment(ref reconnects);
    }

    public void Closed() => Interlocked.Decrement(ref open);

    public void Failed() => Interlocked.Increment(ref failures);

    public void TimedOut() => Interlocked.Increment(ref timeouts);

    /// <summary>Before the reply is given to the caller: afterwards the operation may be another's.</summary>
    public void Replied(Operation operation)
    {
        // A PING of the connection itself has no deadline.
        if (!operation.IsDecided && operation.Deadline != long.MaxValue)
            duration.Record((operation.Timeout - time.GetElapsedTime(time.GetTimestamp(), operation.Deadline)).TotalSeconds);
    }
}
