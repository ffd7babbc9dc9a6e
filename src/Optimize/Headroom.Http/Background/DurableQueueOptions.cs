using Headroom.Http.Background;

namespace Headroom.Http;

/// <summary>
/// How a durable queue works. Bound from the configuration section <c>Headroom:Background:NAME</c>; code given to <see cref="BackgroundExtensions.AddHeadroomDurableQueue{T, THandler}"/> runs after it. Wrong values stop the
/// application at start-up, all of them in one message.
/// </summary>
public sealed class DurableQueueOptions
{
    /// <summary>Items that this process runs at a time. Default 4, from 0 (it only enqueues) to 1,024.</summary>
    public int Workers { get; set; } = 4;

    /// <summary>How often an item is tried before it is parked; attempts whose process died count. Default 10, from 1 to 1,000.</summary>
    public int MaxAttempts { get; set; } = 10;

    /// <summary>The wait before the second attempt, doubled with each further one up to <see cref="MaxRetryDelay"/>, of which the upper half is left to chance. Default 1 s, from 0 to 24 h.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait before an attempt. Default 10 minutes, from 0 to 24 h.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>After so long an item's token is cancelled, and the attempt has failed. Default 5 minutes, from 10 ms to 24 h.</summary>
    public TimeSpan ItemTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long an item is this worker's without a sign of life; renewed every third of it while the item runs. So long an item waits whose process died. Default 30 s, from 100 ms to 24 h.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the store is asked for items of other nodes and for retries that are due; what this process enqueues is begun at once. Default 1 s, from 10 ms to 24 h.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the application's stop waits for what runs; what is not done then is given back and done by another node or after the restart. Default 20 s, from 0 to 24 h.</summary>
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>What could not be read from the configuration; reported with the validation errors.</summary>
    internal List<string> BindingErrors { get; } = [];

    internal IEnumerable<string> Errors(string section) =>
    [
        .. Bounds.Of(section, nameof(Workers), Workers, 0, 1024),
        .. Bounds.Of(section, nameof(MaxAttempts), MaxAttempts, 1, 1000),
        .. Bounds.Of(section, nameof(RetryDelay), RetryDelay, TimeSpan.Zero),
        .. Bounds.Of(section, nameof(MaxRetryDelay), MaxRetryDelay, TimeSpan.Zero),
        .. Bounds.Of(section, nameof(ItemTimeout), ItemTimeout, Bounds.Shortest),
        .. Bounds.Of(section, nameof(Lease), Lease, TimeSpan.FromMilliseconds(100)),
        .. Bounds.Of(section, nameof(PollInterval), PollInterval, Bounds.Shortest),
        .. Bounds.Of(section, nameof(DrainTime), DrainTime, TimeSpan.Zero),
    ];
}
