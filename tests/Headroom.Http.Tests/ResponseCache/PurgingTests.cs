using System.Diagnostics;
using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Http.Tests.ResponseCache;

/// <summary>Purging, on one node and on two that share a store; a restart.</summary>
public sealed class PurgingTests
{
    static Action<WebApplication> Counted(Action<ResponseCachePolicyBuilder>? more = null)
    {
        var runs = 0;
        return app => app.MapGet("/{kind}/{id}", (HttpContext context) => context.Response.WriteAsync($"run {Interlocked.Increment(ref runs)}")).CacheResponse(p =>
        {
            p.For(TimeSpan.FromSeconds(60)).Tag(context => $"kind:{context.Request.RouteValues["kind"]}");
            more?.Invoke(p);
        });
    }

    static async Task<string> StatusAsync(CacheApp app, string path, params string[] headers) => (await app.TextAsync(path, ["Host: api.example", .. headers])).Status.Split(';')[1].Trim();

    [Fact]
    public async Task Tag_Hard_OnlyItsOwnAreGone()
    {
        await using var app = await CacheApp.StartAsync(Counted());
        await StatusAsync(app, "/a/1");
        await StatusAsync(app, "/b/1");
        await app.Cache.PurgeTagAsync("kind:a");
        Assert.Equal(("fwd=uri-miss", "hit"), (await StatusAsync(app, "/a/1"), await StatusAsync(app, "/b/1")));
        Assert.Equal("hit", await StatusAsync(app, "/a/1"));
    }

    [Fact]
    public async Task Tag_Soft_IsOverAndStillStandsIn()
    {
        await using var app = await CacheApp.StartAsync(Counted());
        await StatusAsync(app, "/a/1");
        await StatusAsync(app, "/b/1");
        app.Time.Advance(TimeSpan.FromSeconds(1));
        await app.Cache.PurgeTagAsync("kind:a", PurgeMode.Soft);
        app.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(("fwd=stale", "hit"), (await StatusAsync(app, "/a/1"), await StatusAsync(app, "/b/1")));
        Assert.Equal("hit", await StatusAsync(app, "/a/1"));
    }

    [Theory]
    [InlineData("http://api.example/a/1", "fwd=uri-miss", "hit")]
    [InlineData("http://API.example/a/1", "fwd=uri-miss", "hit")]
    [InlineData("http://api.example/a/2", "hit", "fwd=uri-miss")]
    [InlineData("https://api.example/a/1", "hit", "hit")]
    [InlineData("http://api.example/a/1?x", "hit", "hit")]
    public async Task Url_Hard_IsGone(string url, string first, string second)
    {
        await using var app = await CacheApp.StartAsync(Counted());
        await StatusAsync(app, "/a/1");
        await StatusAsync(app, "/a/2");
        await app.Cache.PurgeUrlAsync(new Uri(url));
        Assert.Equal((first, second), (await StatusAsync(app, "/a/1"), await StatusAsync(app, "/a/2")));
    }

    [Fact]
    public async Task Url_OfAPolicyWithKeysOfItsOwn_AllOfThemAreGone()
    {
        await using var app = await CacheApp.StartAsync(Counted(p => p.VaryByQuery("page").VaryByHeader("X-Tenant").IgnoreHost()));
        foreach (var tenant in new[] { "X-Tenant: 1", "X-Tenant: 2" })
        {
            Assert.Equal("fwd=uri-miss", await StatusAsync(app, "/a/1?page=1&session=7", tenant));
            Assert.Equal("hit", await StatusAsync(app, "/a/1?session=8&page=1", tenant));
        }

        await app.Cache.PurgeUrlAsync(new Uri("http://api.example/a/1"));
        Assert.Equal("fwd=uri-miss", await StatusAsync(app, "/a/1?page=1", "X-Tenant: 1"));
        Assert.Equal("fwd=uri-miss", await StatusAsync(app, "/a/1?page=1", "X-Tenant: 2"));
    }

    [Theory]
    [InlineData(PurgeMode.Hard, "fwd=uri-miss")]
    [InlineData(PurgeMode.Soft, "fwd=stale")]
    public async Task Prefix_And_All(PurgeMode mode, string expected)
    {
        await using var app = await CacheApp.StartAsync(Counted());
        await StatusAsync(app, "/a/1");
        await StatusAsync(app, "/b/1");
        app.Time.Advance(TimeSpan.FromSeconds(1));
        await app.Cache.PurgePrefixAsync("http://api.example/a/", mode);
        app.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((expected, "hit"), (await StatusAsync(app, "/a/1"), await StatusAsync(app, "/b/1")));
        await app.Cache.PurgeAllAsync(mode);
        app.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(expected, await StatusAsync(app, "/b/1"));
    }

