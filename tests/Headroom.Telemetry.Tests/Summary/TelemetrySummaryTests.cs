namespace Headroom.Telemetry.Tests.Summary;

public sealed class TelemetrySummaryTests
{
    [Fact]
    public void Of_KnownLatencies_GivesPercentilesWithinTheStatedError()
    {
        using var harness = new CollectorHarness();
        var duration = harness.Meter.CreateHistogram<double>(HeadroomMeters.HttpServerRequestDuration, "s");
        // 1 to 1,000 ms: between two bucket bounds of 0.25 and 0.5 s a linear guess would be off by far more.
        for (var i = 1; i <= 1_000; i++)
            duration.Record(i / 1_000.0, new("http.response.status_code", i <= 20 ? 500 : 200), new KeyValuePair<string, object?>("http.route", $"/{i % 7}"));

        var requests = harness.Summary().Requests;
        Assert.Equal(1_000, requests.Total);
        Assert.Equal(0.02, requests.ErrorRate);
        Assert.InRange(requests.P50Latency!.Value, 500 * (1 - (1 / 256.0)), 500 * (1 + (1 / 256.0)));
        Assert.InRange(requests.P95Latency!.Value, 950 * (1 - (1 / 256.0)), 950 * (1 + (1 / 256.0)));
        Assert.InRange(requests.P99Latency!.Value, 990 * (1 - (1 / 256.0)), 990 * (1 + (1 / 256.0)));
    }

    [Fact]
    public void Of_ErrorsInTheOverflowSeries_AreStillCounted()
    {
        using var harness = new CollectorHarness(options => options.MaxSeriesPerInstrument = 2);
        var duration = harness.Meter.CreateHistogram<double>(HeadroomMeters.HttpServerRequestDuration, "s");
        for (var i = 0; i < 100; i++)
            duration.Record(0.1, new("http.response.status_code", i % 4 == 0 ? 503 : 200), new KeyValuePair<string, object?>("user", i));

        Assert.Equal(0.25, harness.Summary().Requests.ErrorRate);
    }

    [Fact]
    public void Of_ClientErrors_AreNoErrorsOfTheServer()
    {
        using var harness = new CollectorHarness();
        harness.Meter.CreateHistogram<double>(HeadroomMeters.HttpServerRequestDuration, "s")
            .Record(0.1, new KeyValuePair<string, object?>("http.response.status_code", 404));
        Assert.Equal(0, harness.Summary().Requests.ErrorRate);
    }

    [Fact]
    public void Of_CacheThatCannotTellItsCounts_LeavesTheOthersInTheSummary()
    {
        using var harness = new CollectorHarness();
        var cache = harness.Get<CacheMetrics>();
        cache.Hit("overview");
        cache.Miss("overview");
        cache.Observe(() => throw new InvalidOperationException("on purpose"), () => []);
        Assert.Equal(0.5, harness.Summary().Cache.HitRate);
    }

    [Fact]
    public void Of_CachesThatCountByThemselves_CountsThemWithTheOthersInOneFamily()
    {
        using var harness = new CollectorHarness();
        var cache = harness.Get<CacheMetrics>();
        KeyValuePair<string, object?>[] Tags(string tier) => [new("headroom.cache.name", "query"), new("headroom.cache.tier", tier)];
        cache.Observe(() => [new(30, Tags("l1")), new(20, Tags("l2"))], () => [new(20, new KeyValuePair<string, object?>("headroom.cache.name", "query"))]);
        for (var i = 0; i < 25; i++)
            cache.Hit("overview");
        for (var i = 0; i < 5; i++)
            cache.Miss("overview");

        Assert.Equal(0.75, harness.Summary().Cache.HitRate);
        Assert.Equal(0.75, harness.Summary().Cache.HitRate);
        Assert.Equal(
            [
                "headroom_cache_hits_total{headroom_cache_name=\"overview\"} 25",
                "headroom_cache_hits_total{headroom_cache_name=\"query\",headroom_cache_tier=\"l1\"} 30",
                "headroom_cache_hits_total{headroom_cache_name=\"query\",headroom_cache_tier=\"l2\"} 20",
            ],
            harness.Samples("headroom_cache_hits_total"));
        Assert.Single(harness.Samples("# TYPE headroom_cache_hits_total"));
    }

    [Fact]
    public void Hit_MoreNamesThanAnybodyShouldHave_AreKeptTogether()
    {
        using var harness = new CollectorHarness();
        var cache = harness.Get<CacheMetrics>();
        for (var i = 0; i < 1_500; i++)
            cache.Hit($"key-{i}");

        Assert.Contains("headroom_cache_hits_total{headroom_cache_name=\"other\"} 500", harness.Samples("headroom_cache_hits_total"));
    }

    [Fact]
    public void Of_HeadroomMetrics_GivesRatesAndQueries()
    {
        using var harness = new CollectorHarness();
        var cache = harness.Get<CacheMetrics>();
        for (var i = 0; i < 9; i++)
            cache.Hit("overview", i % 2 == 0 ? "l1" : null);
        cache.Miss("overview");
        harness.Get<RateLimitMetrics>().Blocked("burst");
        for (var i = 0; i < 3; i++)
            harness.Get<RateLimitMetrics>().Allowed("burst");
        var database = harness.Get<DatabaseMetrics>();
        for (var i = 1; i <= 100; i++)
            database.Record(TimeSpan.FromMilliseconds(i), "SELECT", "sqlite", i == 1 ? "SqliteException" : null);

        var summary = harness.Summary();
        Assert.Equal(0.9, summary.Cache.HitRate);
        Assert.Equal(0.25, summary.RateLimit.BlockRate);
        Assert.Equal(100, summary.Database.TotalQueries);
        Assert.InRange(summary.Database.P95Latency!.Value, 95 * (1 - (1 / 256.0)), 95 * (1 + (1 / 256.0)));
        Assert.Null(summary.Requests.P50Latency);
        Assert.Contains(
            "db_client_operation_duration_seconds_count{db_operation_name=\"SELECT\",db_system_name=\"sqlite\",error_type=\"SqliteException\"} 1",
            harness.Samples("db_client"));
        Assert.Contains("headroom_cache_hits_total{headroom_cache_name=\"overview\",headroom_cache_tier=\"l1\"} 5", harness.Samples("headroom_cache"));
        Assert.Contains("headroom_ratelimit_blocked_total{headroom_ratelimit_policy=\"burst\"} 1", harness.Samples("headroom_ratelimit"));
    }
}
