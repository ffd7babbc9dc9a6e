using System.IO.Compression;
using System.Net;
using Dapper;
using Headroom.Caching;
using Headroom.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ReferenceApi.Caching;
using ReferenceApi.Data;
using ReferenceApi.Data.DataSets;
using ReferenceApi.Data.Sqlite;
using ReferenceApi.Hosting;
using ReferenceApi.Tests.Harness;

namespace ReferenceApi.Tests.Hosting;

/// <summary>Each switch does what it says when it is the only one that is on, and nothing of it shows when it alone is off.</summary>
public sealed class FeatureTests
{
    public static TheoryData<string> Features { get; } = [.. FeatureSet.All.Select(feature => feature.ToString())];

    [Theory]
    [MemberData(nameof(Features))]
    public async Task Feature_AloneOn_IsTheOnlyOneThatShows(string feature)
    {
        await using var api = await ApiServer.StartAsync("--plain", $"--Headroom:Features:{feature}=true");

        await AssertShowsAsync(api, shown => shown == Enum.Parse<Feature>(feature));
    }

    [Theory]
    [MemberData(nameof(Features))]
    public async Task Feature_AloneOff_IsTheOnlyOneThatDoesNotShow(string feature)
    {
        await using var api = await ApiServer.StartAsync("--tuned", $"--headroom:features:{feature.ToUpperInvariant()}", "FALSE");

        await AssertShowsAsync(api, shown => shown != Enum.Parse<Feature>(feature));
    }

    [Theory]
    [InlineData("--tuned", "br")]
    [InlineData("--tuned", "gzip")]
    [InlineData("--framework", "br")]
    [InlineData("--framework", "gzip")]
    public async Task Compression_OfACachedAnswer_KeepsTheCompressedBytesApartByCoding(string preset, string coding)
    {
        await using var api = await ApiServer.StartAsync(preset);
        var plain = await (await api.GetAsync("/api/v1/export")).Content.ReadAsByteArrayAsync();

        using var first = await api.GetAsync("/api/v1/export", ("Accept-Encoding", coding));
        using var second = await api.GetAsync("/api/v1/export", ("Accept-Encoding", $"{coding};q=0.9, identity;q=0.1"));
        using var third = await api.GetAsync("/api/v1/export", ("Accept-Encoding", "identity"));

        // The plain answer above has filled Headroom's cache for all codings; the framework's has an entry for each.
        Assert.Equal(preset == "--framework", CacheStatus.IsMiss(first));
        Assert.True(CacheStatus.IsHit(second));
        Assert.True(CacheStatus.IsHit(third));
        Assert.All((HttpResponseMessage[])[first, second], response => Assert.Equal(coding, Assert.Single(response.Content.Headers.ContentEncoding)));
        Assert.All((HttpResponseMessage[])[first, second], response => Assert.Contains("Accept-Encoding", response.Headers.Vary));
        Assert.Empty(third.Content.Headers.ContentEncoding);
        var compressed = await second.Content.ReadAsByteArrayAsync();
        Assert.Equal(plain, Decode(coding, await first.Content.ReadAsByteArrayAsync()));
        Assert.Equal(plain, Decode(coding, compressed));
        Assert.True(compressed.Length < plain.Length / 4, $"{compressed.Length} of {plain.Length} bytes");
    }