    [Fact]
    public async Task Restart_WithAStore_StaysWarmWithItsEncodedForms()
    {
        var store = new SharedStore();
        var text = string.Concat(Enumerable.Range(0, 500).Select(i => $"line {i}\n"));
        var runs = 0;
        Action<WebApplication> map = app => app.MapGet("/x", context =>
        {
            runs++;
            context.Response.ContentType = "text/plain";
            return context.Response.WriteAsync(text);
        }).CacheResponse(p => p.For(TimeSpan.FromSeconds(60)));
        string? tag;
        await using (var before = await CacheApp.StartAsync(map, add: services => services.AddSingleton<IDistributedCache>(store)))
        {
            using var miss = await before.GetAsync("/x", "Host: api.example", "Accept-Encoding: br");
            tag = miss.Header("ETag");
        }

        await using var after = await CacheApp.StartAsync(map, add: services => services.AddSingleton<IDistributedCache>(store));
        using var hit = await after.GetAsync("/x", "Host: api.example", "Accept-Encoding: br");
        Assert.Equal(("Headroom; hit; ttl=60", "br", tag, 1), (hit.Header("Cache-Status"), hit.Header("Content-Encoding"), hit.Header("ETag"), runs));
        using var plain = await after.GetAsync("/x", "Host: api.example");
        Assert.Equal(text, await plain.TextAsync());
    }

    [Theory]
    [InlineData(PurgeMode.Hard)]
    [InlineData(PurgeMode.Soft)]
    public async Task TwoNodes_APrefixPurgedOnOne_IsPurgedOnTheOther(PurgeMode mode)
    {
        var store = new SharedStore();
        await using var one = await CacheApp.StartAsync(Counted(), add: services => services.AddSingleton<IDistributedCache>(store));
        await using var other = await CacheApp.StartAsync(Counted(), add: services => services.AddSingleton<IDistributedCache>(store));
        await StatusAsync(one, "/a/1");
        Assert.Equal("hit", await StatusAsync(other, "/a/1"));
        Advance(4);
        await one.Cache.PurgePrefixAsync("http://api.example/a/", mode);
        Advance(3);

        // The first requests may still be hits: they are what makes the node look.
        var waited = Stopwatch.StartNew();
        while (!(await StatusAsync(other, "/a/1")).StartsWith("fwd=", StringComparison.Ordinal))
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(30), "The other node did not learn of the purge.");
        Assert.Equal("hit", await StatusAsync(other, "/a/1"));

