using Headroom.Load;

namespace EndToEnd.Performance;

/// <summary>
/// The performance suite that most APIs end up with, on the engine as a library (docs/library.md). What does not depend on the speed of the machine is exact: errors, checks,
/// headers, ratios, counts. An arrival that finds every connection busy waits and is
/// sent, so a stall changes no count. Latency only has a limit that nothing but a hang reaches.
/// </summary>
[Collection(nameof(Measuring))]
public abstract class ClassicSuite(TunedApi api, ITestOutputHelper output, int scale) : IClassFixture<TunedApi>
{
    private const string NoHang = "p95<10s";

    [Fact]
    public async Task Health_UnderLoad_AnswersEveryRequest()
    {
        var result = await RunAsync(Plan("health")
            .Get("/api/v2/health", health => health.CheckStatus(200).CheckJson("$.status", "healthy"))
            .AtRate(200).For(Seconds(1)));

        Assert.Equal(200 * scale, result.Requests);
    }

    [Fact]
    public async Task DataQuery_OfSeveralMetrics_AnswersWithTheirPoints()
    {
        var result = await RunAsync(Plan("data query")
            .Feeder("metrics", ["heart_rate", "steps", "weight", "blood_glucose"])
            .Get("/api/v1/data/${metrics.value}?limit=50", data => data.Named("data").CheckStatus(200).CheckJson("$.points[49].id").CheckJson("$.unit"))
            .Users(8).For(Seconds(1)));

        Assert.True(result.PerRequest["data"].Requests >= 8);
    }

    [Fact]
    public async Task Ingest_Batches_AreAcceptedAndReadBack()
    {
        var batches = 100 * scale;
        var source = $"suite-{scale}";
        var result = await RunAsync(Plan("ingest")
            .Post(
                "/api/v1/ingest",
                new { source, points = new[] { new { metric = "steps", value = "${random(1,1000) | raw}" }, new { metric = "weight", value = "${random(40,120) | raw}" } } },
                batch => batch.CheckStatus(200).CheckJson("$.accepted", "2"))
            .Iterations(batches, users: 4));
        Assert.Equal(batches, result.Requests);

        // A read after the last answer sees all of them.
        await RunAsync(Plan("read back")
            .Get($"/api/v1/data/steps?source={source}&limit=1", data => data.CheckJson("$.summary.count", $"{batches}"))
            .Get($"/api/v1/data/weight?source={source}&limit=1", data => data.CheckJson("$.summary.count", $"{batches}"))
            .Iterations(2));
    }

    /// <summary>One user: while a request makes the encoded form of what is kept, others get it as it is rather than wait.</summary>
    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task Export_Compressed_IsAtMostAQuarterOfItsSize(string coding)
    {
        var result = await RunAsync(Plan("export")
            .Header("Accept-Encoding", coding)
            .Get("/api/v1/export?limit=2000", export => export.CheckStatus(200).CheckHeader("Content-Encoding", coding))
            .Users(1).For(Seconds(1)));

        Assert.True(result.CompressionRatio >= 4, $"ratio {result.CompressionRatio}");
    }

    [Fact]
    public async Task Sustained_HundredRequestsASecond_AreAllSentAndAnswered()
    {
        var result = await RunAsync(Plan("sustained")
            .Get("/api/v2/chats", chats => chats.Named("chats").Weight(5))
            .Get("/api/v2/chats/1/messages", messages => messages.Named("messages").Weight(3))
            .Get("/api/iris/overview", overview => overview.Named("overview"))
            .Post("/api/v2/messages/send", new { chatId = 7, text = "from VU ${vu}" }, send => send.Named("send").CheckStatus(201))
            .AtRate(100).For(Seconds(2))
            .Threshold("dropped<=0"));

        Assert.Equal(200 * scale, result.Requests);
        foreach (var (name, share) in new[] { ("chats", 0.5), ("messages", 0.3), ("overview", 0.1), ("send", 0.1) })
            Assert.InRange(result.PerRequest[name].Requests, (share * result.Requests) - 5, (share * result.Requests) + 5);
    }

