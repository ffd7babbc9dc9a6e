using System.Net;
using System.Security.Claims;
using System.Text.Json;
using Headroom.Caching;
using Headroom.Http.ApiKeys.Checking;
using Headroom.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Http.Tests.ApiKeys;

/// <summary>Requests with keys as a client meets them.</summary>
public sealed class ApiKeyTests
{
    [Theory]
    [InlineData("x-api-key: {0}")]
    [InlineData("X-API-KEY: {0}")]
    [InlineData("Authorization: Bearer {0}")]
    [InlineData("Authorization: bearer   {0}")]
    public async Task Request_WithAGoodKey_IsItsClients(string header)
    {
        await using var app = await ApiKeyApp.StartAsync();
        var (_, key) = await app.NewKeyAsync("web shop");

        using var response = await app.GetAsync("/private", string.Format(null, header, key));

        Assert.Equal((200, "web shop"), ((int)response.StatusCode, await response.TextAsync()));
        Assert.Equal(200, await app.StatusAsync("/public", string.Format(null, header, key)));
    }

    [Fact]
    public async Task Request_WithoutAKey_IsAnonymous()
    {
        await using var app = await ApiKeyApp.StartAsync();

        Assert.Equal(200, await app.StatusAsync("/public"));
        Assert.Equal((401, "Send an API key in the header x-api-key, or as Authorization: Bearer."), await app.RefusalAsync("/private"));
        Assert.Equal(0, app.Store.Finds);
    }

    [Fact]
    public async Task Request_WithAKeyInTheUrl_IsAnonymous()
    {
        await using var app = await ApiKeyApp.StartAsync();
        var (_, key) = await app.NewKeyAsync();

        foreach (var name in (string[])["x-api-key", "api_key", "access_token", "key"])
            Assert.Equal(401, await app.StatusAsync($"/private?{name}={key}"));
        Assert.Equal(401, await app.StatusAsync("/private", $"Cookie: x-api-key={key}"));
        Assert.Equal(0, app.Store.Finds);
    }

    [Fact]
    public async Task Request_WithAKeyThatIsNone_IsRefusedWhereverItGoesWithoutALookUp()
    {
        await using var app = await ApiKeyApp.StartAsync();
        var (_, key) = await app.NewKeyAsync();

        foreach (var wrong in (string[])["", "x", key[..^1], key + "A", key.ToUpperInvariant(), new string('k', 5_000), "' OR 1 = 1 --", $"{key}, {key}"])
        {
            foreach (var path in (string[])["/public", "/private", "/nowhere"])
                Assert.Equal((401, "The API key is not one: it is mistyped, cut off or not of this API."), await app.RefusalAsync(path, $"x-api-key: {wrong}"));
        }

        Assert.Equal(0, app.Store.Finds);
    }

    [Fact]
    public async Task Request_WithAHugeHeader_IsRefused()
    {
        await using var app = await ApiKeyApp.StartAsync();
        Assert.Equal(431, await app.StatusAsync("/public", $"x-api-key: {new string('k', 60_000)}"));
    }

    [Theory]
    [InlineData("x-api-key: {0}", "x-api-key: {0}")]
    [InlineData("x-api-key: {0}", "x-api-key: {1}")]
    [InlineData("x-api-key: {0}", "x-api-key: rubbish")]
    [InlineData("x-api-key: {0}", "Authorization: Bearer {0}")]
    [InlineData("x-api-key: {0}", "Authorization: Bearer {1}")]
    [InlineData("Authorization: Bearer {0}", "Authorization: Bearer {1}")]
    [InlineData("Authorization: Bearer {0}", "Authorization: Basic YTpi")]
    public async Task Request_WithSeveralKeys_IsRefused(string first, string second)
    {
        await using var app = await ApiKeyApp.StartAsync();
        var (_, one) = await app.NewKeyAsync();
        var (_, other) = await app.NewKeyAsync();

        // Over a bare socket: a client would join the fields.
        var answer = await RawRequest.SendAsync(app.Address, "/public", string.Format(null, first, one, other), string.Format(null, second, one, other));

        Assert.StartsWith("HTTP/1.1 401 ", answer, StringComparison.Ordinal);
        Assert.Contains("More than one API key or credential was sent", answer, StringComparison.Ordinal);
        Assert.Equal(0, app.Store.Finds);
    }

