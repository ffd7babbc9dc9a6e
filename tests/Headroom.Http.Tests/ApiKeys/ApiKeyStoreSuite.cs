using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.Tests.ApiKeys;

/// <summary>What every store of API keys keeps to.</summary>
public abstract class ApiKeyStoreSuite
{
    protected static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>An empty store, prepared.</summary>
    protected abstract Task<IApiKeyStore> StoreAsync();

    [Fact]
    public async Task Find_OfWhatWasAdded_GivesAllOfIt()
    {
        var store = await StoreAsync();
        var full = Key("a") with
        {
            Name = "Ünïcode 'quoted' \"name\" — 中文", Scopes = ["messages:send", "a%b_c*"], InstanceIds = ["eu-1", "eu-2"], ExpiresAt = Now.AddDays(1), CreatedAt = Now,
        };
        var bare = Key("b") with { InstanceIds = null, Scopes = [] };
        var none = Key("c") with { InstanceIds = [] };
        foreach (var record in (ApiKeyRecord[])[full, bare, none])
            Assert.True(await store.AddAsync(Stored(record), Cancellation));

        foreach (var record in (ApiKeyRecord[])[full, bare, none])
        {
            var found = await store.FindAsync(record.Id, Cancellation);
            Assert.Equivalent(record, found!.Record, strict: true);
            Assert.Equal(HashOf(record.Id), found.Hash.ToArray());
        }

        Assert.Null(await store.FindAsync("A" + Id("a")[1..], Cancellation));
        Assert.Null(await store.FindAsync("' OR 1 = 1 --", Cancellation));
    }

    [Fact]
    public async Task Add_OfAnIdThatIsThere_ChangesNothing()
    {
        var store = await StoreAsync();
        Assert.True(await store.AddAsync(Stored(Key("a")), Cancellation));

        Assert.False(await store.AddAsync(Stored(Key("a") with { Name = "other" }), Cancellation));
        Assert.Equal("a", (await store.FindAsync(Id("a"), Cancellation))!.Record.Name);
    }

    [Fact]
    public async Task Update_OfAnActiveKey_SetsWhatMayChangeAndNothingElse()
    {
        var store = await StoreAsync();
        await store.AddAsync(Stored(Key("a")), Cancellation);

        var changed = Key("a") with { Name = "new", Scopes = ["x"], InstanceIds = ["i"], ExpiresAt = Now.AddYears(1), OrganizationId = "other", UseCount = 7, Status = ApiKeyStatus.Revoked };
        Assert.True(await store.UpdateAsync(Key("a"), changed, Cancellation));
        Assert.False(await store.UpdateAsync(Key("b"), Key("b") with { Name = "new" }, Cancellation));

        Assert.Equivalent(changed with { OrganizationId = "acme", UseCount = 0, Status = ApiKeyStatus.Active }, (await store.FindAsync(Id("a"), Cancellation))!.Record, strict: true);
        Assert.True(await store.UpdateAsync(changed, Key("a") with { InstanceIds = null, ExpiresAt = null }, Cancellation));
        Assert.Equivalent(Key("a"), (await store.FindAsync(Id("a"), Cancellation))!.Record, strict: true);
    }

    [Fact]
    public async Task Revoke_Twice_KeepsTheFirstTimeAndEndsChanges()
    {
        var store = await StoreAsync();
        await store.AddAsync(Stored(Key("a")), Cancellation);

        Assert.True(await store.RevokeAsync(Id("a"), Now, Cancellation));
        Assert.True(await store.RevokeAsync(Id("a"), Now.AddDays(1), Cancellation));
        Assert.False(await store.RevokeAsync(Id("b"), Now, Cancellation));
        Assert.False(await store.UpdateAsync(Key("a"), Key("a") with { Name = "new" }, Cancellation));

        Assert.Equivalent(Key("a") with { Status = ApiKeyStatus.Revoked, RevokedAt = Now }, (await store.FindAsync(Id("a"), Cancellation))!.Record, strict: true);
    }

