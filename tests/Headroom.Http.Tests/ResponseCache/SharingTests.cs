using System.Net;
using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.Tests.ResponseCache;

/// <summary>What is of one user reaches no other: by a 304 or a HEAD that updates what is stored, by users that are known in unusual ways, by authorization that comes after the cache.</summary>
public sealed class SharingTests
{
    const string Tag = "\"v1\"";

    /// <summary>An origin that answers conditions with 304 and adds to it, and to HEAD, what belongs to who asks.</summary>
    static Action<WebApplication> Validating(string personal) => app => app.MapMethods("/x", ["GET", "HEAD"], context =>
    {
        var isUpdate = HttpMethods.IsHead(context.Request.Method) || context.Request.Headers.IfNoneMatch.Count > 0;
        context.Response.Headers.ETag = Tag;
        context.Response.Headers.CacheControl = "max-age=10";
        if (isUpdate && context.Request.Headers.TryGetValue("X-User", out var user))
        {
            var colon = personal.IndexOf(": ", StringComparison.Ordinal);
            context.Response.Headers[personal[..colon]] = personal[(colon + 2)..];
            context.Response.Headers["X-Account"] = user;
        }

        if (context.Request.Headers.IfNoneMatch == Tag)
        {
            context.Response.StatusCode = 304;
            return Task.CompletedTask;
        }

        return context.Response.WriteAsync("all the same");
    });

    [Theory]
    [InlineData("GET", "Set-Cookie: session=ann")]
    [InlineData("GET", "Cache-Control: private, max-age=10")]
    [InlineData("GET", "Cache-Control: no-store")]
    [InlineData("GET", "Vary: *")]
    [InlineData("HEAD", "Set-Cookie: session=ann")]
    [InlineData("HEAD", "Cache-Control: private, max-age=10")]
    [InlineData("HEAD", "Vary: *")]
    public async Task Update_ThatIsOfOneUser_IsNotStoredForOthers(string method, string personal)
    {
        await using var app = await CacheApp.StartAsync(Validating(personal), options => options.HonourCacheHeaders = true);
        await app.TextAsync("/x");
        app.Time.Advance(TimeSpan.FromSeconds(11));
        using var own = await app.SendAsync(new HttpMethod(method), "/x", "X-User: ann");
        using var other = await app.GetAsync("/x");
        using var third = await app.GetAsync("/x");
        Assert.Equal("ann", own.Header("X-Account"));
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        foreach (var each in new[] { other, third })
        {
            Assert.Equal("all the same", await each.TextAsync());
            Assert.Null(each.Header("Set-Cookie"));
            Assert.Null(each.Header("X-Account"));
        }
    }

    [Fact]
    public async Task Update_ForARequestWithAuthorization_IsNotStoredForOthers()
    {
        await using var app = await CacheApp.StartAsync(Validating("X-Other: y"), options => options.HonourCacheHeaders = true);
        await app.TextAsync("/x");
        app.Time.Advance(TimeSpan.FromSeconds(11));
        using var own = await app.GetAsync("/x", "X-User: ann", "Authorization: Bearer a");
        using var other = await app.GetAsync("/x");
        Assert.Equal("ann", own.Header("X-Account"));
        Assert.Null(other.Header("X-Account"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task User_KnownByAFurtherIdentity_IsKnown(bool variesByUser)
    {
        await using var app = await CacheApp.StartAsync(
            app => app.MapGet("/x", (HttpContext context) => $"for {context.User.FindFirstValue(ClaimTypes.NameIdentifier)}").CacheResponse(p => Policy(p, variesByUser)),
            app =>
            {
                app.Use((context, next) =>
                {
                    if (context.Request.Headers.TryGetValue("X-User", out var user))
                        context.User.AddIdentity(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, user.ToString())], "test"));
                    return next(context);
                });
                app.UseHeadroomResponseCache();
            });
        Assert.Equal("for ann", (await app.TextAsync("/x", "X-User: ann")).Text);
        Assert.Equal("for bob", (await app.TextAsync("/x", "X-User: bob")).Text);
        Assert.Equal("for ", (await app.TextAsync("/x")).Text);
    }

