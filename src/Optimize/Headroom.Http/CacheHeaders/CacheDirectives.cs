using System.Globalization;

namespace Headroom.Http;

/// <summary>
/// What an endpoint's answers say in <c>Cache-Control</c> (RFC 9111 §5.2.2, RFC 5861, RFC 8246) to browsers, CDNs and Headroom's own response cache.
/// <para>Presets: <see cref="Data"/>, <see cref="Export"/>, <see cref="Health"/>. Change one with <c>CacheDirectives.Data with { MaxAge = … }</c>.</para>
/// </summary>
public sealed record CacheDirectives
{
    static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    /// <summary>A user's data: <c>private, max-age=60</c>.</summary>
    public static CacheDirectives Data { get; } = new() { Private = true, MaxAge = TimeSpan.FromSeconds(60) };

    /// <summary>A user's export, which costs more to make: <c>private, max-age=300</c>.</summary>
    public static CacheDirectives Export { get; } = new() { Private = true, MaxAge = TimeSpan.FromSeconds(300) };

    /// <summary>What must be seen as it is now: <c>no-store</c>, whatever the status.</summary>
    public static CacheDirectives Health { get; } = new() { NoStore = true };

    /// <summary><c>max-age</c>: how long anybody may use it without asking. Whole seconds, from 0 to 3,650 days; null, the default: not said.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary><c>s-maxage</c>: the same for shared caches, instead of <see cref="MaxAge"/>. Not together with <see cref="Private"/>.</summary>
    public TimeSpan? SharedMaxAge { get; init; }

    /// <summary><c>stale-while-revalidate</c> (RFC 5861 §3): how long after that it may be used while a cache asks for a new one.</summary>
    public TimeSpan? StaleWhileRevalidate { get; init; }

    /// <summary><c>stale-if-error</c> (RFC 5861 §4): how long after that it may be used when asking fails.</summary>
    public TimeSpan? StaleIfError { get; init; }

    /// <summary><c>private</c>: only the client itself may keep it. Default false, <c>public</c>.</summary>
    public bool Private { get; init; }

    /// <summary><c>no-cache</c>: keep it, but ask each time whether it is current (with an ETag: 304).</summary>
    public bool NoCache { get; init; }

    /// <summary><c>no-store</c>: nobody keeps it. Alone.</summary>
    public bool NoStore { get; init; }

    /// <summary><c>must-revalidate</c>: never use it past its time, not even when the origin is away.</summary>
    public bool MustRevalidate { get; init; }

    /// <summary><c>immutable</c> (RFC 8246): the content under this URL never changes, so a reload need not ask.</summary>
    public bool Immutable { get; init; }

    /// <summary><c>no-transform</c>: as it is, so not compressed on the way either.</summary>
    public bool NoTransform { get; init; }

    internal string ToHeader()
    {
        if (NoStore)
            return "no-store";

        List<string> directives = [Private ? "private" : "public"];
        if (NoCache)
            directives.Add("no-cache");
        Add("max-age", MaxAge);
        Add("s-maxage", SharedMaxAge);
        Add("stale-while-revalidate", StaleWhileRevalidate);
        Add("stale-if-error", StaleIfError);
        if (MustRevalidate)
            directives.Add("must-revalidate");
        if (Immutable)
            directives.Add("immutable");
        if (NoTransform)
            directives.Add("no-transform");
        return string.Join(", ", directives);

        void Add(string name, TimeSpan? time)
        {
            if (time is { } given)
                directives.Add(string.Create(CultureInfo.InvariantCulture, $"{name}={(long)given.TotalSeconds}"));
        }
    }

    internal IEnumerable<string> Errors()
    {
        (string Name, TimeSpan? Time)[] times =
            [(nameof(MaxAge), MaxAge), (nameof(SharedMaxAge), SharedMaxAge), (nameof(StaleWhileRevalidate), StaleWhileRevalidate), (nameof(StaleIfError), StaleIfError)];
        foreach (var (name, time) in times)
        {
            if (time is { } given && (given < TimeSpan.Zero || given > Longest || given.Ticks % TimeSpan.TicksPerSecond != 0))
                yield return $"{name} is {given}; write whole seconds from 0 to {Longest}.";
        }

        if (NoStore && this != Health)
            yield return $"{nameof(NoStore)} stands beside others; write it alone, because what is not kept has no age.";
        if (!NoStore && !NoCache && times[..2].All(time => time.Time is null))
            yield return $"nothing says for how long; write {nameof(MaxAge)}, {nameof(SharedMaxAge)}, {nameof(NoCache)} or {nameof(NoStore)}.";
        if (Private && SharedMaxAge is not null)
            yield return $"{nameof(SharedMaxAge)} stands beside {nameof(Private)}, which keeps shared caches out; write one of them.";
        if (MustRevalidate && (StaleWhileRevalidate ?? StaleIfError) is not null)
            yield return $"{nameof(MustRevalidate)} forbids what {nameof(StaleWhileRevalidate)} and {nameof(StaleIfError)} allow; write one or the other.";
    }
}
