using Headroom.Http.Configuration;
using Headroom.Http.ResponseCache.Rules;

namespace Headroom.Http;

/// <summary>
/// What the response cache stores and for how long. Bound from the configuration section <c>Headroom:ResponseCache</c>; code given to <c>AddHeadroomResponseCache</c> runs after it. Wrong values stop the
/// application at start-up, all of them in one message.
/// </summary>
public sealed class ResponseCacheOptions : ISectionOptions
{
    /// <summary>The configuration section that these options are bound from.</summary>
    public const string SectionName = "Headroom:ResponseCache";

    /// <summary>The name of the cache of Headroom.Caching that holds the responses.</summary>
    public const string CacheName = "response";

    internal const long BodyBytesMostAllowed = 1L << 30;
    internal const int HoldBackBytesMost = 16 * 1024 * 1024;
    internal static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <summary>False: no request is answered from the cache and nothing is stored. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// True: responses of endpoints without a policy are stored as their own <c>Cache-Control</c>, <c>CDN-Cache-Control</c> and <c>Expires</c> say. Default false: only endpoints with <c>CacheResponse</c>. A gateway has it on.
    /// </summary>
    public bool HonourCacheHeaders { get; set; }

    /// <summary>
    /// True, the default: a client's <c>Cache-Control</c> (<c>no-cache</c>, <c>max-age</c>, <c>min-fresh</c>, <c>max-stale</c>, <c>no-store</c>) counts where the response's own headers do. Endpoints with a policy disregard it
    /// unless the policy says <c>HonourRequestDirectives</c>, so that nobody can make them work by sending <c>no-cache</c>. <c>only-if-cached</c> always counts.
    /// </summary>
    public bool HonourRequestDirectives { get; set; } = true;

    /// <summary>
    /// How long a response that has <c>Last-Modified</c> and says nothing of its freshness is fresh at most: a tenth of the time since then (RFC 9111 §4.2.2), up to this. Default 1 day; 0: not at all; at most 365 days.
    /// </summary>
    public TimeSpan HeuristicFreshnessMax { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long after its life a response is served while it is made anew in the background, where neither it nor a policy says. Default 0, at most 365 days.</summary>
    public TimeSpan StaleWhileRevalidate { get; set; }

    /// <summary>How long after its life a response is served in place of an error, where neither it nor a policy says. Default 0, at most 365 days.</summary>
    public TimeSpan StaleIfError { get; set; }

    /// <summary>How long after its life a response with a validator is kept, so that the origin can say that it still holds; where a client's directives count also one without, for <c>max-stale</c>. Default 1 hour, at most 365 days.</summary>
    public TimeSpan KeepForRevalidation { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Bytes in memory at most, as estimated: bodies and their encoded forms, headers, keys. Default 268,435,456 (256 MiB), at least 65,536. <c>Headroom:Caching:Caches:response:MaxBytes</c> counts before it.
    /// </summary>
    public long MaxBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>Longer bodies are not stored and pass through as they come. Default 8,388,608 bytes (8 MiB), 1 to 1,073,741,824.</summary>
    public long BodyBytesMax { get; set; } = 8L * 1024 * 1024;

    /// <summary>
    /// Bytes of a response on its way into the cache that are held back, so that it can be tagged and encoded before it leaves; a longer one streams to all who wait for it, plain and without a tag made from its content.
    /// Default 262,144, from 0 to 16,777,216.
    /// </summary>
    public int HoldBackBytes { get; set; } = 256 * 1024;

    /// <summary>True: <c>Cache-Status</c> has the cache key and, where a response was not stored, why. Not for the public: keys may have secrets in queries. Default false.</summary>
    public bool Debug { get; set; }

    /// <summary>The cache's name in <c>Cache-Status</c>, a token. Default <c>Headroom</c>.</summary>
    public string Name { get; set; } = "Headroom";

    /// <summary>How long a response may take that is made anew in the background. Default 30 s, more than 0 and at most 10 minutes.</summary>
    public TimeSpan RevalidationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Responses made anew in the background at the same time; beyond it a stale one is served and the next request tries again. Default 64, from 1 to 10,000.</summary>
    public int RevalidationsMax { get; set; } = 64;

    static string ISectionOptions.Section => SectionName;

    List<string> ISectionOptions.BindingErrors { get; } = [];

    IEnumerable<string> ISectionOptions.Errors()
    {
        (string Name, TimeSpan Value, TimeSpan Least, TimeSpan Most)[] times =
        [
            (nameof(HeuristicFreshnessMax), HeuristicFreshnessMax, TimeSpan.Zero, Longest),
            (nameof(StaleWhileRevalidate), StaleWhileRevalidate, TimeSpan.Zero, Longest),
            (nameof(StaleIfError), StaleIfError, TimeSpan.Zero, Longest),
            (nameof(KeepForRevalidation), KeepForRevalidation, TimeSpan.Zero, Longest),
            (nameof(RevalidationTimeout), RevalidationTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(10)),
        ];
        foreach (var (name, value, least, most) in times)
        {
            if (value < least || value > most)
                yield return $"{SectionName}:{name} is {value}; allowed are {least} to {most}.";
        }

        (string Name, long Value, long Least, long Most)[] numbers =
        [
            (nameof(MaxBytes), MaxBytes, 64 * 1024, long.MaxValue),
            (nameof(BodyBytesMax), BodyBytesMax, 1, BodyBytesMostAllowed),
            (nameof(HoldBackBytes), HoldBackBytes, 0, HoldBackBytesMost),
            (nameof(RevalidationsMax), RevalidationsMax, 1, 10_000),
        ];
        foreach (var (name, value, least, most) in numbers)
        {
            if (value < least || value > most)
                yield return FormattableString.Invariant($"{SectionName}:{name} is {value}; allowed are {least} to {most}.");
        }

        if (!StructuredDictionary.IsToken(Name))
            yield return $"{SectionName}:{nameof(Name)} is '{Name}'; write a token: a letter, then letters, digits or -_.";
    }
}
