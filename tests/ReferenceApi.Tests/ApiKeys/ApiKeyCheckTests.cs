using System.Diagnostics.Metrics;
using System.Net;
using Headroom.Caching;
using Headroom.Http;
using Microsoft.Extensions.DependencyInjection;
using ReferenceApi.Data.DataSets;
using ReferenceApi.Tests.Harness;

namespace ReferenceApi.Tests.ApiKeys;

/// <summary>How often the database is asked for keys, counted by the queries themselves.</summary>
public sealed class ApiKeyCheckTests
{
    private const string On = "--Headroom:Features:ApiKeyCache=true";

    private static readonly string Good = ApiKeyRows.DocumentedKeys(DataSetSpecification.Create("small", DataSetSpecification.DefaultSeed))[0].Key;

    [Theory]
    [InlineData(false, 100)]
    [InlineData(true, 1)]
    public async Task Requests_HundredWithOneKey_AskTheDatabaseForItEachTimeOrOnce(bool isCached, int queries)
    {
        await using var api = await ApiServer.StartAsync(isCached ? ["--plain", On] : ["--plain"]);
        using var counter = new QueryCounter(api);

        var statuses = await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ =>
        {
            using var response = await api.GetAsync("/api/v2/events?limit=1", ("x-api-key", Good));
            return response.StatusCode;
        }));

        Assert.Equal([HttpStatusCode.OK], statuses.Distinct());
        Assert.Equal(queries, counter.Count);
    }

    [Fact]
    public async Task Requests_WithoutAKey_AskTheDatabaseForNone()
    {
        await using var api = await ApiServer.StartAsync("--plain", On);
        using var counter = new QueryCounter(api);

        (await api.GetAsync("/api/v2/events?limit=1")).Dispose();

        Assert.Equal(0, counter.Count);
    }

    [Fact]
    public async Task Requests_WithOneUnknownKeyAgainAndAgain_AskOnce()
    {
        await using var api = await ApiServer.StartAsync("--plain", On);
        using var counter = new QueryCounter(api);

        for (var attempt = 0; attempt < 100; attempt++)
        {
            using var refused = await api.GetAsync("/api/v2/events?limit=1", ("x-api-key", Unknown(1)));
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        Assert.Equal(1, counter.Count);
    }

    [Fact]
    public async Task Requests_WithManyUnknownKeys_AskAFewTimesAndLeaveTheKnownOneCached()
    {
        await using var api = await ApiServer.StartAsync("--plain", On);
        var cache = api.Services.GetRequiredKeyedService<IHeadroomCache>("auth");
        (await api.GetAsync("/api/v2/events?limit=1", ("x-api-key", Good))).Dispose();
        using var counter = new QueryCounter(api);
        var clock = System.Diagnostics.Stopwatch.StartNew();

        for (var attempt = 0; attempt < 1_000; attempt++)
            (await api.GetAsync("/api/v2/events?limit=1", ("x-api-key", Unknown(attempt)))).Dispose();

        // 20 at once and 20 a second for one address.
        Assert.InRange(counter.Count, 20, 21 + (20 * clock.Elapsed.TotalSeconds));
        Assert.Equal(1, cache.Stats().Entries);
        var asked = counter.Count;
        using var good = await api.GetAsync("/api/v2/events?limit=1", ("x-api-key", Good));
        Assert.Equal((HttpStatusCode.OK, asked), (good.StatusCode, counter.Count));
    }

    private static string Unknown(int number) => ApiKeyText.Compose(ApiKeyRows.Prefix, number.ToString("D16", null), new string('x', 32));

    /// <summary>Queries for keys that one server sends, and no other that runs in this process.</summary>
    private sealed class QueryCounter : IDisposable
    {
        private readonly MeterListener listener = new();
        private int count;

        public QueryCounter(ApiServer api)
        {
            var meters = api.Services.GetRequiredService<IMeterFactory>();
            listener.InstrumentPublished = (instrument, source) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Name == "db.client.operation.duration")
                    source.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
            {
                foreach (var tag in tags)
                {
                    if (tag is { Key: "db.operation.name", Value: "find-api-key" })
                        Interlocked.Increment(ref count);
                }
            });
            listener.Start();
        }

        public int Count => Volatile.Read(ref count);

        public void Dispose() => listener.Dispose();
    }
}