    [Fact]
    public async Task Replace_OfAnActiveKey_EndsItAtTheTimeGivenOrItsOwnIfThatIsBefore()
    {
        var store = await StoreAsync();
        await store.AddAsync(Stored(Key("a")), Cancellation);
        await store.AddAsync(Stored(Key("b") with { ExpiresAt = Now.AddMinutes(1) }), Cancellation);

        Assert.True(await store.ReplaceAsync(Id("a"), SuccessorOf(Key("a"), "c"), Now.AddHours(1), Now, Cancellation));
        Assert.True(await store.ReplaceAsync(Id("b"), SuccessorOf(Key("b") with { ExpiresAt = Now.AddMinutes(1) }, "d"), Now.AddHours(1), Now, Cancellation));

        Assert.Equivalent(Key("a") with { ReplacedBy = Id("c"), ExpiresAt = Now.AddHours(1) }, (await store.FindAsync(Id("a"), Cancellation))!.Record, strict: true);
        Assert.Equal(Now.AddMinutes(1), (await store.FindAsync(Id("b"), Cancellation))!.Record.ExpiresAt);
        Assert.Equivalent(Key("a") with { Id = Id("c") }, (await store.FindAsync(Id("c"), Cancellation))!.Record, strict: true);
    }

    [Fact]
    public async Task Update_OfARecordReadBeforeARotation_DoesNotUndoTheEnd()
    {
        var store = await StoreAsync();
        await store.AddAsync(Stored(Key("a")), Cancellation);
        var before = (await store.FindAsync(Id("a"), Cancellation))!.Record;
        Assert.True(await store.ReplaceAsync(Id("a"), SuccessorOf(Key("a"), "b"), Now.AddHours(1), Now, Cancellation));

        Assert.False(await store.UpdateAsync(before, before with { Name = "new" }, Cancellation));
        var after = (await store.FindAsync(Id("a"), Cancellation))!.Record;
        Assert.Equal(Now.AddHours(1), after.ExpiresAt);
        Assert.True(await store.UpdateAsync(after, after with { Name = "new" }, Cancellation));
    }

    /// <summary>Two who read the same and write one after the other: the second would put back what the first has changed.</summary>
    [Fact]
    public async Task Update_OfARecordReadBeforeAnotherChange_DoesNothing()
    {
        var store = await StoreAsync();
        var read = Key("a") with { Scopes = ["read", "write"], InstanceIds = ["eu-1", "eu-2"], ExpiresAt = Now.AddYears(1) };
        ApiKeyRecord[] changes =
        [
            read with { Scopes = ["read"] }, read with { Scopes = [] }, read with { Scopes = ["write", "read"] }, read with { InstanceIds = ["eu-1"] }, read with { InstanceIds = [] }, read with { InstanceIds = null },
            read with { ExpiresAt = Now.AddDays(1) }, read with { ExpiresAt = null }, read with { Name = "new" },
        ];
        await store.AddAsync(Stored(read), Cancellation);

        var before = read;
        foreach (var changed in changes)
        {
            Assert.True(await store.UpdateAsync(before, changed, Cancellation));
            Assert.False(await store.UpdateAsync(read, read with { Name = "lost" }, Cancellation));
            Assert.Equivalent(changed, (await store.FindAsync(Id("a"), Cancellation))!.Record, strict: true);
            before = changed;
        }

        // What is used meanwhile is no change of the key.
        await store.AddUsageAsync([new(Id("a"), 3, Now)], Cancellation);
        Assert.True(await store.UpdateAsync(before, read, Cancellation));
    }

