using System.Diagnostics.Metrics;
using System.Net;
using Headroom.Caching;
using Microsoft.Extensions.DependencyInjection;
using ReferenceApi.ApiKeys;
using ReferenceApi.Data.DataSets;
using ReferenceApi.Tests.Harness;

namespace ReferenceApi.Tests.ApiKeys;

/// <summary>How often the database is asked for keys, counted by the queries themselves.</summary>
public sealed class ApiKeyCheckTests
{
    private const string On = "--Headroom:Features:ApiKeyCache=true";

    private static readonly string Good = ApiKeyRows.DocumentedKeys(DataSetSpecification.Create("small", DataSetSpecification.DefaultSeed))[0].Key;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

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
    public async Task CheckAsync_OneUnknownKeyAgainAndAgain_AsksOnce()
    {
        await using var api = await ApiServer.StartAsync("--plain", On);
        using var counter = new QueryCounter(api);
        var check = api.Services.GetRequiredService<ApiKeyCheck>();

        for (var attempt = 0; attempt < 100; attempt++)
            Assert.NotNull((await check.CheckAsync("unknown", Cancellation)).Refusal);

        Assert.Equal(1, counter.Count);
    }

    [Fact]
    public async Task CheckAsync_ManyUnknownKeys_TakeNoMoreRoomThanThereIsAndLeaveTheKnownOne()
    {
        await using var api = await ApiServer.StartAsync("--plain", "--Headroom:Features:Pooling=true", "--Headroom:Features:PreparedStatements=true", On);
        var check = api.Services.GetRequiredService<ApiKeyCheck>();
        var cache = api.Services.GetRequiredKeyedService<IHeadroomCache>(ApiKeyCheck.CacheName);
        for (var use = 0; use < 5; use++)
            Assert.Null((await check.CheckAsync(Good, Cancellation)).Refusal);

        for (var attempt = 0; attempt < 15_000; attempt++)
        {
            await check.CheckAsync($"guess-{attempt}", Cancellation);
            if (attempt % 500 == 0)
                await check.CheckAsync(Good, Cancellation);
        }

        Assert.InRange(cache.Stats().Entries, 1, 10_000);
        using var counter = new QueryCounter(api);
        Assert.Null((await check.CheckAsync(Good, Cancellation)).Refusal);
        Assert.Equal(0, counter.Count);
    }

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