    [Theory]
    [InlineData("https://a.example", "https://b.example", "1", "1")]
    [InlineData("one", "one", "1", "2")]
    public async Task Users_OfTwoIssuersOrWithTwoIdentities_AreTwo(string firstIssuer, string secondIssuer, string firstId, string secondId)
    {
        await using var app = await CacheApp.StartAsync(
            app => app.MapGet("/x", (HttpContext context) => $"for {context.Request.Headers["X-Is"]}").CacheResponse(p => p.For(TimeSpan.FromSeconds(30)).VaryByUser()),
            app =>
            {
                app.Use((context, next) =>
                {
                    var user = context.Request.Headers["X-Is"].ToString().Split('|');
                    context.User = new ClaimsPrincipal(
                    [
                        new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, "the machine")], "certificate"),
                        new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, user[1], ClaimValueTypes.String, user[0])], "bearer"),
                    ]);
                    return next(context);
                });
                app.UseHeadroomResponseCache();
            });
        var (first, second) = ($"{firstIssuer}|{firstId}", $"{secondIssuer}|{secondId}");
        Assert.Equal($"for {first}", (await app.TextAsync("/x", $"X-Is: {first}")).Text);
        Assert.Equal($"for {second}", (await app.TextAsync("/x", $"X-Is: {second}")).Text);
        Assert.Contains("; hit;", (await app.TextAsync("/x", $"X-Is: {first}")).Status, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cache_BeforeAuthorizationThatIsAskedForOtherwise_DoesNotAnswer(bool byFallback)
    {
        await using var app = await CacheApp.StartAsync(
            app =>
            {
                var endpoint = app.MapGet("/x", () => "secret").CacheResponse(p => p.For(TimeSpan.FromSeconds(30)));
                if (!byFallback)
                    endpoint.WithMetadata(new NamedOnly());
            },
            app =>
            {
                app.UseHeadroomResponseCache();
                app.Use((context, next) =>
                {
                    if (context.Request.Headers.ContainsKey("X-User"))
                        context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, "ann")], "test"));
                    return next(context);
                });
                app.UseAuthorization();
            },
            add: services =>
            {
                services.AddAuthentication();
                services.AddAuthorization(options => options.FallbackPolicy = byFallback ? new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build() : null);
            });
        using var allowed = await app.GetAsync("/x", "X-User: ann");
        using var refused = await app.GetAsync("/x");
        Assert.NotEqual(HttpStatusCode.OK, refused.StatusCode);
        Assert.DoesNotContain("secret", await refused.TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task BodyOfUnknownLength_LongerThanMayBeStored_ArrivesWhole_AndHoldsUpNobody()
    {
        var more = new TaskCompletionSource();
        var runs = 0;
        await using var app = await CacheApp.StartAsync(
            app => app.MapGet("/x", async context =>
            {
                var run = Interlocked.Increment(ref runs);
                for (var i = 0; i < 20; i++)
                    await context.Response.Body.WriteAsync(Encoding.ASCII.GetBytes(new string('a', 1000)), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                if (run == 1)
                    await more.Task.WaitAsync(context.RequestAborted);
            }).CacheResponse(p => p.For(TimeSpan.FromSeconds(30))),
            options =>
            {
                options.HoldBackBytes = 2000;
                options.BodyBytesMax = 5000;
            });
        using var first = await app.Http.SendAsync(HttpMethod.Get, "/x", HttpCompletionOption.ResponseHeadersRead);
        var begun = new byte[15_000];
        await using var stream = await first.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await stream.ReadExactlyAsync(begun, TestContext.Current.CancellationToken);

        // The first one goes on; who asks now gets a response of its own.
        using var second = await app.GetAsync("/x").WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(20_000, (await second.BytesAsync()).Length);
        more.SetResult();
        using var rest = new MemoryStream();
        await stream.CopyToAsync(rest, TestContext.Current.CancellationToken);
        Assert.Equal(5_000, rest.Length);
    }

    [Fact]
    public async Task Prefix_WhoseHostIsWrittenInCapitals_IsPurged()
    {
        await using var app = await CacheApp.StartAsync(app => app.MapGet("/x/{rest}", () => "run").CacheResponse(p => p.For(TimeSpan.FromSeconds(30))));
        await app.TextAsync("/x/a", "Host: api.example");
        await app.Cache.PurgePrefixAsync("HTTP://API.Example/x/", cancellation: TestContext.Current.CancellationToken);
        Assert.DoesNotContain("; hit;", (await app.TextAsync("/x/a", "Host: api.example")).Status, StringComparison.Ordinal);
    }

    static void Policy(ResponseCachePolicyBuilder policy, bool variesByUser)
    {
        policy.For(TimeSpan.FromSeconds(30));
        if (variesByUser)
            policy.VaryByUser();
    }

    [AttributeUsage(AttributeTargets.Method)]
    sealed class NamedOnly : Attribute, IAuthorizationRequirementData
    {
        public IEnumerable<IAuthorizationRequirement> GetRequirements() => [new DenyAnonymousAuthorizationRequirement()];
    }
}
