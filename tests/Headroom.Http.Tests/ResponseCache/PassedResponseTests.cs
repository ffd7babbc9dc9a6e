using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http.Tests.ResponseCache;

/// <summary>Responses that pass by the cache because those before them could not be stored.</summary>
public sealed class PassedResponseTests
{
    const string Missed = "Headroom; fwd=uri-miss";

    [Fact]
    public async Task ResponsesThatAreNotStored_PassBy_AndSayTheSame()
    {
        await using var app = await StartAsync(_ => "no-store");
        for (var i = 1; i <= 6; i++)
            Assert.Equal(($"{i}", Missed), await app.TextAsync("/x"));
    }

    [Fact]
    public async Task ResponseThatBecomesStorable_IsStoredOneRequestLater()
    {
        await using var app = await StartAsync(run => run <= 5 ? "private" : "max-age=60");
        for (var i = 1; i <= 6; i++)
            Assert.Equal(($"{i}", Missed), await app.TextAsync("/x"));
        Assert.Equal(("7", Missed + "; ttl=60; stored"), await app.TextAsync("/x"));
        Assert.Equal(("7", "Headroom; hit; ttl=60"), await app.TextAsync("/x"));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task OneOrTwoThatAreNotStored_DoNotDelayTheNext(int storable)
    {
        await using var app = await StartAsync(run => run < storable ? "no-store" : "max-age=60");
        for (var i = 1; i < storable; i++)
            await app.TextAsync("/x");
        Assert.Equal(($"{storable}", Missed + "; ttl=60; stored"), await app.TextAsync("/x"));
    }

    [Fact]
    public async Task CookieSetWhenTheResponseBegins_IsSeen()
    {
        var runs = 0;
        await using var app = await CacheApp.StartAsync(app => app.MapGet("/x", context =>
        {
            context.Response.OnStarting(() =>
            {
                context.Response.Headers.SetCookie = "a=1";
                return Task.CompletedTask;
            });
            return context.Response.WriteAsync($"{Interlocked.Increment(ref runs)}");
        }).CacheResponse(p => p.For(TimeSpan.FromSeconds(30))));
        for (var i = 1; i <= 6; i++)
            Assert.Equal(($"{i}", Missed), await app.TextAsync("/x"));
    }

    [Fact]
    public async Task RequestsOfKnownUsers_DoNotKeepTheResponseOfAllFromBeingStored()
    {
        await using var app = await StartAsync(_ => "max-age=60");
        for (var i = 1; i <= 6; i++)
            Assert.Equal(($"{i}", Missed), await app.TextAsync("/x", "Authorization: Bearer x"));
        Assert.Equal(("7", Missed + "; ttl=60; stored"), await app.TextAsync("/x"));
        Assert.Equal(("7", "Headroom; hit; ttl=60"), await app.TextAsync("/x"));
    }

    [Theory]
    [InlineData("X-Original-URL: /y")]
    [InlineData("Range: bytes=0-0")]
    [InlineData("If-None-Match: \"1\"")]
    [InlineData("Fail: 1")]
    public async Task WhatOneClientSends_DoesNotDelayStoringForOthers(string field)
    {
        await using var app = await CacheApp.StartAsync(app => app.MapGet("/x", context =>
        {
            context.Response.Headers.CacheControl = "max-age=60";
            context.Response.Headers.ETag = "\"1\"";
            if (context.Request.Headers.Range.Count > 0)
                context.Response.StatusCode = 206;
            else if (context.Request.Headers.IfNoneMatch.Count > 0)
                context.Response.StatusCode = 304;
            else if (context.Request.Headers.ContainsKey("Fail"))
                context.Response.StatusCode = 503;
            if (context.Response.StatusCode == 503)
                context.Response.Headers.CacheControl = "no-store";
            return Task.CompletedTask;
        }), options => options.HonourCacheHeaders = true);
        for (var i = 0; i < 6; i++)
            await app.TextAsync("/x", field);
        Assert.Equal(Missed + "; ttl=60; stored", (await app.TextAsync("/x")).Status);
    }

    [Fact]
    public async Task Forgotten_AfterAMinute()
    {
        var pass = true;
        await using var app = await StartAsync(_ => pass ? "no-store" : "max-age=60");
        for (var i = 0; i < 6; i++)
            await app.TextAsync("/x");
        pass = false;
        app.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(Missed + "; ttl=60; stored", (await app.TextAsync("/x")).Status);
    }

    static Task<CacheApp> StartAsync(Func<int, string> cacheControl)
    {
        var runs = 0;
        return CacheApp.StartAsync(app => app.MapGet("/x", context =>
        {
            var run = Interlocked.Increment(ref runs);
            context.Response.Headers.CacheControl = cacheControl(run);
            return context.Response.WriteAsync($"{run}");
        }), options => options.HonourCacheHeaders = true);
    }
}
