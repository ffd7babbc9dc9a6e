using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using Headroom.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Http.Tests.ApiKeys;

public sealed class ApiKeyEndpointTests
{
    const string Operator = "X-Operator: yes";

    readonly ManualTime time = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_ShowsTheKeyThisOnceAndItWorks()
    {
        await using var app = await StartAsync();

        using var created = await app.SendJsonAsync(HttpMethod.Post, "/api/keys", """{"name": "web shop", "organizationId": "acme", "scopes": ["messages:send"], "instanceIds": ["eu-1"], "expiresAt": "2031-01-31T00:00:00Z"}""", Operator);

        var key = await JsonAsync(created, 201);
        var id = key.GetProperty("id").GetString()!;
        Assert.Equal($"/api/keys/{id}", created.Header("Location"));
        Assert.Equal("no-store", created.Header("Cache-Control"));
        Assert.Equal(200, await app.StatusAsync("/private", $"x-api-key: {key.GetProperty("key").GetString()}"));
        Assert.Equal(
            $$"""{"id":"{{id}}","key":"{{key.GetProperty("key").GetString()}}","name":"web shop","organizationId":"acme","status":"active","scopes":["messages:send"],"instanceIds":["eu-1"],"createdAt":"2030-01-01T00:00:00+00:00","expiresAt":"2031-01-31T00:00:00+00:00","revokedAt":null,"replacedBy":null,"lastUsedAt":null,"useCount":0}""",
            key.GetRawText());

        foreach (var path in (string[])["/api/keys", $"/api/keys/{id}"])
        {
            using var shown = await app.GetAsync(path, Operator);
            var text = await shown.TextAsync();
            Assert.Equal((200, "no-store"), ((int)shown.StatusCode, shown.Header("Cache-Control")));
            Assert.Contains(id, text, StringComparison.Ordinal);
            Assert.DoesNotContain("\"key\"", text, StringComparison.Ordinal);
            Assert.DoesNotContain("hash", text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Endpoints_WithoutThePolicy_AreRefused()
    {
        await using var app = await StartAsync();
        var (record, key) = await app.NewKeyAsync(scopes: ["everything"]);

        foreach (var (method, path) in ((HttpMethod, string)[])[
            (HttpMethod.Post, "/api/keys"), (HttpMethod.Get, "/api/keys"), (HttpMethod.Get, $"/api/keys/{record.Id}"), (HttpMethod.Patch, $"/api/keys/{record.Id}"),
            (HttpMethod.Delete, $"/api/keys/{record.Id}"), (HttpMethod.Post, $"/api/keys/{record.Id}/rotate"), (HttpMethod.Post, $"/api/keys/{record.Id}/revoke")])
        {
            using var anonymous = await app.SendAsync(method, path);
            using var withKey = await app.SendAsync(method, path, $"x-api-key: {key}");
            Assert.Equal((401, 403), ((int)anonymous.StatusCode, (int)withKey.StatusCode));
        }
    }

    [Theory]
    [InlineData("""{}""", "name", "organizationId")]
    [InlineData("""{"name": "a\u0007", "organizationId": " "}""", "name", "organizationId")]
    [InlineData("""{"name": "a", "organizationId": "b", "scopes": ["a b"], "instanceIds": [""]}""", "scopes", "instanceIds")]
    [InlineData("""{"name": "a", "organizationId": "b", "scopes": ["a\"b", null], "expiresAt": "2029-12-31T23:59:59Z"}""", "scopes", "expiresAt")]
    public async Task Create_WithFieldsThatAreWrong_TellsAllOfThem(string body, params string[] fields)
    {
        await using var app = await StartAsync();

        using var refused = await app.SendJsonAsync(HttpMethod.Post, "/api/keys", body, Operator);

        var problem = await JsonAsync(refused, 400);
        Assert.Equal(fields.Order(StringComparer.Ordinal), problem.GetProperty("errors").EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{", 400, "The body cannot be read")]
    [InlineData("null", 400, "The body is null")]
    [InlineData("""{"name": "a", "organizationId": "b", "admin": true}""", 400, "admin")]
    public async Task Create_WithABodyThatIsNone_SaysSo(string body, int status, string detail)
    {
        await using var app = await StartAsync();
        using var refused = await app.SendJsonAsync(HttpMethod.Post, "/api/keys", body, Operator);
        Assert.Contains(detail, (await JsonAsync(refused, status)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_WithAForm_Is415()
    {
        await using var app = await StartAsync();
        using var refused = await app.SendAsync(HttpMethod.Post, "/api/keys", Operator);
        Assert.Equal(415, (int)refused.StatusCode);
    }

    [Fact]
    public async Task List_InPages_GivesEachKeyOnce()
    {
        await using var app = await StartAsync();
        for (var i = 0; i < 7; i++)
        {
            await app.NewKeyAsync($"key {i}");
            time.Advance(TimeSpan.FromSeconds(i % 2));
        }

        var names = new List<string>();
        var path = "/api/keys?limit=3&organizationId=acme";
        while (path is not null)
        {
            using var page = await app.GetAsync(path, Operator);
            var json = await JsonAsync(page, 200);
            names.AddRange(json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!));
            path = page.Header("Link") is { } link ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : null;
            Assert.Equal(path is null, json.GetProperty("next").ValueKind == JsonValueKind.Null);
        }

        Assert.Equal(7, names.Distinct().Count());
        Assert.Equal(7, names.Count);
        Assert.Equal("key 6", names[0]);
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=201")]
    [InlineData("limit=x")]
    [InlineData("cursor=x")]
    [InlineData("cursor=OTk5OTk5OTk5OTk5OTk5OTk5OS5hYWFhYWFhYWFhYWFhYWFh")]
    public async Task List_WithParametersThatAreWrong_Is400(string query)
    {
        await using var app = await StartAsync();
        using var refused = await app.GetAsync("/api/keys?" + query, Operator);
        Assert.Equal(query.Split('=')[0], (await JsonAsync(refused, 400)).GetProperty("errors").EnumerateObject().Single().Name);
    }

    [Fact]
    public async Task Patch_ChangesWhatIsGivenAndCountsAtOnce()
    {
        await using var app = await StartAsync();
        var (record, key) = await app.NewKeyAsync("old", ["a"], ["i"], time.GetUtcNow().AddDays(1));
        Assert.Equal(403, await app.StatusAsync("/scoped", $"x-api-key: {key}"));

        using var changed = await app.SendJsonAsync(HttpMethod.Patch, $"/api/keys/{record.Id}", """{"name": "new", "scopes": ["b"], "expiresAt": null}""", Operator);

        var json = await JsonAsync(changed, 200);
        Assert.Equal(("new", "i", JsonValueKind.Null), (json.GetProperty("name").GetString(), json.GetProperty("instanceIds")[0].GetString(), json.GetProperty("expiresAt").ValueKind));
        Assert.Equal(200, await app.StatusAsync("/scoped", $"x-api-key: {key}"));
        using var all = await app.SendJsonAsync(HttpMethod.Patch, $"/api/keys/{record.Id}", """{"instanceIds": null}""", Operator);
        Assert.Equal(JsonValueKind.Null, (await JsonAsync(all, 200)).GetProperty("instanceIds").ValueKind);
        using var wrong = await app.SendJsonAsync(HttpMethod.Patch, $"/api/keys/{record.Id}", """{"name": null, "scopes": [1], "expiresAt": "soon"}""", Operator);
        Assert.Equal(["expiresAt", "name", "scopes"], (await JsonAsync(wrong, 400)).GetProperty("errors").EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));
    }

    /// <summary>A change of the scopes reaches the store while a change of the name is between reading and writing: both count.</summary>
    [Fact]
    public async Task Patch_WhileAnotherChangesOtherFields_KeepsBoth()
    {
        await using var app = await StartAsync();
        var (record, _) = await app.NewKeyAsync("old", ["a", "b"]);
        app.Store.BeforeUpdate = async store =>
        {
            app.Store.BeforeUpdate = null;
            Assert.True(await store.UpdateAsync(record, record with { Scopes = ["a"] }, Cancellation));
        };

        using var changed = await app.SendJsonAsync(HttpMethod.Patch, $"/api/keys/{record.Id}", """{"name": "new"}""", Operator);

        var shown = await JsonAsync(changed, 200);
        Assert.Equal(("new", "a"), (shown.GetProperty("name").GetString(), string.Join(' ', shown.GetProperty("scopes").EnumerateArray())));
        Assert.Equivalent(record with { Name = "new", Scopes = ["a"] }, await app.Keys.FindAsync(record.Id, Cancellation), strict: true);
    }

    [Theory]
    [InlineData("revoke", 409, "The key was revoked, and a revoked key cannot be changed.")]
    [InlineData("rotate", 409, "The key was rotated meanwhile, which gave it an end; look at it again, or change the key that took its place.")]
    [InlineData("delete", 404, "There is no API key of this id.")]
    [InlineData("change", 409, "Others changed the key again and again meanwhile; look at it again, and send the change once more.")]
    public async Task Patch_OfAKeyThatEndsMeanwhile_SaysHow(string meanwhile, int status, string detail)
    {
        await using var app = await StartAsync();
        var (record, _) = await app.NewKeyAsync("old");
        var changes = 0;
        app.Store.BeforeUpdate = async store =>
        {
            _ = meanwhile switch
            {
                "revoke" => await store.RevokeAsync(record.Id, time.GetUtcNow(), Cancellation),
                "rotate" => await app.Keys.RotateAsync(record.Id, TimeSpan.FromHours(1), Cancellation) is not null,
                "delete" => await store.DeleteAsync(record.Id, Cancellation),
                _ => await store.UpdateAsync((await store.FindAsync(record.Id, Cancellation))!.Record, record with { Name = $"other {++changes}" }, Cancellation),
            };
        };

        using var refused = await app.SendJsonAsync(HttpMethod.Patch, $"/api/keys/{record.Id}", """{"scopes": ["x"], "expiresAt": null}""", Operator);

        Assert.Equal(detail, (await JsonAsync(refused, status)).GetProperty("detail").GetString());
        Assert.Empty((await app.Keys.FindAsync(record.Id, Cancellation))?.Scopes ?? []);
    }

    [Fact]
    public async Task Rotate_GivesANewKeyAndTheOldOneGoesOnForTheOverlap()
    {
        await using var app = await StartAsync();
        var (record, old) = await app.NewKeyAsync();

        using var rotated = await app.SendJsonAsync(HttpMethod.Post, $"/api/keys/{record.Id}/rotate", """{"overlapSeconds": 60}""", Operator);
        var successor = await JsonAsync(rotated, 201);
        using var again = await app.SendAsync(HttpMethod.Post, $"/api/keys/{record.Id}/rotate", Operator);
        using var standard = await app.SendAsync(HttpMethod.Post, $"/api/keys/{successor.GetProperty("id").GetString()}/rotate", Operator);
        using var tooLong = await app.SendJsonAsync(HttpMethod.Post, $"/api/keys/{record.Id}/rotate", """{"overlapSeconds": 7776001}""", Operator);

        Assert.Equal((409, 201, 400), ((int)again.StatusCode, (int)standard.StatusCode, (int)tooLong.StatusCode));
        Assert.Equal((200, 200), (await app.StatusAsync("/private", $"x-api-key: {old}"), await app.StatusAsync("/private", $"x-api-key: {successor.GetProperty("key").GetString()}")));
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal((401, 200), (await app.StatusAsync("/private", $"x-api-key: {old}"), await app.StatusAsync("/private", $"x-api-key: {successor.GetProperty("key").GetString()}")));
        Assert.Equal(successor.GetProperty("id").GetString(), (await app.Keys.FindAsync(record.Id, Cancellation))!.ReplacedBy);
    }

    [Fact]
    public async Task Rotate_WithABodyOfNoLength_ReadsIt()
    {
        // As in HTTP/2, and behind the decoding of compressed requests.
        await using var app = await StartAsync(built => built.Use((context, next) =>
        {
            context.Request.ContentLength = null;
            return next(context);
        }));
        var (record, old) = await app.NewKeyAsync();

        using var rotated = await app.SendJsonAsync(HttpMethod.Post, $"/api/keys/{record.Id}/rotate", """{"overlapSeconds": 0}""", Operator);

        await JsonAsync(rotated, 201);
        Assert.Equal(401, await app.StatusAsync("/private", $"x-api-key: {old}"));
    }

    [Theory]
    [InlineData("Content-Length: 0")]
    [InlineData("Content-Length: 0", "Content-Type: application/json")]
    [InlineData("Content-Type: application/json")]
    [InlineData("Transfer-Encoding: chunked")]
    [InlineData("Transfer-Encoding: chunked", "Content-Type: application/json")]
    public async Task RotateAndRevoke_WithoutABody_Work(params string[] headers)
    {
        await using var app = await StartAsync();
        var (record, _) = await app.NewKeyAsync();
        var body = headers[0].StartsWith("Transfer", StringComparison.Ordinal) ? "0\r\n\r\n" : "";

        var rotated = await RawRequest.SendAsync(app.Address, "POST", $"/api/keys/{record.Id}/rotate", body, [Operator, .. headers]);
        var revoked = await RawRequest.SendAsync(app.Address, "POST", $"/api/keys/{record.Id}/revoke", body, [Operator, .. headers]);

        Assert.StartsWith("HTTP/1.1 201 ", rotated, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 204 ", revoked, StringComparison.Ordinal);
    }

    /// <summary>A page of another site can have a browser send these with the operator's cookies, and needs to read no answer.</summary>
    [Theory]
    [InlineData("cross-site", null)]
    [InlineData("same-site", null)]
    [InlineData("cross-site", "application/x-www-form-urlencoded")]
    [InlineData("cross-site", "text/plain")]
    public async Task RotateAndRevoke_SentByAnotherSite_AreRefused(string site, string? type)
    {
        await using var app = await StartAsync();
        var (record, _) = await app.NewKeyAsync();
        string[] headers = [Operator, $"Sec-Fetch-Site: {site}", .. type is null ? (string[])[] : [$"Content-Type: {type}"]];

        foreach (var change in (string[])["rotate", "revoke"])
            Assert.StartsWith("HTTP/1.1 403 ", await RawRequest.SendAsync(app.Address, "POST", $"/api/keys/{record.Id}/{change}", "", [.. headers, "Content-Length: 0"]), StringComparison.Ordinal);

        var after = await app.Keys.FindAsync(record.Id, Cancellation);
        Assert.Equal((ApiKeyStatus.Active, null), (after!.Status, after.ReplacedBy));
    }

    /// <summary>Over plain HTTP browsers say no more than the origin of the page.</summary>
    [Theory]
    [InlineData("http://evil.example", null, 403)]
    [InlineData("null", null, 403)]
    [InlineData("http://{0}.evil.example", null, 403)]
    [InlineData("http://evil.example", "Content-Type: application/json", 204)]
    [InlineData("http://evil.example", "Sec-Fetch-Site: same-origin", 204)]
    [InlineData("http://{0}", null, 204)]
    [InlineData("https://{0}", null, 204)]
    public async Task Revoke_OfAPageThatSaysItsOrigin_IsRefusedFromAnotherHost(string origin, string? beside, int status)
    {
        await using var app = await StartAsync();
        var (record, _) = await app.NewKeyAsync();
        string[] headers = [Operator, "Content-Length: 0", $"Origin: {origin.Replace("{0}", app.Address.Authority, StringComparison.Ordinal)}", .. beside is null ? (string[])[] : [beside]];

        Assert.StartsWith($"HTTP/1.1 {status} ", await RawRequest.SendAsync(app.Address, "POST", $"/api/keys/{record.Id}/revoke", "", headers), StringComparison.Ordinal);
        Assert.Equal(status == 403 ? ApiKeyStatus.Active : ApiKeyStatus.Revoked, (await app.Keys.FindAsync(record.Id, Cancellation))!.Status);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site: same-origin")]
    [InlineData("Sec-Fetch-Site: none")]
    [InlineData("Sec-Fetch-Site: cross-site", "Content-Type: application/json")]
    [InlineData("Sec-Fetch-Site: cross-site", "Authorization: Bearer token-of-the-operator")]
    public async Task Revoke_OfWhatABrowserWasAllowedToSend_Works(params string[] headers)
    {
        await using var app = await StartAsync();
        var (record, _) = await app.NewKeyAsync();

        Assert.StartsWith("HTTP/1.1 204 ", await RawRequest.SendAsync(app.Address, "POST", $"/api/keys/{record.Id}/revoke", "", [Operator, "Content-Length: 0", .. headers]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2031-01-31T12:30:00", "write 2031-01-31T12:30:00Z for UTC")]
    [InlineData("2031-01-31", "write 2031-01-31T00:00:00Z for UTC")]
    [InlineData("soon", "It is not a time such as 2031-01-31T00:00:00Z, or null.")]
    public async Task ExpiresAt_WithoutAnOffset_IsRefused(string given, string sentence)
    {
        await using var app = await StartAsync();
        var (record, _) = await app.NewKeyAsync();

        using var created = await app.SendJsonAsync(HttpMethod.Post, "/api/keys", $$"""{"name": "a", "organizationId": "b", "expiresAt": "{{given}}"}""", Operator);
        using var changed = await app.SendJsonAsync(HttpMethod.Patch, $"/api/keys/{record.Id}", $$"""{"expiresAt": "{{given}}"}""", Operator);

        foreach (var refused in (HttpResponseMessage[])[created, changed])
            Assert.Contains(sentence, (await JsonAsync(refused, 400)).GetProperty("errors").GetProperty("expiresAt")[0].GetString(), StringComparison.Ordinal);
        Assert.Single(await app.Keys.ListAsync(cancellationToken: Cancellation));
    }

    [Fact]
    public async Task ExpiresAt_WithAnOffset_IsThatMoment()
    {
        await using var app = await StartAsync();

        using var created = await app.SendJsonAsync(HttpMethod.Post, "/api/keys", """{"name": "a", "organizationId": "b", "expiresAt": "2031-01-31T02:00:00+02:00"}""", Operator);

        Assert.Equal(new DateTimeOffset(2031, 1, 31, 0, 0, 0, TimeSpan.Zero), (await JsonAsync(created, 201)).GetProperty("expiresAt").GetDateTimeOffset());
    }

    [Fact]
    public async Task Create_AtAPathOfOtherLetters_TellsWhereItIs()
    {
        await using var app = await StartAsync(built => built.MapApiKeys("/schlüssel", "operator"));

        using var created = await app.SendJsonAsync(HttpMethod.Post, "/schl%C3%BCssel", """{"name": "a", "organizationId": "b"}""", Operator);

        var id = (await JsonAsync(created, 201)).GetProperty("id").GetString();
        Assert.Equal($"/schl%C3%BCssel/{id}", created.Header("Location"));
    }

    [Fact]
    public async Task RevokeAndDelete_EndAKey()
    {
        await using var app = await StartAsync();
        var (first, firstKey) = await app.NewKeyAsync();
        var (second, secondKey) = await app.NewKeyAsync();
        Assert.Equal((200, 200), (await app.StatusAsync("/private", $"x-api-key: {firstKey}"), await app.StatusAsync("/private", $"x-api-key: {secondKey}")));

        using var revoked = await app.SendAsync(HttpMethod.Post, $"/api/keys/{first.Id}/revoke", Operator);
        using var deleted = await app.SendAsync(HttpMethod.Delete, $"/api/keys/{second.Id}", Operator);
        using var changed = await app.SendJsonAsync(HttpMethod.Patch, $"/api/keys/{first.Id}", """{"name": "x"}""", Operator);
        using var shown = await app.GetAsync($"/api/keys/{first.Id}", Operator);

        Assert.Equal((204, 204, 409), ((int)revoked.StatusCode, (int)deleted.StatusCode, (int)changed.StatusCode));
        Assert.Equal("revoked", (await JsonAsync(shown, 200)).GetProperty("status").GetString());
        Assert.Equal((401, 401), (await app.StatusAsync("/private", $"x-api-key: {firstKey}"), await app.StatusAsync("/private", $"x-api-key: {secondKey}")));
        foreach (var id in (string[])[second.Id, "0000000000000000", "x", "a%20b"])
        {
            using var missing = await app.SendAsync(HttpMethod.Post, $"/api/keys/{id}/revoke", Operator);
            using var alsoMissing = await app.GetAsync($"/api/keys/{id}", Operator);
            Assert.Equal((404, 404), ((int)missing.StatusCode, (int)alsoMissing.StatusCode));
        }
    }

    [Fact]
    public async Task Start_WithAPolicyThatThereIsNot_IsRefused()
    {
        var failed = await Assert.ThrowsAsync<InvalidOperationException>(() => ApiKeyApp.StartAsync(built => built.MapApiKeys("/api/keys", "nobody")));
        Assert.Contains("asks for the authorization policy 'nobody', which there is not", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithAnonymousManagement_IsRefused()
    {
        var failed = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(built => built.MapApiKeys("/open", "operator").AllowAnonymous()));
        Assert.Contains("manages API keys and allows anonymous callers", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_OfAKeysLife_NeverHaveIt()
    {
        using var log = new KeptLog();
        await using var app = await StartAsync(add: services => services.AddLogging(logging => logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Trace)));
        using var created = await app.SendJsonAsync(HttpMethod.Post, "/api/keys", """{"name": "a", "organizationId": "b"}""", Operator);
        var key = (await JsonAsync(created, 201)).GetProperty("key").GetString()!;
        await app.StatusAsync("/private", $"x-api-key: {key}");
        await app.StatusAsync("/scoped", $"Authorization: Bearer {key}");
        await app.StatusAsync("/private", $"x-api-key: {key[..^1]}?");
        using var rotated = await app.SendAsync(HttpMethod.Post, $"/api/keys/{key[8..24]}/rotate", Operator);

        Assert.NotEmpty(log.Text);
        Assert.DoesNotContain(key[25..57], log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain((await JsonAsync(rotated, 201)).GetProperty("key").GetString()![25..57], log.Text, StringComparison.Ordinal);
    }

    // The operator of these tests is whoever says so; in an application it is a person who signed in.
    Task<ApiKeyApp> StartAsync(Action<WebApplication>? use = null, Action<IServiceCollection>? add = null) => ApiKeyApp.StartAsync(
        built =>
        {
            built.MapApiKeys("/api/keys", "operator");
            built.MapGet("/scoped", () => "").RequireScope("b");
            use?.Invoke(built);
        },
        services =>
        {
            services.AddSingleton<TimeProvider>(time);
            services.AddAuthorizationBuilder().AddPolicy("operator", policy => policy.RequireRole("operator"));
            add?.Invoke(services);
        },
        between: built => built.Use((context, next) =>
        {
            if (context.Request.Headers.ContainsKey("X-Operator"))
                context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Role, "operator")], "test"));
            return next(context);
        }));

    static async Task<JsonElement> JsonAsync(HttpResponseMessage response, int status)
    {
        var text = await response.TextAsync();
        Assert.True((int)response.StatusCode == status, string.Create(CultureInfo.InvariantCulture, $"{(int)response.StatusCode}: {text}"));
        return JsonElement.Parse(text);
    }
}