    [Theory]
    [InlineData("Authorization: Bearer eyJhbGciOiJub25lIn0.e30.")]
    [InlineData("Authorization: Basic YTpi")]
    public async Task Request_WithACredentialOfAnotherKind_IsLeftToOtherSchemes(string header)
    {
        await using var app = await ApiKeyApp.StartAsync();
        var (_, key) = await app.NewKeyAsync();

        Assert.Equal(200, await app.StatusAsync("/public", header));
        Assert.Equal(401, await app.StatusAsync("/private", header));
        Assert.Equal(200, await app.StatusAsync("/private", header, $"x-api-key: {key}"));
    }

    [Fact]
    public async Task RefuseInvalidKeys_Off_LeavesPublicEndpointsOpen()
    {
        await using var app = await ApiKeyApp.StartAsync(configure: options => options.RefuseInvalidKeys = false);

        Assert.Equal(200, await app.StatusAsync("/public", "x-api-key: rubbish"));
        Assert.Equal(401, await app.StatusAsync("/private", "x-api-key: rubbish"));
    }

    [Fact]
    public async Task Request_WithAnUnknownKeyOrAWrongSecret_IsRefusedInTheSameWords()
    {
        await using var app = await ApiKeyApp.StartAsync();
        var (record, key) = await app.NewKeyAsync();
        var wrongSecret = ApiKeyText.WithChecksum($"hr_live_{record.Id}_{new string('A', 32)}");
        var unknown = ApiKeyText.WithChecksum($"hr_live_{new string('B', 16)}_{new string('A', 32)}");

        Assert.Equal((401, "The API key is not known."), await app.RefusalAsync("/private", $"x-api-key: {wrongSecret}"));
        Assert.Equal((401, "The API key is not known."), await app.RefusalAsync("/private", $"x-api-key: {unknown}"));
        Assert.Equal(200, await app.StatusAsync("/private", $"x-api-key: {key}"));
    }

    [Fact]
    public async Task Request_ThatIsAuthenticated_HasTheClaimsOfTheRecord()
    {
        await using var app = await ApiKeyApp.StartAsync(built => built.MapGet("/claims", (HttpContext context) => context.User.Claims.Select(claim => $"{claim.Type}={claim.Value}").ToArray()));
        var (record, key) = await app.NewKeyAsync("web shop", ["messages:send", "messages:read"], ["eu-1"]);

        using var response = await app.GetAsync("/claims", $"x-api-key: {key}");

        string[] expected =
        [
            $"{ClaimTypes.NameIdentifier}={record.Id}", $"{ClaimTypes.Name}=web shop", "organization=acme", "scope=messages:send", "scope=messages:read", "instance=eu-1",
        ];
        Assert.Equal(expected, JsonSerializer.Deserialize<string[]>(await response.TextAsync()));
    }

    [Fact]
    public async Task ClaimsThatAnApplicationAdds_StayWithTheirRequest()
    {
        await using var app = await ApiKeyApp.StartAsync(
            built => built.MapGet("/claims", (HttpContext context) => context.User.FindAll("added").Count() + context.User.Identities.Count()),
            services => services.AddSingleton<IClaimsTransformation, AddingTransformation>());
        var (_, key) = await app.NewKeyAsync();

        for (var i = 0; i < 3; i++)
        {
            using var response = await app.GetAsync("/claims", $"x-api-key: {key}");
            Assert.Equal("3", await response.TextAsync());
        }
    }

