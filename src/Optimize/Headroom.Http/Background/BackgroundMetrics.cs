using System.Diagnostics.Metrics;
using Headroom.Telemetry;

namespace Headroom.Http.Background;

/// <summary>What queues do, by name; described in docs/background-work.md.</summary>
internal sealed class BackgroundMetrics
{
    readonly UpDownCounter<long> pending;
    readonly Counter<long> items;
    readonly Histogram<double> waited;
    readonly Histogram<double> ran;

    public BackgroundMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(HeadroomMeters.Http);
        var seconds = new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300] };
        pending = meter.CreateUpDownCounter<long>("headroom.http.background.pending", "{item}", "Items of a queue in memory that wait, for a worker or for their next attempt.");
        items = meter.CreateCounter<long>("headroom.http.background.items", "{item}", "What became of background items: completed, retried, failed, parked, dropped, rejected, lost.");
        waited = meter.CreateHistogram("headroom.http.background.wait", "s", "How long an item waited for a worker.", advice: seconds);
        ran = meter.CreateHistogram("headroom.http.background.duration", "s", "How long an attempt took.", advice: seconds);
    }

    public void Pending(string queue, int change) => pending.Add(change, Queue(queue));

    public void Count(string queue, ItemOutcome outcome, int count = 1) => items.Add(count, Queue(queue), new KeyValuePair<string, object?>("headroom.outcome", Name(outcome)));

    public void Waited(string queue, TimeSpan time) => waited.Record(time.TotalSeconds, Queue(queue));

    public void Ran(string queue, TimeSpan time) => ran.Record(time.TotalSeconds, Queue(queue));

    static KeyValuePair<string, object?> Queue(string name) => new("headroom.queue", name);

    static string Name(ItemOutcome outcome) => outcome switch
    {
        ItemOutcome.Completed => "completed",
        ItemOutcome.Retried => "retried",
        ItemOutcome.Failed => "failed",
        ItemOutcome.Parked => "parked",
        ItemOutcome.Dropped => "dropped",
        ItemOutcome.Rejected => "rejected",
        _ => "lost",
    };
}

/// <summary>What became of an item, or of one attempt.</summary>
internal enum ItemOutcome
{
    Completed,

    /// <summary>It threw and will be tried again.</summary>
    Retried,

    /// <summary>It threw the last time that it may; a queue in memory gives it up.</summary>
    Failed,

    /// <summary>The same in a durable queue, which keeps it for a person.</summary>
    Parked,

    /// <summary>It made room for a newer one.</summary>
    Dropped,

    /// <summary>It was not taken.</summary>
    Rejected,

    /// <summary>The application stopped before it was done; of a durable item, its lease.</summary>
    Lost,
}
