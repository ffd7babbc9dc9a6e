using System.Globalization;
using System.Net;
using Headroom.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ReferenceApi.Caching;
using ReferenceApi.Tests.Harness;

namespace ReferenceApi.Tests.Caching;

public sealed class ResponseCachePolicyTests
{
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
        await using var api = await ApiServer.StartAsync("--plain", "--Headroom:Features:ResponseCache=true");
        using var one = await api.GetAsync(first);
        using var two = await api.GetAsync(second);
        using var again = await api.GetAsync(second);

        Assert.Equal("Headroom; fwd=miss", Status(one));
        Assert.Equal(shared ? "Headroom; hit" : "Headroom; fwd=miss", Status(two));
        Assert.Equal("Headroom; hit", Status(again));
        Assert.Equal(shared, await one.Content.ReadAsStringAsync() == await two.Content.ReadAsStringAsync());
        Assert.Equal(await two.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        Assert.Equal(Links(two), Links(again));
    }

    [Fact]
    public async Task Get_ThatIsRefused_IsNotKept()
    {
        await using var api = await ApiServer.StartAsync("--tuned");
        for (var repeat = 0; repeat < 2; repeat++)
        {
            using var refused = await api.GetAsync("/api/users?limit=x");
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Equal("Headroom; fwd=miss", Status(refused));
        }
    }

    [Fact]
    public async Task Get_WithAuthorization_PassesTheCacheBy()
    {
        await using var api = await ApiServer.StartAsync("--tuned");
        using var kept = await api.GetAsync("/api/v2/settings");
        using var authorised = await api.GetAsync("/api/v2/settings", ("Authorization", "Bearer x"));
        using var again = await api.GetAsync("/api/v2/settings");

        Assert.Null(authorised.Headers.Age);
        Assert.NotEqual("Headroom; hit", Status(authorised));
        Assert.Equal("Headroom; hit", Status(again));
    }

    [Fact]
    public async Task Get_OfHitsAndMisses_IsCountedInTheSummary()
    {
        await using var api = await ApiServer.StartAsync("--tuned");
        for (var repeat = 0; repeat < 4; repeat++)
            await api.GetJsonAsync("/api/v2/settings");

        var summary = await api.GetJsonAsync("/api/metrics");

        Assert.Equal(0.75, summary.GetProperty("cache").GetProperty("hitRate").GetDouble());
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
        }).CacheOutput(new ResponseCachePolicy("values", TimeSpan.FromMinutes(1)));
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
        }).CacheOutput(new ResponseCachePolicy("values", TimeSpan.FromMinutes(1)));
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        var answers = await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => http.GetStringAsync("/value", TestContext.Current.CancellationToken)));

        Assert.Equal(1, runs);
        Assert.All(answers, answer => Assert.Equal("1", answer));
    }

    [Theory]
    [InlineData("/api/v2/health", 5)]
    public async Task Get_AfterTheLifetime_IsMadeAnew(string path, int seconds)
    {
        await using var api = await ApiServer.StartAsync("--tuned");
        var first = await api.GetJsonAsync(path);
        await Task.Delay(TimeSpan.FromSeconds(seconds) + TimeSpan.FromMilliseconds(300));
        using var second = await api.GetAsync(path);

        Assert.Equal("Headroom; fwd=miss", Status(second));
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

    private static string? Status(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Cache-Status", out var values) ? Assert.Single(values) : null;

    private static string? Links(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Link", out var values) ? Assert.Single(values) : null;
}