    [Fact]
    public async Task Update_OfOneKeyByManyAtOnce_TakesOne()
    {
        var store = await StoreAsync();
        await store.AddAsync(Stored(Key("a")), Cancellation);

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () => await store.UpdateAsync(Key("a"), Key("a") with { Name = $"n{i}" }, Cancellation))));

        Assert.Single(taken, each => each);
        Assert.Equal($"n{Array.IndexOf(taken, true)}", (await store.FindAsync(Id("a"), Cancellation))!.Record.Name);
    }

    /// <summary>Four operators, each with a field of its own: whoever comes later keeps what the others wrote.</summary>
    [Fact]
    public async Task Patch_OfOneKeyByManyAtOnce_LosesNothing()
    {
        await using var app = await ApiKeyApp.StartAsync(
            built => built.MapApiKeys("/api/keys", "anyone"),
            services => services.AddAuthorizationBuilder().AddPolicy("anyone", policy => policy.RequireAssertion(_ => true)),
            store: await StoreAsync());
        var (record, _) = await app.NewKeyAsync("old", ["a"]);
        for (var round = 0; round < 5; round++)
        {
            string[] changes = [$$"""{"name": "n{{round}}"}""", $$"""{"scopes": ["s{{round}}"]}""", $$"""{"instanceIds": ["i{{round}}"]}""", $$"""{"expiresAt": "204{{round}}-01-01T00:00:00Z"}"""];
            var answers = await Task.WhenAll(changes.Select(async change =>
            {
                using var answer = await app.SendJsonAsync(HttpMethod.Patch, $"/api/keys/{record.Id}", change);
                return (int)answer.StatusCode;
            }));

            Assert.Equal([200, 200, 200, 200], answers);
            var expected = record with { Name = $"n{round}", Scopes = [$"s{round}"], InstanceIds = [$"i{round}"], ExpiresAt = new DateTimeOffset(2040 + round, 1, 1, 0, 0, 0, TimeSpan.Zero) };
            Assert.Equivalent(expected, await app.Keys.FindAsync(record.Id, Cancellation), strict: true);
        }
    }

    [Fact]
    public async Task Replace_OfAKeyThatIsNotGood_DoesNothing()
    {
        var store = await StoreAsync();
        await store.AddAsync(Stored(Key("a")), Cancellation);
        Assert.True(await store.ReplaceAsync(Id("a"), SuccessorOf(Key("a"), "b"), Now.AddHours(1), Now, Cancellation));
        await store.AddAsync(Stored(Key("c") with { ExpiresAt = Now }), Cancellation);
        await store.AddAsync(Stored(Key("d")), Cancellation);
        await store.RevokeAsync(Id("d"), Now, Cancellation);

        foreach (var id in (string[])[Id("a"), Id("b"), Id("c"), Id("d")])
            Assert.Equal(id == Id("b"), await store.ReplaceAsync(id, SuccessorOf((await store.FindAsync(id, Cancellation))!.Record, "z"), Now.AddHours(1), Now, Cancellation));
        Assert.False(await store.ReplaceAsync(Id("e"), SuccessorOf(Key("e"), "y"), Now.AddHours(1), Now, Cancellation));
        Assert.Null(await store.FindAsync(Id("y"), Cancellation));
    }

    [Fact]
    public async Task Replace_ByAnIdThatIsTaken_DoesNothing()
    {
        var store = await StoreAsync();
        await store.AddAsync(Stored(Key("a")), Cancellation);
        await store.AddAsync(Stored(Key("b")), Cancellation);

        Assert.False(await store.ReplaceAsync(Id("b"), SuccessorOf(Key("b"), "a"), Now.AddHours(1), Now, Cancellation));
        Assert.Equivalent(Key("b"), (await store.FindAsync(Id("b"), Cancellation))!.Record, strict: true);
        Assert.Equivalent(Key("a"), (await store.FindAsync(Id("a"), Cancellation))!.Record, strict: true);
    }

    /// <summary>A rotation that read a key before its scopes were taken away must not give them to the successor.</summary>
    [Fact]
    public async Task Replace_OfAKeyThatWasChangedSinceItWasRead_DoesNothing()
    {
        var store = await StoreAsync();
        var read = Key("a") with { Scopes = ["read", "write"], InstanceIds = ["eu-1", "eu-2"], ExpiresAt = Now.AddYears(1) };
        ApiKeyRecord[] changes =
        [
            read with { Scopes = ["read"] }, read with { Scopes = [] }, read with { InstanceIds = ["eu-1"] }, read with { InstanceIds = [] }, read with { InstanceIds = null },
            read with { ExpiresAt = Now.AddDays(1) }, read with { ExpiresAt = null }, read with { Name = "new" },
        ];
        await store.AddAsync(Stored(read), Cancellation);

        var before = read;
        foreach (var changed in changes)
        {
            Assert.True(await store.UpdateAsync(before, changed, Cancellation));
            before = changed;
            Assert.False(await store.ReplaceAsync(Id("a"), SuccessorOf(read, "z"), Now.AddHours(1), Now, Cancellation));
            Assert.Equivalent(changed, (await store.FindAsync(Id("a"), Cancellation))!.Record, strict: true);
        }

        Assert.Null(await store.FindAsync(Id("z"), Cancellation));
        Assert.True(await store.ReplaceAsync(Id("a"), SuccessorOf(changes[^1], "z"), Now.AddHours(1), Now, Cancellation));
    }

    [Fact]
    public async Task Replace_OfOneKeyByManyAtOnce_TakesOne()
    {
        var store = await StoreAsync();
        await store.AddAsync(Stored(Key("a")), Cancellation);

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () => await store.ReplaceAsync(Id("a"), SuccessorOf(Key("a"), $"n{i}"), Now.AddHours(1), Now, Cancellation))));

        Assert.Single(taken, each => each);
        Assert.Equal(2, (await store.ListAsync(null, null, 100, Cancellation)).Count);
    }

    [Fact]
    public async Task Delete_RemovesTheKey()
    {
        var store = await StoreAsync();
        await store.AddAsync(Stored(Key("a")), Cancellation);

        Assert.True(await store.DeleteAsync(Id("a"), Cancellation));
        Assert.False(await store.DeleteAsync(Id("a"), Cancellation));
        Assert.Null(await store.FindAsync(Id("a"), Cancellation));
    }

    [Fact]
    public async Task List_InPages_GivesEachKeyOnceNewestFirst()
    {
        var store = await StoreAsync();
        for (var i = 0; i < 25; i++)
            await store.AddAsync(Stored(Key($"k{i:00}") with { CreatedAt = Now.AddSeconds(i / 5), OrganizationId = i % 2 == 0 ? "acme" : "other" }), Cancellation);

        var all = await AllAsync(store, null, 4);
        var acme = await AllAsync(store, "acme", 3);

        Assert.Equal(25, all.Count);
        Assert.Equal(all.OrderByDescending(record => record.CreatedAt).ThenBy(record => record.Id, StringComparer.Ordinal).Select(record => record.Id), all.Select(record => record.Id));
        Assert.Equal(all.Where(record => record.OrganizationId == "acme").Select(record => record.Id), acme.Select(record => record.Id));
        Assert.Empty(await store.ListAsync("nobody", null, 5, Cancellation));
    }

    [Fact]
    public async Task AddUsage_OfABatch_AddsUpAndKeepsTheLatestTime()
    {
        var store = await StoreAsync();
        await store.AddAsync(Stored(Key("a")), Cancellation);
        await store.AddAsync(Stored(Key("b")), Cancellation);

        await store.AddUsageAsync([new(Id("a"), 3, Now), new(Id("b"), 1, Now), new(Id("gone"), 9, Now)], Cancellation);
        await store.AddUsageAsync([new(Id("a"), 2, Now.AddSeconds(-5))], Cancellation);

        Assert.Equivalent(Key("a") with { UseCount = 5, LastUsedAt = Now }, (await store.FindAsync(Id("a"), Cancellation))!.Record, strict: true);
        Assert.Equal((1, Now), ((int)(await store.FindAsync(Id("b"), Cancellation))!.Record.UseCount, (await store.FindAsync(Id("b"), Cancellation))!.Record.LastUsedAt!.Value));
        Assert.Null(await store.FindAsync(Id("gone"), Cancellation));
    }

    [Fact]
    public async Task Prepare_OfAStoreThatIsThere_KeepsWhatItHas()
    {
        var store = await StoreAsync();
        await store.AddAsync(Stored(Key("a")), Cancellation);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () => await store.PrepareAsync(Cancellation))));

        Assert.NotNull(await store.FindAsync(Id("a"), Cancellation));
    }

    static async Task<List<ApiKeyRecord>> AllAsync(IApiKeyStore store, string? organization, int most)
    {
        var all = new List<ApiKeyRecord>();
        ApiKeyPosition? after = null;
        while (await store.ListAsync(organization, after, most, Cancellation) is { Count: > 0 } page)
        {
            Assert.InRange(page.Count, 1, most);
            all.AddRange(page);
            after = new ApiKeyPosition(page[^1].CreatedAt, page[^1].Id);
        }

        return all;
    }

    static string Id(string name) => name.PadRight(16, '0');

    static ApiKeyRecord Key(string name) => new() { Id = Id(name), Name = name, OrganizationId = "acme", CreatedAt = Now, Scopes = ["read"] };

    static StoredApiKey Stored(ApiKeyRecord record) => new(record, HashOf(record.Id));

    static StoredApiKey SuccessorOf(ApiKeyRecord record, string name) => Stored(record with { Id = Id(name), ReplacedBy = null, RevokedAt = null, Status = ApiKeyStatus.Active });

    static byte[] HashOf(string id) => SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(id));
}
