namespace Headroom.Caching;

/// <summary>
/// How much one cache holds, how long, and what it does when a value cannot be had in time. Bound from <c>Headroom:Caching:Default</c> or <c>Headroom:Caching:Caches:NAME</c>. Wrong values stop the
/// application at start-up, all of them in one message.
/// </summary>
public sealed class CacheOptions
{
    internal const double EagerEarliest = 0.1;
    internal const double EagerLatest = 0.95;
    internal static readonly TimeSpan TimeoutLongest = TimeSpan.FromMinutes(10);
    internal static readonly TimeSpan LeaseShortest = TimeSpan.FromMilliseconds(100);

    /// <summary>Entries in memory at most. Default 10,000, at least 1. Ignored where <see cref="MaxBytes"/> is given.</summary>
    public long MaxEntries { get; set; } = 10_000;

    /// <summary>Bytes in memory at most, as estimated; null, the default: bounded by <see cref="MaxEntries"/>. From 1,024 to 4 TB.</summary>
    public long? MaxBytes { get; set; }

    /// <summary>Bytes of a value, 0 or more, where <see cref="MaxBytes"/> bounds them; null, the default: strings and arrays by their length, 256 for anything else. Not asked about values that are kept serialized. In code only.</summary>
    public Func<object?, long>? SizeOf { get; set; }

    /// <summary>How long a value is kept. Default 5 minutes; more than 0, at most 3,650 days.</summary>
    public TimeSpan Expiration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a value is kept in memory at most; null, the default: as long as <see cref="Expiration"/>, but 10 seconds where there is a distributed tier and no <see cref="IStoreChanges"/>, or while it is interrupted, because
    /// then nobody tells this node what another one changed.
    /// </summary>
    public TimeSpan? LocalExpiration { get; set; }

    /// <summary>
    /// A value that is not used for so long, on any node, is over before its expiration; null, the default: use does not matter. Uses in memory are told to the distributed tier once in a quarter of this, so there a
    /// value may end half of it early, and then a node that has it in memory still has it. Stale values of such a cache are served from memory only. Not together with <see cref="EagerRefresh"/>.
    /// </summary>
    public TimeSpan? SlidingExpiration { get; set; }

    /// <summary>By how much of it a life is shortened at random. Default 0.05, from 0 to 0.5.</summary>
    public double ExpirationJitter { get; set; } = 0.05;

    /// <summary>From which part of its life on a value that is used is made anew in the background; null, the default: never. From 0.1 to 0.95.</summary>
    public double? EagerRefresh { get; set; }

    /// <summary>How long after its life a value is still served at once, while it is made anew in the background. Default 0: not.</summary>
    public TimeSpan StaleWhileRevalidate { get; set; }

    /// <summary>How long after its life a value is served if the factory fails or is slower than <see cref="FactorySoftTimeout"/>. Default 0: not.</summary>
    public TimeSpan FailSafe { get; set; }

