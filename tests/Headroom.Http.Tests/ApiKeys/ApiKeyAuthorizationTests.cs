using System.Net.Http.Json;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Http.Tests.ApiKeys;

public sealed class ApiKeyAuthorizationTests
{
    [Fact]
    public async Task RequireScope_OfAKeyWithAndWithout_LetsInTheOneWith()
    {
        await using var app = await ApiKeyApp.StartAsync(built =>
        {
            var group = built.MapGroup("/messages").RequireScope("messages");
            group.MapGet("/", () => "");
            group.MapGet("/send", () => "").RequireScope("messages:send");
        });
        var (_, both) = await app.NewKeyAsync(scopes: ["messages", "messages:send"]);
        var (_, one) = await app.NewKeyAsync(scopes: ["messages", "MESSAGES:SEND", "messages:sen"]);

        Assert.Equal((200, 200), (await app.StatusAsync("/messages/", $"x-api-key: {both}"), await app.StatusAsync("/messages/send", $"x-api-key: {both}")));
        Assert.Equal(200, await app.StatusAsync("/messages/", $"x-api-key: {one}"));
        Assert.Equal((403, "The API key lacks the scope 'messages:send'."), await app.RefusalAsync("/messages/send", $"x-api-key: {one}"));
        Assert.Equal(401, (await app.RefusalAsync("/messages/send")).Status);
    }

    [Fact]
    public async Task RequireInstance_OfAKeyForSomeAndForAll_LetsInWhereItIsFor()
    {
        await using var app = await ApiKeyApp.StartAsync(built => built.MapGet("/instances/{instanceId}/status", () => "").RequireInstance());
        var (_, some) = await app.NewKeyAsync(instances: ["eu-1", "eu/2"]);
        var (_, all) = await app.NewKeyAsync(instances: null);
        var (_, none) = await app.NewKeyAsync(instances: []);

        Assert.Equal(200, await app.StatusAsync("/instances/eu-1/status", $"x-api-key: {some}"));
        Assert.Equal((403, "The API key is not for this instance."), await app.RefusalAsync("/instances/EU-1/status", $"x-api-key: {some}"));
        Assert.Equal(403, await app.StatusAsync("/instances/eu-11/status", $"x-api-key: {some}"));
        Assert.Equal(200, await app.StatusAsync("/instances/anything/status", $"x-api-key: {all}"));
        Assert.Equal(403, await app.StatusAsync("/instances/eu-1/status", $"x-api-key: {none}"));
    }