    [Theory]
    [InlineData("--tuned")]
    [InlineData("--framework")]
    public async Task ConditionalRequests_OfACompressedCachedOverview_AnswerNotModifiedWithItsTag(string preset)
    {
        await using var api = await ApiServer.StartAsync(preset);
        using var first = await api.GetAsync("/api/iris/overview", ("Accept-Encoding", "br"));
        var tag = first.Headers.ETag!.ToString();

        using var same = await api.GetAsync("/api/iris/overview", ("Accept-Encoding", "br"), ("If-None-Match", tag));
        using var other = await api.GetAsync("/api/iris/overview", ("Accept-Encoding", "br"), ("If-None-Match", "\"other\""));

        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Equal(tag, same.Headers.ETag!.ToString());
        Assert.Empty(await same.Content.ReadAsByteArrayAsync());
        Assert.True(CacheStatus.IsHit(same));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.NotEmpty(await other.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task PreparedStatements_OnPostgres_StayWithTheConnection()
    {
        await using var database = await PostgresTestDatabase.CreateAsync();
        await using var plain = await ApiServer.StartAsync("--plain", database.Argument);
        await using var tuned = await ApiServer.StartAsync("--plain", "--Headroom:Features:PreparedStatements=true", database.Argument);

        Assert.Equal(0, await PreparedAsync(plain));
        Assert.True(await PreparedAsync(tuned) > 0);

        static async Task<long> PreparedAsync(ApiServer api)
        {
            for (var repeat = 0; repeat < 5; repeat++)
                await api.GetJsonAsync("/api/v2/settings");

            await using var session = await api.Services.GetRequiredService<Database>().OpenAsync(TestContext.Current.CancellationToken);
            return await session.QuerySingleAsync<long>("test", "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%FROM settings%'");
        }
    }

    [Fact]
    public async Task Pooling_OnPostgres_BoundsTheConnections()
    {
        await using var database = await PostgresTestDatabase.CreateAsync();
        await using var plain = await ApiServer.StartAsync("--plain", database.BoundedArgument(30));
        var plainConnections = await BusiestAsync(plain, database);
        await plain.DisposeAsync();
        await using var tuned = await ApiServer.StartAsync("--plain", "--Headroom:Features:Pooling=true", database.Argument);
        var tunedConnections = await BusiestAsync(tuned, database);

        var most = Math.Max(8, 4 * Environment.ProcessorCount);
        Assert.InRange(tunedConnections, 2, most);
        Assert.True(plainConnections > most, $"Plain opened {plainConnections} connections; the test shows nothing.");

        static async Task<long> BusiestAsync(ApiServer api, PostgresTestDatabase database)
        {
            await Task.WhenAll(Enumerable.Range(0, 80).Select(_ => api.GetJsonAsync("/api/iris/overview")));
            await using var connection = await database.OpenAsync();
            return await connection.ExecuteScalarAsync<long>(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'reference-api'");
        }
    }

    [Fact]
    public async Task Indexes_OnPostgres_AreInASchemaOfTheirOwn()
    {
        await using var database = await PostgresTestDatabase.CreateAsync();
        await using var plain = await ApiServer.StartAsync("--plain", database.Argument);
        await using var tuned = await ApiServer.StartAsync("--tuned", database.Argument);

        await using var connection = await database.OpenAsync();
        var indexes = (await connection.QueryAsync<(string Schema, long Count)>(
            "SELECT schemaname, count(*) FROM pg_indexes WHERE schemaname LIKE 'reference%' AND indexname NOT LIKE '%pkey' GROUP BY schemaname")).ToList();
        Assert.Equal([("reference_small_indexed", 20L)], indexes);
    }

    [Theory]
    [InlineData("/api/v2/settings")]
    [InlineData("/api/v2/info")]
    [InlineData("/api/v2/health")]
    public async Task QueryCache_AskedByManyAtOnce_AsksTheDatabaseOnce(string path)
    {
        await using var api = await ApiServer.StartAsync("--plain", "--Headroom:Features:QueryCache=true");

        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => api.GetJsonAsync(path)));
        await api.GetJsonAsync(path);

        // The metrics' count of queries is the whole process's, other tests included; the cache's own is this server's.
        Assert.Equal(1, api.Services.GetRequiredKeyedService<IHeadroomCache>(QueryCache.Name).Stats().Misses);
    }

    [Fact]
    public async Task Streaming_OfAnAnswerReadToItsEnd_IsNotAnsweredAgain()
    {
        await using var api = await ApiServer.StartAsync("--tuned");
        var whole = await (await api.GetAsync("/query/stream?q=pool")).Content.ReadAsStringAsync();
        var last = whole.Split('\n').Last(line => line.StartsWith("id: ", StringComparison.Ordinal))["id: ".Length..];

        using var again = await api.GetAsync("/query/stream?q=pool", ("Last-Event-ID", last));

        Assert.Equal(HttpStatusCode.NoContent, again.StatusCode);
        Assert.StartsWith("retry: 1000\n\n:\n\nid: ", whole, StringComparison.Ordinal);
    }

    private static async Task AssertShowsAsync(ApiServer api, Func<Feature, bool> expected)
    {
        using var first = await api.GetAsync("/api/iris/overview", ("Accept-Encoding", "br, gzip"));
        using var second = await api.GetAsync("/api/iris/overview", ("Accept-Encoding", "br, gzip"));
        for (var repeat = 0; repeat < 3; repeat++)
            await Task.WhenAll(Enumerable.Range(0, 20).Select(number => api.GetJsonAsync($"/api/v2/events?limit={number % 3 + 1}")));

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal(expected(Feature.Compression), second.Content.Headers.ContentEncoding.Contains("br"));
        Assert.Equal(expected(Feature.ResponseCache), CacheStatus.IsMiss(first));
        Assert.Equal(expected(Feature.ResponseCache), CacheStatus.IsHit(second));
        Assert.Equal(expected(Feature.ResponseCache), second.Headers.Age is not null);
        // Headroom's cache makes a tag for what it keeps.
        Assert.Equal(expected(Feature.ConditionalRequests) || expected(Feature.ResponseCache), second.Headers.ETag is not null);

        Assert.Equal(expected(Feature.QueryCache), await IsKeptAsync(api, QueryCache.Name, "/api/v2/info"));
        Assert.Equal(expected(Feature.ApiKeyCache), await IsKeptAsync(api, "auth", "/api/v2/events", ("x-api-key", ApiKeyRows.DocumentedKeys(DataSetSpecification.Create("small", DataSetSpecification.DefaultSeed))[0].Key)));

        using var afterTheEnd = await api.GetAsync("/query/stream?q=pool", ("Last-Event-ID", "012345678901234567890w.end"));
        Assert.Equal(expected(Feature.Streaming), afterTheEnd.StatusCode == HttpStatusCode.NoContent);

        Assert.Equal(expected(Feature.Limits) ? 10_000_000 : 30_000_000, api.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.MaxRequestBodySize);
        Assert.Equal(expected(Feature.Limits), api.Services.GetRequiredService<IOptions<ConcurrencyOptions>>().Value.Enabled);

        var database = (SqliteDatabase)api.Services.GetRequiredService<Database>();
        await using var session = await database.OpenAsync(TestContext.Current.CancellationToken);
        var indexes = await session.QuerySingleAsync<long>("test", "SELECT count(*) FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_%'");
        Assert.Equal(expected(Feature.Indexes) ? 20 : 0, indexes);
        Assert.Equal(expected(Feature.PreparedStatements), database.StatementsReused > 0);

        // Statements need connections that stay; that there is a bound to them is Pooling.
        Assert.Equal(expected(Feature.Pooling) || expected(Feature.PreparedStatements), database.ConnectionsKept > 0);
        Assert.Equal(expected(Feature.Pooling), database.MostConnections is not null);
        if (database.MostConnections is { } most)
            Assert.InRange(database.ConnectionsKept, 1, most);
    }

    /// <summary>Whether a request leaves something in a cache.</summary>
    private static async Task<bool> IsKeptAsync(ApiServer api, string cache, string path, params (string Name, string Value)[] headers)
    {
        (await api.GetAsync(path, headers)).Dispose();
        return api.Services.GetKeyedService<IHeadroomCache>(cache)?.Stats().Entries > 0;
    }

    private static byte[] Decode(string coding, byte[] compressed)
    {
        using var input = new MemoryStream(compressed);
        using Stream decoder = coding == "br" ? new BrotliStream(input, CompressionMode.Decompress) : new GZipStream(input, CompressionMode.Decompress);
        using var output = new MemoryStream();
        decoder.CopyTo(output);
        return output.ToArray();
    }
}