    [Fact]
    public async Task Check_OfOneKeyBySeveralRequestsAtOnce_AsksTheStoreOnce()
    {
        await using var app = await ApiKeyApp.StartAsync();
        var (_, key) = await app.NewKeyAsync();
        app.Store.Gate = new TaskCompletionSource();

        var requests = Enumerable.Range(0, 20).Select(_ => app.StatusAsync("/private", $"x-api-key: {key}")).ToList();
        await Task.Delay(200, TestContext.Current.CancellationToken);
        app.Store.Gate.SetResult();

        Assert.Equal([200], (await Task.WhenAll(requests)).Distinct());
        for (var i = 0; i < 20; i++)
            Assert.Equal(200, await app.StatusAsync("/private", $"x-api-key: {key}"));
        Assert.Equal(1, app.Store.Finds);
        var stats = app.Services.GetRequiredKeyedService<IHeadroomCache>("auth").Stats();
        Assert.Equal((1, 1), (stats.Misses, stats.Entries));
        Assert.InRange(stats.LocalHits, 20, 60);
    }

    [Fact]
    public async Task UseCache_Off_AsksTheStoreEachTime()
    {
        await using var app = await ApiKeyApp.StartAsync(configure: options => options.UseCache = false);
        var (_, key) = await app.NewKeyAsync();

        for (var i = 0; i < 5; i++)
            Assert.Equal(200, await app.StatusAsync("/private", $"x-api-key: {key}"));
        Assert.Equal(5, app.Store.Finds);
    }

