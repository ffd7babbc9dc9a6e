using Headroom.Telemetry.Summary;

namespace Headroom.Telemetry.LivePage;

/// <summary>Makes a sample of two readings: a pure function.</summary>
internal static class LiveSampling
{
    public const int EndpointsMost = 10;
    public const int NamesMost = 20;

    static readonly string[] Generations = ["gen0", "gen1", "gen2"];

    /// <param name="before">The earlier reading.</param>
    /// <param name="now">The later one.</param>
    /// <param name="seconds">Between them; above 0.</param>
    /// <param name="at">When the later one was made.</param>
    public static LiveSample Between(LiveReading before, LiveReading now, double seconds, DateTimeOffset at) => new()
    {
        At = at.ToUnixTimeMilliseconds(),
        Seconds = Math.Round(seconds, 3),
        Requests = Requests(before, now, seconds),
        Caches = Caches(before, now, seconds),
        Limits = Limits(before, now, seconds),
        Runtime = Runtime(before, now, seconds),
        Database = Database(before, now, seconds),
        Endpoints = Endpoints(before, now, seconds),
    };

    static LiveRequests Requests(LiveReading before, LiveReading now, double seconds)
    {
        var latencies = now.Requests.Since(before.Requests);
        return new LiveRequests(
            Rounded(latencies.Count / seconds),
            now.Sum("http.server.active_requests"),
            TelemetrySummary.Milliseconds(latencies.Quantile(0.50)),
            TelemetrySummary.Milliseconds(latencies.Quantile(0.95)),
            TelemetrySummary.Milliseconds(latencies.Quantile(0.99)),
            latencies.Count > 0 ? Math.Clamp((double)(now.ServerErrors - before.ServerErrors) / latencies.Count, 0, 1) : null);
    }

    static List<LiveCache> Caches(LiveReading before, LiveReading now, double seconds)
    {
        const string Name = "headroom_cache_name";
        var (hits, misses) = (now.SumsBy(HeadroomMeters.CacheHits, Name), now.SumsBy(HeadroomMeters.CacheMisses, Name));
        var (hitsBefore, missesBefore) = (before.SumsBy(HeadroomMeters.CacheHits, Name), before.SumsBy(HeadroomMeters.CacheMisses, Name));
        return
        [
            .. hits.Keys.Union(misses.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(NamesMost).Select(name =>
            {
                var (hit, missed) = (Growth(hits, hitsBefore, name), Growth(misses, missesBefore, name));
                return new LiveCache(name, Rounded((hit + missed) / seconds), hit + missed > 0 ? hit / (hit + missed) : null);
            }),
        ];
    }

    static List<LiveLimit> Limits(LiveReading before, LiveReading now, double seconds)
    {
        const string Policy = "headroom_ratelimit_policy";
        var (allowed, blocked) = (now.SumsBy(HeadroomMeters.RateLimitAllowed, Policy), now.SumsBy(HeadroomMeters.RateLimitBlocked, Policy));
        var (allowedBefore, blockedBefore) = (before.SumsBy(HeadroomMeters.RateLimitAllowed, Policy), before.SumsBy(HeadroomMeters.RateLimitBlocked, Policy));
        return
        [
            .. allowed.Keys.Union(blocked.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(NamesMost).Select(policy => new LiveLimit(
                policy, Rounded(Growth(allowed, allowedBefore, policy) / seconds), Rounded(Growth(blocked, blockedBefore, policy) / seconds))),
        ];
    }

    static LiveRuntime Runtime(LiveReading before, LiveReading now, double seconds)
    {
        var (collections, collectionsBefore) = (now.SumsBy("dotnet.gc.collections", "gc_heap_generation"), before.SumsBy("dotnet.gc.collections", "gc_heap_generation"));
        return new LiveRuntime(
            Rate("dotnet.process.cpu.time"),
            now.Sum("dotnet.process.memory.working_set"),
            now.Sum("dotnet.gc.last_collection.heap.size"),
            Rate("dotnet.gc.heap.total_allocated"),
            Rate("dotnet.gc.pause.time") is { } pause ? Math.Clamp(pause, 0, 1) : null,
            [.. Generations.Select(generation => Growth(collections, collectionsBefore, generation))],
            now.Sum("dotnet.thread_pool.thread.count"),
            now.Sum("dotnet.thread_pool.queue.length"));

        double? Rate(string instrument) =>
            now.Sum(instrument) is { } total && before.Sum(instrument) is { } earlier ? Math.Round(Math.Max(0, total - earlier) / seconds, 4) : null;
    }

    static LiveDatabase Database(LiveReading before, LiveReading now, double seconds)
    {
        var operations = now.Database.Since(before.Database);
        return new LiveDatabase(
            Rounded(operations.Count / seconds),
            TelemetrySummary.Milliseconds(operations.Quantile(0.95)),
            now.Sum("db.client.connection.count", "db_client_connection_state", "used"),
            now.Sum("db.client.connection.max"));
    }

    static List<LiveEndpoint> Endpoints(LiveReading before, LiveReading now, double seconds) =>
    [
        .. now.Endpoints.Select(endpoint => (endpoint.Key, Totals: endpoint.Value.Since(before.Endpoints.GetValueOrDefault(endpoint.Key))))
            .Where(endpoint => endpoint.Totals.Count > 0)
            .OrderByDescending(endpoint => endpoint.Totals.Count)
            .ThenBy(endpoint => endpoint.Key.Route, StringComparer.Ordinal)
            .Take(EndpointsMost)
            .Select(endpoint => new LiveEndpoint(
                endpoint.Key.Method,
                endpoint.Key.Route,
                Rounded(endpoint.Totals.Count / seconds),
                Math.Round(endpoint.Totals.SumSeconds * 1_000 / endpoint.Totals.Count, 3),
                endpoint.Totals.QuantileAtMostSeconds(0.95) is { } p95 ? Math.Round(p95 * 1_000, 3) : null,
                (double)endpoint.Totals.Errors / endpoint.Totals.Count)),
    ];

    static double Growth(Dictionary<string, double> now, Dictionary<string, double> before, string key) =>
        Math.Max(0, now.GetValueOrDefault(key) - before.GetValueOrDefault(key));

    static double Rounded(double value) => Math.Round(value, 2);
}