    [Fact]
    public async Task Caching_SecondReadAndConditionalRead_AreAnsweredFromTheCache()
    {
        // The entry lives for a minute, and nobody writes settings.
        await RunAsync(Plan("first read").Get("/api/v2/settings").Iterations(1));
        var hits = await RunAsync(Plan("hits")
            .Get("/api/v2/settings", settings => settings.CheckStatus(200).CheckHeader("ETag").CheckHeader("Age").Check(StartsWithHit))
            .Iterations(50, users: 4)
            .Threshold("hit-rate>=100%"));
        Assert.Equal(50, hits.StatusCodes[200]);

        var conditional = await RunAsync(Plan("conditional")
            .Setup(setup => setup.Get("/api/v2/settings", settings => settings.Extract(new Extraction { Variable = "etag", Part = ResponsePart.Header, Selector = "ETag" })))
            .Get("/api/v2/settings", settings => settings.Header("If-None-Match", "${etag}").CheckStatus(304))
            .Iterations(50, users: 4));
        Assert.Equal((50, 0), (conditional.StatusCodes[304], conditional.RunFile.Summary.BodyBytes));
    }

    [Theory]
    [InlineData("br", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("br;q=0.5, gzip", "gzip")]
    public async Task Compression_ByWhatTheClientTakes_IsToldInTheHeaders(string accepted, string coding)
    {
        var result = await RunAsync(Plan("compression")
            .Header("Accept-Encoding", accepted)
            .Get("/api/v2/chats", chats => chats.CheckStatus(200).CheckHeader("Content-Encoding", coding).Check(Varies))
            .Get("/api/signals", signals => signals.CheckStatus(200).CheckHeader("Content-Encoding", coding).Check(Varies))
            .Iterations(40));

        Assert.True(result.CompressionRatio > 2, $"ratio {result.CompressionRatio}");
    }

    [Fact]
    public async Task Compression_ClientThatTakesNone_GetsTheBodyAsItIs()
    {
        var result = await RunAsync(Plan("identity")
            .Get("/api/v2/chats", chats => chats.CheckStatus(200).Check(Varies))
            .Iterations(40, users: 2));

        Assert.Equal(1.0, result.CompressionRatio);
    }

    /// <summary>That the suite can fail: the same request, judged by what it does not do.</summary>
    [Fact]
    public async Task ThrowIfFailed_ApiThatDoesNotDoIt_FailsWithWantedSeenAndWhere()
    {
        var result = await Plan("wrong").Get("/api/v2/absent", absent => absent.Named("absent").CheckStatus(200)).Iterations(10).RunAsync(cancellation: TestContext.Current.CancellationToken);

        var failure = Assert.Throws<LoadAssertionException>(result.ThrowIfFailed);
        output.WriteLine(failure.Message);
        Assert.Contains("'status is 200' failed 10 of 10", failure.Message, StringComparison.Ordinal);
        Assert.Contains("errors<=0", failure.Message.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static Check StartsWithHit { get; } = new()
    {
        Name = "Cache-Status says hit", Part = ResponsePart.Header, Selector = "Cache-Status", Operator = CheckOperator.Matches, Operands = ["^Headroom; hit"],
    };

    private static Check Varies { get; } = new()
    {
        Name = "Vary has Accept-Encoding", Part = ResponsePart.Header, Selector = "Vary", Operator = CheckOperator.Contains, Operands = ["Accept-Encoding"],
    };

    private TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds * scale);

    private LoadPlanBuilder Plan(string name) => LoadPlan.Create(name).BaseAddress(api.Address).Threshold("errors<=0%", NoHang);

    private async Task<LoadResult> RunAsync(LoadPlanBuilder plan)
    {
        var result = await plan.RunAsync(cancellation: TestContext.Current.CancellationToken);
        output.WriteLine(result.ToString());
        return result.ThrowIfFailed();
    }
}

/// <summary>A second or two each.</summary>
public sealed class ShortSuiteTests(TunedApi api, ITestOutputHelper output) : ClassicSuite(api, output, scale: 1);

/// <summary>The same for half a minute and more each, with <c>./test --all</c>.</summary>
[Trait("Category", "Slow")]
public sealed class LongSuiteTests(TunedApi api, ITestOutputHelper output) : ClassicSuite(api, output, scale: 30);
