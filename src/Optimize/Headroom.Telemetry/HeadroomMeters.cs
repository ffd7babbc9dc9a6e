namespace Headroom.Telemetry;

/// <summary>
/// Names of the meters and instruments that Headroom's packages record through and that the summary reads. They are a contract:
/// dashboards and alert rules name them. See docs/telemetry.md.
/// </summary>
public static class HeadroomMeters
{
    /// <summary>Meter of <see cref="CacheMetrics"/>.</summary>
    public const string Caching = "Headroom.Caching";

    /// <summary>Meter of <see cref="DatabaseMetrics"/>.</summary>
    public const string Data = "Headroom.Data";

    /// <summary>Meter of the HTTP features: <c>headroom.compression.*</c>, <c>headroom.decoding.*</c>.</summary>
    public const string Http = "Headroom.Http";

    /// <summary>Meter of <see cref="RateLimitMetrics"/>.</summary>
    public const string RateLimits = "Headroom.RateLimits";

    /// <summary>Meter of Headroom.Redis.</summary>
    public const string Redis = "Headroom.Redis";

    /// <summary>Meter of the collector itself, of the process's use of its limits and of health checks.</summary>
    public const string Telemetry = "Headroom.Telemetry";

    /// <summary>Counter, <c>{hit}</c>: lookups answered from a cache.</summary>
    public const string CacheHits = "headroom.cache.hits";

    /// <summary>Counter, <c>{miss}</c>: lookups that had to go to the source.</summary>
    public const string CacheMisses = "headroom.cache.misses";

    /// <summary>Counter, <c>{request}</c>: requests that a rate limit let through.</summary>
    public const string RateLimitAllowed = "headroom.ratelimit.allowed";

    /// <summary>Counter, <c>{request}</c>: requests that a rate limit refused.</summary>
    public const string RateLimitBlocked = "headroom.ratelimit.blocked";

    /// <summary>Counter, <c>{request}</c>: requests of a shared rate limit that a process decided on alone, because the shared one did not answer.</summary>
    public const string RateLimitFallback = "headroom.ratelimit.fallback";

    /// <summary>Histogram, seconds: database operations, as in OpenTelemetry's conventions for database clients.</summary>
    public const string DatabaseOperationDuration = "db.client.operation.duration";

    /// <summary>Up-down counter, <c>{connection}</c>: connections of a database's pool by <c>db.client.connection.state</c>, as in OpenTelemetry's conventions.</summary>
    public const string DatabaseConnectionCount = "db.client.connection.count";

    /// <summary>Up-down counter, <c>{connection}</c>: the most connections that a database's pool can have.</summary>
    public const string DatabaseConnectionMax = "db.client.connection.max";

    /// <summary>Up-down counter, <c>{request}</c>: callers that wait for a connection of a database's pool.</summary>
    public const string DatabasePendingRequests = "db.client.connection.pending_requests";

    /// <summary>Histogram, seconds: requests served, recorded by ASP.NET Core.</summary>
    public const string HttpServerRequestDuration = "http.server.request.duration";
}