    [Fact]
    public async Task RequireInstance_OfAPathWithoutIt_StopsTheStart()
    {
        var failed = await Assert.ThrowsAsync<InvalidOperationException>(() => ApiKeyApp.StartAsync(built => built.MapGet("/instances/{id}", () => "").RequireInstance()));
        Assert.Contains("requires the instance of the route value 'instanceId', which its path does not have", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fresh_SeesWhatTheStoreSaysNowWhateverIsCached()
    {
        var store = new MemoryApiKeyStore();
        await using var app = await ApiKeyApp.StartAsync(
            built =>
            {
                built.MapGet("/cached", () => "").RequireScope("admin");
                built.MapGet("/fresh/{instanceId}", () => "").RequireScope("admin", fresh: true).RequireInstance(fresh: true);
            },
            store: store);
        var (record, key) = await app.NewKeyAsync(scopes: ["admin"], instances: ["a"]);
        Assert.Equal((200, 200), (await app.StatusAsync("/cached", $"x-api-key: {key}"), await app.StatusAsync("/fresh/a", $"x-api-key: {key}")));
        Assert.Equal(2, app.Store.Finds);

        // Behind the back of the cache, as another program would.
        await store.UpdateAsync(record, record with { Scopes = [] }, TestContext.Current.CancellationToken);
        Assert.Equal(200, await app.StatusAsync("/cached", $"x-api-key: {key}"));
        Assert.Equal((403, "The API key lacks the scope 'admin'."), await app.RefusalAsync("/fresh/a", $"x-api-key: {key}"));
        await store.UpdateAsync(record with { Scopes = [] }, record with { InstanceIds = ["b"] }, TestContext.Current.CancellationToken);
        Assert.Equal((200, 403), (await app.StatusAsync("/fresh/b", $"x-api-key: {key}"), await app.StatusAsync("/fresh/a", $"x-api-key: {key}")));

        await store.RevokeAsync(record.Id, DateTimeOffset.UtcNow, TestContext.Current.CancellationToken);
        Assert.Equal((403, "The API key is not valid any more."), await app.RefusalAsync("/fresh/b", $"x-api-key: {key}"));

        // What was found out is forgotten in the cache too.
        Assert.Equal((401, "The API key was revoked."), await app.RefusalAsync("/cached", $"x-api-key: {key}"));
    }

    [Fact]
    public async Task Fresh_WithTheStoreAway_Is503()
    {
        await using var app = await ApiKeyApp.StartAsync(built => built.MapGet("/fresh", () => "").RequireScope("admin", fresh: true));
        var (_, key) = await app.NewKeyAsync(scopes: ["admin"]);
        Assert.Equal(200, await app.StatusAsync("/fresh", $"x-api-key: {key}"));

        app.Store.Failure = new InvalidOperationException("away");
        using var refused = await app.GetAsync("/fresh", $"x-api-key: {key}");
        Assert.Equal((503, "1"), ((int)refused.StatusCode, refused.Header("Retry-After")));
    }

    [Fact]
    public async Task RequireScope_InANamedPolicy_IsTheSame()
    {
        await using var app = await ApiKeyApp.StartAsync(
            built => built.MapGet("/named", () => "").RequireAuthorization("sender"),
            services => services.AddAuthorizationBuilder().AddPolicy("sender", policy => policy.RequireScope("messages:send")));
        var (_, with) = await app.NewKeyAsync(scopes: ["messages:send"]);
        var (_, without) = await app.NewKeyAsync();

        Assert.Equal((200, 403, 401), (await app.StatusAsync("/named", $"x-api-key: {with}"), await app.StatusAsync("/named", $"x-api-key: {without}"), await app.StatusAsync("/named")));
    }

    /// <summary>A policy's schemes are asked in its order, and each sets status and fields: the first must not have sent the answer.</summary>
    [Theory]
    [InlineData("ApiKey, Other", "GET", false)]
    [InlineData("ApiKey, Other", "GET", true)]
    [InlineData("Other, ApiKey", "GET", false)]
    [InlineData("ApiKey, Other", "HEAD", false)]
    public async Task Refusal_BesideAnotherScheme_IsAProblemAndTellsBoth(string order, string method, bool isBodyReplaced)
    {
        await using var app = await ApiKeyApp.StartAsync(
            built => built.MapMethods("/either", ["GET", "HEAD"], () => "").RequireAuthorization(policy => policy.AddAuthenticationSchemes(order.Split(", ")).RequireClaim("scope", "read")),
            services => services.AddAuthentication("Other").AddScheme<AuthenticationSchemeOptions, OtherScheme>("Other", null),
            between: built => built.Use((context, next) => isBodyReplaced ? InMemoryAsync(context, next) : next(context)));
        var (_, without) = await app.NewKeyAsync();
        var (_, with) = await app.NewKeyAsync(scopes: ["read"]);

        using var challenged = await app.SendAsync(new HttpMethod(method), "/either");
        Assert.Equal((401, order), ((int)challenged.StatusCode, string.Join(", ", challenged.Headers.WwwAuthenticate)));
        using var forbidden = await app.SendAsync(new HttpMethod(method), "/either", $"x-api-key: {without}");
        Assert.Equal((403, "application/problem+json", "no-store"), ((int)forbidden.StatusCode, forbidden.Content.Headers.ContentType?.MediaType, forbidden.Header("Cache-Control")));
        if (method == "GET")
        {
            Assert.Equal(401, (await challenged.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("status").GetInt32());
            Assert.Equal(403, (await forbidden.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("status").GetInt32());
        }

        using var allowed = await app.SendAsync(new HttpMethod(method), "/either", $"x-api-key: {with}");
        Assert.Equal(200, (int)allowed.StatusCode);
    }

    static async Task InMemoryAsync(HttpContext context, RequestDelegate next)
    {
        var response = context.Response.Body;
        using var memory = new MemoryStream();
        context.Response.Body = memory;
        await next(context);
        context.Response.Body = response;
        await response.WriteAsync(memory.ToArray(), context.RequestAborted);
    }

    /// <summary>Refuses as schemes for tokens do.</summary>
    sealed class OtherScheme(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(AuthenticateResult.NoResult());

        protected override Task HandleChallengeAsync(AuthenticationProperties properties)
        {
            Response.StatusCode = StatusCodes.Status401Unauthorized;
            Response.Headers.Append("WWW-Authenticate", "Other");
            return Task.CompletedTask;
        }
    }
}
