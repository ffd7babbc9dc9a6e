using Headroom.Http.ResponseCache.Rules;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http.ResponseCache.Policies;

/// <summary>What an endpoint says about the caching of its responses; metadata of the endpoint, never changed.</summary>
internal sealed record ResponseCachePolicy
{
    /// <summary>The endpoint of a group that is cached, which is not.</summary>
    public static readonly ResponseCachePolicy Off = new() { IsOff = true };

    public bool IsOff { get; init; }

    /// <summary>Null: as the response's headers say.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>How long responses with other statuses than 200 are fresh; those that are not named are not stored.</summary>
    public IReadOnlyDictionary<int, TimeSpan> StatusLifetimes { get; init; } = new Dictionary<int, TimeSpan>();

    public TimeSpan? StaleWhileRevalidate { get; init; }

    public TimeSpan? StaleIfError { get; init; }

    public string[] Tags { get; init; } = [];

    public Func<HttpContext, string>[] MadeTags { get; init; } = [];

    /// <summary>The query parameters that count, sorted; null: the whole query, byte for byte.</summary>
    public string[]? QueryNames { get; init; }

    /// <summary>In lower case, sorted.</summary>
    public string[] HeaderNames { get; init; } = [];

    public bool VariesByUser { get; init; }

    public (string Name, Func<HttpContext, string?> Value)[] Values { get; init; } = [];

    public bool SharesAuthorized { get; init; }

    public bool IgnoresHost { get; init; }

    public bool HonoursRequestDirectives { get; init; }

    /// <summary>Whether the key is anything but scheme, host, path and query, so that it cannot be known from a URL.</summary>
    public bool HasKeyOfItsOwn => QueryNames is not null || HeaderNames.Length > 0 || VariesByUser || Values.Length > 0 || IgnoresHost;

    public bool MayServeAuthorized => VariesByUser || SharesAuthorized;

    /// <summary>The lifetime of a response with this status; none where the policy leaves it to the headers.</summary>
    public Lifetime LifetimeOf(int status)
    {
        if (StatusLifetimes.TryGetValue(status, out var given))
            return new Lifetime((long)given.TotalMilliseconds, FreshnessSource.Policy);
        return Lifetime is { } lifetime && status == StatusCodes.Status200OK ? new Lifetime((long)lifetime.TotalMilliseconds, FreshnessSource.Policy) : default;
    }
}