    [Fact]
    public async Task Check_OfAKeyThatExpiresWhileItIsCached_RefusesItFromThatMomentOn()
    {
        var time = new ManualTime();
        await using var app = await ApiKeyApp.StartAsync(add: services => services.AddSingleton<TimeProvider>(time));
        var (_, key) = await app.NewKeyAsync(expiresAt: time.GetUtcNow().AddSeconds(20));
        Assert.Equal(200, await app.StatusAsync("/private", $"x-api-key: {key}"));

        time.Advance(TimeSpan.FromSeconds(20) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(200, await app.StatusAsync("/private", $"x-api-key: {key}"));
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal((401, "The API key has expired."), await app.RefusalAsync("/private", $"x-api-key: {key}"));
        Assert.Equal(1, app.Store.Finds);
    }

    [Fact]
    public async Task Check_OfACachedKey_IsRefreshedInTheBackgroundAndLookedUpAnewWhenOver()
    {
        var time = new ManualTime();
        await using var app = await ApiKeyApp.StartAsync(add: services => services.AddSingleton<TimeProvider>(time));
        var (_, key) = await app.NewKeyAsync();
        Assert.Equal(200, await app.StatusAsync("/private", $"x-api-key: {key}"));

        time.Advance(TimeSpan.FromSeconds(49));
        app.Store.Gate = new TaskCompletionSource();
        Assert.Equal(200, await app.StatusAsync("/private", $"x-api-key: {key}"));
        await WaitAsync(() => app.Store.Finds == 2);
        app.Store.Gate.SetResult();
        app.Store.Gate = null;

        // What the refresh brought may be kept before the clock goes on or after it: then it is over one turn later.
        for (var turn = 0; turn < 2 && app.Store.Finds == 2; turn++)
        {
            time.Advance(TimeSpan.FromSeconds(90));
            Assert.Equal(200, await app.StatusAsync("/private", $"x-api-key: {key}"));
        }

        Assert.Equal(3, app.Store.Finds);
    }

    [Fact]
    public async Task Revoke_Update_Delete_CountAtOnceOnThisNode()
    {
        await using var app = await ApiKeyApp.StartAsync(built => built.MapGet("/send", () => "sent").RequireScope("messages:send"));
        var (first, firstKey) = await app.NewKeyAsync();
        var (second, secondKey) = await app.NewKeyAsync(scopes: ["messages:send"]);
        var (third, thirdKey) = await app.NewKeyAsync();
        foreach (var key in (string[])[firstKey, secondKey, thirdKey])
            Assert.Equal(200, await app.StatusAsync("/private", $"x-api-key: {key}"));

        Assert.True(await app.Keys.RevokeAsync(first.Id, TestContext.Current.CancellationToken));
        Assert.True(await app.Keys.UpdateAsync(second, second with { Scopes = [] }, TestContext.Current.CancellationToken));
        Assert.True(await app.Keys.DeleteAsync(third.Id, TestContext.Current.CancellationToken));

        Assert.Equal((401, "The API key was revoked."), await app.RefusalAsync("/private", $"x-api-key: {firstKey}"));
        Assert.Equal((403, "The API key lacks the scope 'messages:send'."), await app.RefusalAsync("/send", $"x-api-key: {secondKey}"));
        Assert.Equal((401, "The API key is not known."), await app.RefusalAsync("/private", $"x-api-key: {thirdKey}"));
    }

    [Fact]
    public async Task Rotate_WithOverlap_LetsBothKeysInAndThenTheNewOneOnly()
    {
        var time = new ManualTime();
        await using var app = await ApiKeyApp.StartAsync(add: services => services.AddSingleton<TimeProvider>(time));
        var (old, oldKey) = await app.NewKeyAsync("web shop", ["a"], ["i"]);
        Assert.Equal(200, await app.StatusAsync("/private", $"x-api-key: {oldKey}"));

        var issued = await app.Keys.RotateAsync(old.Id, TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equivalent(old with { Id = issued!.Record.Id }, issued.Record, strict: true);
        Assert.Equal((200, 200), (await app.StatusAsync("/private", $"x-api-key: {oldKey}"), await app.StatusAsync("/private", $"x-api-key: {issued.Key}")));
        Assert.Null(await app.Keys.RotateAsync(old.Id, null, TestContext.Current.CancellationToken));
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal((401, 200), (await app.StatusAsync("/private", $"x-api-key: {oldKey}"), await app.StatusAsync("/private", $"x-api-key: {issued.Key}")));
    }

    [Fact]
    public async Task Rotate_WhileScopesAreTakenAway_GivesTheSuccessorWhatIsLeft()
    {
        await using var app = await ApiKeyApp.StartAsync();
        var (old, _) = await app.NewKeyAsync("web shop", ["read", "write"], ["eu-1", "eu-2"]);
        var narrowed = old with { Scopes = ["read"], InstanceIds = ["eu-1"] };
        app.Store.BeforeReplace = async store =>
        {
            app.Store.BeforeReplace = null;
            Assert.True(await store.UpdateAsync(old, narrowed, TestContext.Current.CancellationToken));
        };

        var issued = await app.Keys.RotateAsync(old.Id, null, TestContext.Current.CancellationToken);

        Assert.Equivalent(narrowed with { Id = issued!.Record.Id, CreatedAt = issued.Record.CreatedAt }, issued.Record, strict: true);
        Assert.Equivalent(issued.Record, await app.Keys.FindAsync(issued.Record.Id, TestContext.Current.CancellationToken), strict: true);
    }

    [Fact]
    public async Task Rotate_OfAKeyThatIsChangedEachTime_GivesUp()
    {
        await using var app = await ApiKeyApp.StartAsync();
        var (old, _) = await app.NewKeyAsync("0");
        var changes = 0;
        app.Store.BeforeReplace = async store => Assert.True(await store.UpdateAsync(old with { Name = $"{changes}" }, old with { Name = $"{++changes}" }, TestContext.Current.CancellationToken));

        Assert.Null(await app.Keys.RotateAsync(old.Id, null, TestContext.Current.CancellationToken));

        Assert.Equal(3, changes);
        Assert.Null((await app.Keys.FindAsync(old.Id, TestContext.Current.CancellationToken))!.ReplacedBy);
    }

    [Fact]
    public async Task Update_WithTheRecordOfAnotherKey_IsRefused()
    {
        await using var app = await ApiKeyApp.StartAsync();
        var (one, _) = await app.NewKeyAsync();
        var (other, _) = await app.NewKeyAsync();

        var refused = await Assert.ThrowsAsync<ArgumentException>(async () => await app.Keys.UpdateAsync(one, other with { Name = "x" }, TestContext.Current.CancellationToken));

        Assert.StartsWith($"The key that was read is '{one.Id}', the one to write '{other.Id}'", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Nothing of it is cached, so other nodes need not be told.</summary>
    [Fact]
    public async Task Rotate_OfAKeyThatIsNotThere_TellsNoOtherNode()
    {
        const string nobodys = "0000000000000000";
        var shared = new ToldStore();
        await using var app = await ApiKeyApp.StartAsync(add: services => services.AddSingleton<IDistributedStore>(shared));
        var (known, _) = await app.NewKeyAsync();

        Assert.Null(await app.Keys.RotateAsync(nobodys, null, TestContext.Current.CancellationToken));
        Assert.NotNull(await app.Keys.RotateAsync(known.Id, null, TestContext.Current.CancellationToken));

        Assert.Contains(shared.Told, key => key.Contains(known.Id, StringComparison.Ordinal));
        Assert.DoesNotContain(shared.Told, key => key.Contains(nobodys, StringComparison.Ordinal));
    }

    /// <summary>The store took the rotation and its answer was lost: the old key ends when the store says, not when the cached record is over.</summary>
    [Fact]
    public async Task Rotate_ThatFailsAfterItWasWritten_LeavesNothingCached()
    {
        await using var app = await ApiKeyApp.StartAsync();
        var (old, key) = await app.NewKeyAsync();
        Assert.Equal(200, await app.StatusAsync("/private", $"x-api-key: {key}"));
        app.Store.FailureAfterReplace = new TimeoutException("the answer is late");

        await Assert.ThrowsAsync<TimeoutException>(async () => await app.Keys.RotateAsync(old.Id, TimeSpan.Zero, TestContext.Current.CancellationToken));

        Assert.Equal((401, "The API key has expired."), await app.RefusalAsync("/private", $"x-api-key: {key}"));
    }

    [Fact]
    public async Task StoreAway_GoodKeysThatAreCachedGoOnAndOthersAreToldToComeAgain()
    {
        using var log = new KeptLog();
        await using var app = await ApiKeyApp.StartAsync(add: services => services.AddLogging(logging => logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Information)));
        var (_, cached) = await app.NewKeyAsync();
        var (_, other) = await app.NewKeyAsync();
        Assert.Equal(200, await app.StatusAsync("/private", $"x-api-key: {cached}"));

        app.Store.Failure = new InvalidOperationException("away");
        Assert.Equal(200, await app.StatusAsync("/private", $"x-api-key: {cached}"));
        for (var i = 0; i < 3; i++)
            Assert.Equal((503, "The API key cannot be checked at present; come again after 1 s."), await app.RefusalAsync("/private", $"x-api-key: {other}"));
        app.Store.Failure = null;
        Assert.Equal(200, await app.StatusAsync("/private", $"x-api-key: {other}"));

        Assert.Equal((1, 1), (log.Text.Split(" 3601 ").Length - 1, log.Text.Split(" 3602 ").Length - 1));
        Assert.DoesNotContain(other[24..], log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(cached[24..], log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithoutAStore_SaysWhatToRegister()
    {
        var failed = await Assert.ThrowsAsync<InvalidOperationException>(async () => await HttpApp.StartAsync(_ => { }, services => services.AddHeadroomApiKeys()));
        Assert.StartsWith("API keys have no store: register one, for example", failed.Message, StringComparison.Ordinal);
    }

    static async Task WaitAsync(Func<bool> until)
    {
        for (var i = 0; i < 200 && !until(); i++)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.True(until());
    }

    sealed class AddingTransformation : IClaimsTransformation
    {
        public Task<ClaimsPrincipal> TransformAsync(ClaimsPrincipal principal)
        {
            ((ClaimsIdentity)principal.Identity!).AddClaim(new Claim("added", "1"));
            principal.AddIdentity(new ClaimsIdentity());
            return Task.FromResult(principal);
        }
    }
}
