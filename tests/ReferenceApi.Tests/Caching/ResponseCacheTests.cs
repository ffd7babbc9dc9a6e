using System.Globalization;
using System.Net;
using Headroom.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ReferenceApi.Caching;
using ReferenceApi.Hosting;
using ReferenceApi.Tests.Harness;

namespace ReferenceApi.Tests.Caching;

/// <summary>What is kept and for how long: the same whether Headroom's cache or the framework's keeps it.</summary>
public sealed class ResponseCacheTests
{
    private static readonly HttpParts[] Parts = Enum.GetValues<HttpParts>();

    [Theory]
    [InlineData("/api/users?limit=3", "/api/users?limit=3&utm_source=mail", true)]
    [InlineData("/api/users?limit=3&sort=name", "/api/users?sort=name&limit=3", true)]
    [InlineData("/api/users?limit=3", "/api/users?limit=4", false)]
    [InlineData("/api/users?sort=name", "/api/users?sort=-name", false)]
    [InlineData("/api/v1/data/steps?limit=1", "/api/v1/data/weight?limit=1", false)]
    [InlineData("/api/v1/data/steps?limit=1&source=watch-01", "/api/v1/data/steps?limit=1&source=phone-03", false)]
    [InlineData("/api/v1/export?limit=1", "/api/v1/export?limit=1&format=csv", false)]
    [InlineData("/api/items?q=a", "/api/items?q=b", false)]
    [InlineData("/api/items?tag=bug", "/api/items?q=bug", false)]
    public async Task Get_OfTwoAddresses_SharesAnAnswerOnlyWhereItIsTheSame(string first, string second, bool shared)
    {
        foreach (var parts in Parts)
        {
            await using var api = await ApiServer.StartAsync("--plain", "--Headroom:Features:ResponseCache=true", $"--ReferenceApi:HttpParts={parts}");
            using var one = await api.GetAsync(first);
            using var two = await api.GetAsync(second);
            using var again = await api.GetAsync(second);

            Assert.True(CacheStatus.IsMiss(one));
            Assert.Equal(shared, CacheStatus.IsHit(two));
            Assert.True(CacheStatus.IsHit(again));
            Assert.Equal(shared, await one.Content.ReadAsStringAsync() == await two.Content.ReadAsStringAsync());
            Assert.Equal(await two.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
            Assert.Equal(Links(two), Links(again));
        }
    }

    [Theory]
    [InlineData("--tuned")]
    [InlineData("--framework")]
    public async Task Write_InvalidatesWhatItChangedAndNothingElse(string preset)
    {
        await using var api = await ApiServer.StartAsync(preset);
        string[] ofSend = ["/api/v2/chats", "/api/v2/chats/7/messages", "/api/v2/chats/007/messages", "/api/v2/events?limit=5"];
        string[] ofIngest = ["/api/v1/data/steps?limit=5", "/api/v1/export?limit=5", "/api/v1/export?limit=5&metric=steps"];
        string[] ofCreate = ["/api/items?status=open"];
        string[] ofNone = ["/api/v2/chats/8/messages", "/api/v1/data/weight?limit=5", "/api/v1/export?limit=5&metric=weight", "/api/signals", "/api/users?limit=3"];
        string[] all = [.. ofSend, .. ofIngest, .. ofCreate, .. ofNone];
        (string Address, string Body, string[] Changed)[] writes =
        [
            ("/api/v2/messages/send", """{"chatId":7,"text":"Hello"}""", ofSend),
            ("/api/v1/ingest", """{"source":"watch-01","points":[{"metric":"steps","value":812}]}""", ofIngest),
            ("/api/items", """{"title":"New","category":"support"}""", ofCreate),
        ];
        foreach (var (address, body, changed) in writes)
        {
            foreach (var kept in all)
                (await api.GetAsync(kept)).Dispose();
            using (var written = await api.PostAsync(address, body))
                Assert.True(written.IsSuccessStatusCode);
            foreach (var kept in all)
            {
                using var response = await api.GetAsync(kept);
                Assert.True(CacheStatus.IsHit(response) != changed.Contains(kept), $"{kept} after {address}");
            }
        }
    }

    [Theory]
    [InlineData("--tuned")]
    [InlineData("--framework")]
    public async Task Get_ThatIsRefused_IsNotKept(string preset)
    {
        await using var api = await ApiServer.StartAsync(preset);
        for (var repeat = 0; repeat < 2; repeat++)
        {
            using var refused = await api.GetAsync("/api/users?limit=x");
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.True(CacheStatus.IsMiss(refused));
        }
    }

    [Theory]
    [InlineData("--tuned")]
    [InlineData("--framework")]
    public async Task Get_WithAuthorization_PassesTheCacheBy(string preset)
    {
        await using var api = await ApiServer.StartAsync(preset);
        using var kept = await api.GetAsync("/api/v2/settings");
        using var authorised = await api.GetAsync("/api/v2/settings", ("Authorization", "Bearer x"));
        using var again = await api.GetAsync("/api/v2/settings");

        Assert.Null(authorised.Headers.Age);
        Assert.False(CacheStatus.IsHit(authorised));
        Assert.True(CacheStatus.IsHit(again));
    }

    [Theory]
    [InlineData("--tuned")]
    [InlineData("--framework")]
    public async Task Get_OfHitsAndMisses_IsCountedInTheSummary(string preset)
    {
        await using var api = await ApiServer.StartAsync(preset);
        for (var repeat = 0; repeat < 4; repeat++)
            await api.GetJsonAsync("/api/v2/settings");

        var summary = await api.GetJsonAsync("/api/metrics");

        // Three hits; the misses are of the response cache, which looks more than once before it asks the endpoint, and of the query cache behind it.
        Assert.InRange(summary.GetProperty("cache").GetProperty("hitRate").GetDouble(), 0.3, 0.75);
    }

    [Fact]
    public async Task Get_BegunBeforeAWriteAndEndedAfter_IsNotWhatLaterReadersGet()
    {
        var value = "old";
        var hasRead = new SemaphoreSlim(0);
        var mayAnswer = new SemaphoreSlim(0);
        await using var app = BuildApp();
        app.UseOutputCache();
        app.MapGet("/value", async (HttpContext http) =>
        {
            var read = value;
            hasRead.Release();
            await mayAnswer.WaitAsync(http.RequestAborted);
            return read;
        }).CacheOutput(new FrameworkCachePolicy("values", _ => "values", TimeSpan.FromMinutes(1)));
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        var early = http.GetStringAsync("/value");
        await hasRead.WaitAsync(TestContext.Current.CancellationToken);
        value = "new";
        await app.Services.GetRequiredService<ResponseCacheTags>().InvalidateAsync("values");
        mayAnswer.Release(10);

        Assert.Equal("old", await early);
        Assert.Equal("new", await http.GetStringAsync("/value"));
        Assert.Equal("new", await http.GetStringAsync("/value"));
    }

    [Fact]
    public async Task Get_FromManyAtOnceOnAColdCache_RunsTheHandlerOnce()
    {
        const int Count = 40;
        var runs = 0;
        var waiting = 0;
        var allWait = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = BuildApp();
        app.Use((_, next) =>
        {
            // The lookup in the memory store is synchronous, so that this returns when the request waits: for the handler, or for the one who runs it. Only
            // then may the handler end: a request that has looked in vain but not yet joined when the answer is there rightly computes it again.
            var answer = next();
            if (Interlocked.Increment(ref waiting) == Count)
                allWait.SetResult();
            return answer;
        });
        app.UseOutputCache();
        app.MapGet("/value", async (HttpContext http) =>
        {
            var run = Interlocked.Increment(ref runs);
            await allWait.Task.WaitAsync(http.RequestAborted);
            return run;
        }).CacheOutput(new FrameworkCachePolicy("values", _ => "values", TimeSpan.FromMinutes(1)));
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        var answers = await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => http.GetStringAsync("/value", TestContext.Current.CancellationToken)));

        Assert.Equal(1, runs);
        Assert.All(answers, answer => Assert.Equal("1", answer));
    }

    [Theory]
    [InlineData("--tuned")]
    [InlineData("--framework")]
    public async Task Get_AfterTheLifetime_IsMadeAnew(string preset)
    {
        await using var api = await ApiServer.StartAsync(preset);
        var first = await api.GetJsonAsync("/api/v2/health");
        await Task.Delay(TimeSpan.FromSeconds(5) + TimeSpan.FromMilliseconds(300));
        using var second = await api.GetAsync("/api/v2/health");

        Assert.True(CacheStatus.IsMiss(second));
        Assert.NotEqual(first.GetProperty("checkedAt").GetString(), (await second.Content.ReadAsStringAsync()).ToString(CultureInfo.InvariantCulture));
    }

    private static WebApplication BuildApp()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddOutputCache().AddSingleton<ResponseCacheTags>().AddHeadroomTelemetry();
        return builder.Build();
    }

    private static string? Links(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Link", out var values) ? Assert.Single(values) : null;
}