    /// <summary>After a failure that <see cref="FailSafe"/> covered, how long the stale value is served before the factory is tried again. Default 5 seconds.</summary>
    public TimeSpan FailSafeRetry { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a caller waits for a factory while there is a stale value to be had (<see cref="FailSafe"/>); the factory goes on. Null, the default: as long as it takes.</summary>
    public TimeSpan? FactorySoftTimeout { get; set; }

    /// <summary>How long a caller waits for a factory at all; then <see cref="TimeoutException"/>. The factory goes on and its value is kept. Null, the default: as long as it takes.</summary>
    public TimeSpan? FactoryHardTimeout { get; set; }

    /// <summary>How long null is kept; null, the default: as any value; 0: not at all.</summary>
    public TimeSpan? NullExpiration { get; set; }

    /// <summary>How long a factory's exception is kept in memory and thrown again without running it. Default 0: not at all.</summary>
    public TimeSpan FailureExpiration { get; set; }

    /// <summary>
    /// True: values of every type are handed out as the one object that is kept, and nobody changes them. False, the default: types that could be changed are copied by their serializer for each caller; strings,
    /// value types without references and types marked <c>[ImmutableObject(true)]</c> are not.
    /// </summary>
    public bool ReuseInstances { get; set; }

    /// <summary>True: callers do not wait until the distributed tier has taken a value that was made. Default false.</summary>
    public bool WriteBehind { get; set; }

    /// <summary>
    /// True: one factory for each key in the whole cluster, not one in each process; needs a store that grants leases (<see cref="IStoreLeases"/>, Headroom.Redis for example) and has no effect without. A miss costs
    /// three more round trips. Where the store is away the factory runs here. Default false.
    /// </summary>
    public bool CoalesceAcrossNodes { get; set; }

    /// <summary>
    /// With <see cref="CoalesceAcrossNodes"/>: how long other nodes wait for the one that makes a value. If it died they take over after this; if its factory takes longer, another one is run too, and the later value is the
    /// one that is kept in the store. Nobody waits more than twice as long. Default 10 seconds, from 100 ms to 10 min.
    /// </summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Called with key and reason for each entry that left memory; see <see cref="LocalCacheOptions.OnEvict"/>.</summary>
    public Action<string, EvictionReason>? OnEvict { get; set; }

    internal IEnumerable<string> Errors(string path)
    {
        if (MaxEntries < 1)
            yield return FormattableString.Invariant($"{path}:{nameof(MaxEntries)} is {MaxEntries}; write at least 1.");
        if (MaxBytes is { } bytes and (< 1024 or > Local.EntryWeight.Most))
            yield return FormattableString.Invariant($"{path}:{nameof(MaxBytes)} is {bytes}; allowed are 1024 to {Local.EntryWeight.Most}, or null to bound the entries.");
        if (ExpirationJitter is not (>= 0 and <= LocalCacheOptions.JitterMost))
            yield return FormattableString.Invariant($"{path}:{nameof(ExpirationJitter)} is {ExpirationJitter}; allowed are 0 to {LocalCacheOptions.JitterMost}.");
        if (EagerRefresh is { } eager and not (>= EagerEarliest and <= EagerLatest))
            yield return FormattableString.Invariant($"{path}:{nameof(EagerRefresh)} is {eager}; allowed are {EagerEarliest} to {EagerLatest}, or null for never.");
        if (EagerRefresh is not null && SlidingExpiration is not null)
            yield return $"{path}:{nameof(EagerRefresh)} and {nameof(SlidingExpiration)} are both given; write one of them.";

        (string Name, TimeSpan? Value, bool MayBeZero, TimeSpan Longest)[] lengths =
        [
            (nameof(Expiration), Expiration, false, Expirations.Longest),
            (nameof(LocalExpiration), LocalExpiration, false, Expirations.Longest),
            (nameof(SlidingExpiration), SlidingExpiration, false, Expirations.Longest),
            (nameof(StaleWhileRevalidate), StaleWhileRevalidate, true, Expirations.Longest),
            (nameof(FailSafe), FailSafe, true, Expirations.Longest),
            (nameof(FailSafeRetry), FailSafeRetry, false, Expirations.Longest),
            (nameof(FactorySoftTimeout), FactorySoftTimeout, false, TimeoutLongest),
            (nameof(FactoryHardTimeout), FactoryHardTimeout, false, TimeoutLongest),
            (nameof(NullExpiration), NullExpiration, true, Expirations.Longest),
            (nameof(FailureExpiration), FailureExpiration, true, Expirations.Longest),
        ];
        foreach (var (name, value, mayBeZero, longest) in lengths)
        {
            if (value is { } length && (length < TimeSpan.Zero || (length == TimeSpan.Zero && !mayBeZero) || length > longest))
                yield return $"{path}:{name} is {length}; write {(mayBeZero ? "0 or more" : "more than 0")} and at most {longest}.";
        }

        if (LeaseDuration < LeaseShortest || LeaseDuration > TimeoutLongest)
            yield return $"{path}:{nameof(LeaseDuration)} is {LeaseDuration}; allowed are {LeaseShortest} to {TimeoutLongest}.";
        if (FactorySoftTimeout is not null && FailSafe == TimeSpan.Zero)
            yield return $"{path}:{nameof(FactorySoftTimeout)} is given without {nameof(FailSafe)}; without stale values to serve it has no effect. Write a {nameof(FailSafe)}, or {nameof(FactoryHardTimeout)}.";
    }
}
