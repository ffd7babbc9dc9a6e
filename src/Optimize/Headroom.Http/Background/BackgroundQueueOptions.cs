using Headroom.Http.Background;

namespace Headroom.Http;

/// <summary>
/// How a queue in memory works. Bound from the configuration section <c>Headroom:Background:NAME</c>; code given to <see cref="BackgroundExtensions.AddHeadroomBackgroundQueue"/> runs after it. Wrong values stop
/// the application at start-up, all of them in one message.
/// </summary>
public sealed class BackgroundQueueOptions
{
    /// <summary>The section that has one section for each queue.</summary>
    public const string SectionName = "Headroom:Background";

    /// <summary>Items that may wait. Default 1,000, from 1 to 10,000,000.</summary>
    public int Capacity { get; set; } = 1_000;

    /// <summary>Items that run at a time. Default 1, which keeps their order as long as none is repeated; from 1 to 1,024.</summary>
    public int Workers { get; set; } = 1;

    /// <summary>What becomes of one more than <see cref="Capacity"/>. Default <see cref="Http.WhenFull.Wait"/>.</summary>
    public WhenFull WhenFull { get; set; }

    /// <summary>How often an item that throws is run at most. Default 3, from 1 to 100.</summary>
    public int MaxAttempts { get; set; } = 3;

    /// <summary>
    /// The wait before the second attempt; it doubles with each further one up to <see cref="MaxRetryDelay"/>. Each wait is between half of that and all of it, at random, so that what failed together does not come back
    /// together. Default 1 s, from 0 to 24 h.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait before an attempt. Default 1 minute, from 0 to 24 h.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>After so long an item's token is cancelled, and the attempt has failed. Default 5 minutes, from 10 ms to 24 h.</summary>
    public TimeSpan ItemTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long the application's stop waits for what is in the queue; retries are not waited for but made at once. What is left then is lost and counted. Default 20 s, from 0 to 24 h. The host's own
    /// <c>ShutdownTimeout</c> (30 s by default, for everything together) ends it too.
    /// </summary>
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>What could not be read from the configuration; reported with the validation errors.</summary>
    internal List<string> BindingErrors { get; } = [];

    internal IEnumerable<string> Errors(string section) =>
    [
        .. Bounds.Of(section, nameof(Capacity), Capacity, 1, 10_000_000),
        .. Bounds.Of(section, nameof(Workers), Workers, 1, 1024),
        .. Bounds.Of(section, nameof(MaxAttempts), MaxAttempts, 1, 100),
        .. Bounds.Of(section, nameof(RetryDelay), RetryDelay, TimeSpan.Zero),
        .. Bounds.Of(section, nameof(MaxRetryDelay), MaxRetryDelay, TimeSpan.Zero),
        .. Bounds.Of(section, nameof(ItemTimeout), ItemTimeout, Bounds.Shortest),
        .. Bounds.Of(section, nameof(DrainTime), DrainTime, TimeSpan.Zero),
        .. Enum.IsDefined(WhenFull) ? Array.Empty<string>() : [$"{section}:{nameof(WhenFull)} is {WhenFull}; write one of {string.Join(", ", Enum.GetNames<WhenFull>())}."],
    ];
}
