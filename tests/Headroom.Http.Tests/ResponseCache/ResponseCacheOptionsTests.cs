using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Http.Tests.ResponseCache;

public sealed class ResponseCacheOptionsTests
{
    static async Task<string> StartAsync(params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddInMemoryCollection(settings.Select(each => KeyValuePair.Create(each.Key, (string?)each.Value)));
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRouting();
        builder.AddHeadroom();
        await using var app = builder.Build();
        try
        {
            app.Services.GetRequiredService<IStartupValidator>().Validate();
            return "";
        }
        catch (OptionsValidationException wrong)
        {
            return wrong.Message;
        }
    }

    [Fact]
    public async Task AddHeadroom_WrongSettings_AreToldAllTogether()
    {
        var message = await StartAsync(
            ("Headroom:ResponseCache:MaxBytes", "5"),
            ("Headroom:ResponseCache:StaleIfError", "-00:00:01"),
            ("Headroom:ResponseCache:HonorCacheHeaders", "true"),
            ("Headroom:ResponseCache:Name", "a b"),
            ("Headroom:ResponseCache:BodyBytesMax", "many"));
        Assert.Contains("Headroom:ResponseCache:MaxBytes is 5; allowed are 65536 to", message, StringComparison.Ordinal);
        Assert.Contains("Headroom:ResponseCache:StaleIfError is -00:00:01; allowed are 00:00:00 to 365.00:00:00", message, StringComparison.Ordinal);
        Assert.Contains("'Headroom:ResponseCache:HonorCacheHeaders' is not a setting; the settings are Enabled, HonourCacheHeaders", message, StringComparison.Ordinal);
        Assert.Contains("Name is 'a b'; write a token", message, StringComparison.Ordinal);
        Assert.Contains("'Headroom:ResponseCache:BodyBytesMax' is 'many'; write a whole number", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddHeadroom_Defaults_AreValid() => Assert.Equal("", await StartAsync());

    [Fact]
    public void UseHeadroom_WithoutAddHeadroom_SaysWhatToCall()
    {
        using var services = new ServiceCollection().BuildServiceProvider();
        var app = new ApplicationBuilder(services);
        Assert.Contains("Call 'builder.AddHeadroom()'", Assert.Throws<InvalidOperationException>(() => app.UseHeadroomResponseCache()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(199)]
    [InlineData(206)]
    [InlineData(304)]
    [InlineData(600)]
    public void ForStatus_ThatIsNotStored_IsRefused(int status) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ResponseCacheExtensions.ResponseCacheMetadata(p => p.ForStatus(status, TimeSpan.FromSeconds(1))));

    [Fact]
    public void Policy_WithWrongTimesOrTags_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ResponseCacheExtensions.ResponseCacheMetadata(p => p.For(TimeSpan.Zero)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ResponseCacheExtensions.ResponseCacheMetadata(p => p.StaleIfError(TimeSpan.FromDays(366))));
        Assert.Throws<ArgumentException>(() => ResponseCacheExtensions.ResponseCacheMetadata(p => p.Tag("*")));
        Assert.Throws<ArgumentException>(() => ResponseCacheExtensions.ResponseCacheMetadata(p => p.Tag("a\nb")));
    }

    [Fact]
    public async Task NothingToDo_ReturnsTheNextOnesTask()
    {
        var services = new ServiceCollection().AddLogging().AddRouting();
        services.AddHeadroomResponseCache();
        await using var provider = services.BuildServiceProvider();
        var app = new ApplicationBuilder(provider);
        app.UseHeadroomResponseCache();
        var task = new TaskCompletionSource().Task;
        app.Run(_ => task);
        var pipeline = app.Build();
        var context = new DefaultHttpContext { RequestServices = provider };
        foreach (var method in new[] { "GET", "HEAD", "POST", "OPTIONS" })
        {
            context.Request.Method = method;
            Assert.Same(task, pipeline(context));
        }

        // Once warm, without allocating.
        context.Request.Method = "GET";
        for (var i = 0; i < 100; i++)
            _ = pipeline(context);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            _ = pipeline(context);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public async Task DistinctUrls_StayWithinTheBytes()
    {
        const long Bytes = 2_000_000;
        var body = new string('x', 2_000);
        await using var app = await CacheApp.StartAsync(
            app => app.MapGet("/{id}", (HttpContext context) => context.Response.WriteAsync(body)).CacheResponse(p => p.For(TimeSpan.FromHours(1))),
            options => options.MaxBytes = Bytes);
        await Parallel.ForEachAsync(Enumerable.Range(0, 3_000), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) => await app.TextAsync($"/{i}"));
        var stats = app.Services.GetRequiredKeyedService<Headroom.Caching.IHeadroomCache>("response").Stats();
        Assert.InRange(stats.Weight, 1, Bytes);
        Assert.InRange(stats.Entries, 100, 1_000);
        Assert.Equal(3_000, stats.Misses);
    }
}