        void Advance(int seconds)
        {
            one.Time.Advance(TimeSpan.FromSeconds(seconds));
            other.Time.Advance(TimeSpan.FromSeconds(seconds));
        }
    }

    [Theory]
    [InlineData(false, null, """{"tag": "kind:a"}""", HttpStatusCode.Forbidden)]
    [InlineData(true, null, """{"tag": "kind:a"}""", HttpStatusCode.Unauthorized)]
    [InlineData(true, "operator", """{"tag": "kind:a"}""", HttpStatusCode.NoContent)]
    [InlineData(true, "operator", """{"url": "http://api.example/a/1", "soft": true}""", HttpStatusCode.NoContent)]
    [InlineData(true, "operator", """{"prefix": "http://api.example/"}""", HttpStatusCode.NoContent)]
    [InlineData(true, "operator", """{"all": true}""", HttpStatusCode.NoContent)]
    [InlineData(true, "operator", """{"tag": "a", "all": true}""", HttpStatusCode.BadRequest)]
    [InlineData(true, "operator", """{"tags": "a"}""", HttpStatusCode.BadRequest)]
    [InlineData(true, "operator", """{"url": "/a/1"}""", HttpStatusCode.BadRequest)]
    [InlineData(true, "operator", "nothing", HttpStatusCode.BadRequest)]
    public async Task Endpoint_PurgesOnlyForWhoMay(bool hasPolicy, string? user, string order, HttpStatusCode expected)
    {
        await using var app = await CacheApp.StartAsync(
            app =>
            {
                Counted()(app);
                var purge = app.MapHeadroomPurge("/purge");
                if (hasPolicy)
                    purge.RequireAuthorization();
            },
            app =>
            {
                app.UseAuthentication();
                app.UseAuthorization();
                app.UseHeadroomResponseCache();
            },
            add: services =>
            {
                services.AddAuthorization();
                services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, NamedUser>("test", null);
            });
        await StatusAsync(app, "/a/1");
        app.Time.Advance(TimeSpan.FromSeconds(1));
        using var client = new HttpClient { BaseAddress = app.Http.Address };
        if (user is not null)
            client.DefaultRequestHeaders.Add("X-User", user);
        using var answer = await client.PostAsync(new Uri("/purge", UriKind.Relative), new StringContent(order), TestContext.Current.CancellationToken);
        Assert.Equal(expected, answer.StatusCode);
        if (expected is HttpStatusCode.BadRequest or HttpStatusCode.Forbidden)
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        app.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(expected == HttpStatusCode.NoContent, await StatusAsync(app, "/a/1") != "hit");
    }

    [Fact]
    public async Task Users_HaveResponsesOfTheirOwn_OrNone()
    {
        await using var app = await CacheApp.StartAsync(
            app =>
            {
                app.MapGet("/own", (HttpContext context) => context.Response.WriteAsync($"for {context.User.Identity?.Name}")).CacheResponse(p => p.For(TimeSpan.FromSeconds(60)).VaryByUser());
                app.MapGet("/careless", (HttpContext context) => context.Response.WriteAsync($"for {context.User.Identity?.Name}")).CacheResponse(p => p.For(TimeSpan.FromSeconds(60)));
                app.MapGet("/guarded", (HttpContext context) => context.Response.WriteAsync("secret")).CacheResponse(p => p.For(TimeSpan.FromSeconds(60)).ShareAuthorized()).RequireAuthorization();
            },
            app =>
            {
                app.UseAuthentication();
                app.UseAuthorization();
                app.UseHeadroomResponseCache();
            },
            add: services =>
            {
                services.AddAuthorization();
                services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, NamedUser>("test", null);
            });
        foreach (var path in new[] { "/own", "/careless" })
        {
            foreach (var user in new[] { "ann", "bob", "ann", "" })
            {
                string[] headers = user.Length == 0 ? [] : [$"X-User: {user}"];
                Assert.Equal($"for {user}", (await app.TextAsync(path, headers)).Text);
            }
        }

        Assert.Contains("hit", (await app.TextAsync("/own", "X-User: bob")).Status, StringComparison.Ordinal);
        Assert.Contains("bypass", (await app.TextAsync("/careless", "X-User: bob")).Status, StringComparison.Ordinal);
        Assert.Equal("secret", (await app.TextAsync("/guarded", "X-User: bob")).Text);
        Assert.Contains("hit", (await app.TextAsync("/guarded", "X-User: ann")).Status, StringComparison.Ordinal);
        using var refused = await app.GetAsync("/guarded");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task Cache_BeforeAuthorization_SaysSoInsteadOfAnswering()
    {
        await using var app = await CacheApp.StartAsync(
            app => app.MapGet("/x", () => "secret").CacheResponse(p => p.For(TimeSpan.FromSeconds(60)).ShareAuthorized()).RequireAuthorization(),
            app =>
            {
                app.Use(async (context, next) =>
                {
                    try
                    {
                        await next(context);
                    }
                    catch (InvalidOperationException wrong)
                    {
                        await context.Response.WriteAsync(wrong.Message);
                    }
                });
                app.UseHeadroomResponseCache();
                app.UseAuthorization();
            },
            add: services =>
            {
                services.AddAuthorization();
                services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, NamedUser>("test", null);
            });
        Assert.Contains("Call 'app.UseAuthorization()' before 'app.UseHeadroom()'", (await app.TextAsync("/x", "X-User: ann")).Text, StringComparison.Ordinal);
    }

    sealed class NamedUser(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers["X-User"] is not [{ } name])
                return Task.FromResult(AuthenticateResult.NoResult());
            var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, name), new Claim(ClaimTypes.Name, name)], Scheme.Name);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
        }
    }

    /// <summary>A store that several applications share, with a type of its own so that it is taken for one.</summary>
    sealed class SharedStore : IDistributedCache
    {
        readonly MemoryDistributedCache inner = new(Options.Create(new MemoryDistributedCacheOptions()));

        public byte[]? Get(string key) => inner.Get(key);

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => inner.GetAsync(key, token);

        // Without an end: its clock is not the test's.
        public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => inner.Set(key, value, new DistributedCacheEntryOptions());

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) => inner.SetAsync(key, value, new DistributedCacheEntryOptions(), token);

        public void Refresh(string key) => inner.Refresh(key);

        public Task RefreshAsync(string key, CancellationToken token = default) => inner.RefreshAsync(key, token);

        public void Remove(string key) => inner.Remove(key);

        public Task RemoveAsync(string key, CancellationToken token = default) => inner.RemoveAsync(key, token);
    }
}
