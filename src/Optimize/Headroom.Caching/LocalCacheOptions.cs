namespace Headroom.Caching;

/// <summary>How much a <see cref="LocalCache"/> holds, and how long. Wrong values are reported together by its constructor.</summary>
public sealed class LocalCacheOptions
{
    internal const double JitterMost = 0.5;

    /// <summary>Entries kept at most. Default 10,000, at least 1. Ignored where <see cref="MaxBytes"/> is given.</summary>
    public long MaxEntries { get; set; } = 10_000;

    /// <summary>
    /// Bytes that all entries may take together, as estimated (<see cref="SizeOf"/>); null, the default: bounded by <see cref="MaxEntries"/>.
    /// From 1,024 to 4 TB. One entry that is larger is not kept.
    /// </summary>
    public long? MaxBytes { get; set; }

    /// <summary>How long a value is kept that is set without an expiration. Default 5 minutes; more than zero, at most 3,650 days.</summary>
    public TimeSpan DefaultExpiration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// By how much of it a life is shortened at random, so that values set together do not end together: 0.05, the default, is up to 5 %. From 0 (not
    /// at all) to 0.5. A life is never prolonged.
    /// </summary>
    public double ExpirationJitter { get; set; } = 0.05;

    /// <summary>
    /// Bytes of a value, asked where <see cref="MaxBytes"/> is given. Null, the default: strings and arrays of numbers are measured, anything else counts 256. The key and what the cache
    /// itself needs (136 bytes) are added. Must not be negative.
    /// </summary>
    public Func<object?, long>? SizeOf { get; set; }

    /// <summary>
    /// Called with key, value and reason for each entry that left, outside all locks, on the thread that made it leave; keep it short. What it throws is logged and goes no further.
    /// </summary>
    public Action<string, object?, EvictionReason>? OnEvict { get; set; }

    internal IEnumerable<string> Errors()
    {
        if (MaxEntries < 1)
            yield return FormattableString.Invariant($"{nameof(MaxEntries)} is {MaxEntries}; write at least 1.");
        if (MaxBytes is { } bytes and (< 1024 or > Local.EntryWeight.Most))
            yield return FormattableString.Invariant($"{nameof(MaxBytes)} is {bytes}; allowed are 1024 to {Local.EntryWeight.Most}, or null to bound the entries.");
        if (DefaultExpiration <= TimeSpan.Zero || DefaultExpiration > Expirations.Longest)
            yield return $"{nameof(DefaultExpiration)} is {DefaultExpiration}; write more than 0 and at most {Expirations.Longest}.";
        if (ExpirationJitter is not (>= 0 and <= JitterMost))
            yield return FormattableString.Invariant($"{nameof(ExpirationJitter)} is {ExpirationJitter}; allowed are 0 to {JitterMost}.");
    }
}
