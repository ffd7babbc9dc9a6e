using System.Net;
using Headroom.Caching;
using Headroom.Http.ApiKeys.Checking;
using Headroom.Http.Tests.ConditionalRequests;
using Headroom.Http.Tests.Streaming;
using Headroom.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.Tests.ApiKeys;

/// <summary>What made-up keys can do: next to nothing. Alone, because it reads the memory of the whole process.</summary>
[Collection(nameof(MeasuresProcessMemory))]
public sealed class ApiKeyAbuseTests
{
    const int Million = 1_000_000;
    static readonly IPAddress Attacker = IPAddress.Parse("203.0.113.7");

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // A million keys that were kept would take 100 MB and more.
    const long BytesMost = 50_000_000;

    [Fact]
    public async Task MillionMadeUpKeys_WithoutTheChecksum_NeverReachTheStore()
    {
        await using var app = await ApiKeyApp.StartAsync();
        var check = app.Services.GetRequiredService<ApiKeyCheck>();
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var i = 0; i < Million; i++)
            Assert.Equal(ApiKeyVerdict.Malformed, (await check.CheckAsync($"hr_live_{i:0000000000000000}_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA000000", Attacker, Cancellation)).Verdict);

        Assert.Equal(0, app.Store.Finds);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, BytesMost);
    }

    [Fact]
    public async Task MillionMadeUpKeys_WithTheChecksum_ReachTheStoreAtTheBoundedRateAndTakeNoRealKeysPlace()
    {
        var time = new ManualTime();
        await using var app = await ApiKeyApp.StartAsync(add: services => services.AddSingleton<TimeProvider>(time));
        var check = app.Services.GetRequiredService<ApiKeyCheck>();
        var (_, real) = await app.NewKeyAsync();
        Assert.Equal(ApiKeyVerdict.Valid, (await check.CheckAsync(real, Attacker, Cancellation)).Verdict);
        var asked = app.Store.Finds;
        var before = GC.GetTotalMemory(forceFullCollection: true);

        // From as many addresses as there are keys, for 10 seconds of the clock: below the cached record's life.
        var verdicts = new int[Enum.GetValues<ApiKeyVerdict>().Length];
        for (var i = 0; i < Million; i++)
        {
            if (i % (Million / 1_000) == 0)
                time.Advance(TimeSpan.FromMilliseconds(10));
            verdicts[(int)(await check.CheckAsync(MadeUp(i), new IPAddress(i), Cancellation)).Verdict]++;
        }

        // 100 at once, and 100 a second for 10 seconds.
        Assert.InRange(app.Store.Finds - asked, 1_000, 1_100);
        Assert.Equal(app.Store.Finds - asked, verdicts[(int)ApiKeyVerdict.Unknown]);
        Assert.Equal(Million, verdicts[(int)ApiKeyVerdict.Unknown] + verdicts[(int)ApiKeyVerdict.Busy]);
        Assert.Equal(1, app.Services.GetRequiredKeyedService<IHeadroomCache>("auth").Stats().Entries);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, BytesMost);

        // The real key is cached still; and when it is not, it is looked up, although nothing else is.
        asked = app.Store.Finds;
        Assert.Equal(ApiKeyVerdict.Valid, (await check.CheckAsync(real, Attacker, Cancellation)).Verdict);
        Assert.Equal(asked, app.Store.Finds);
        await app.Services.GetRequiredKeyedService<IHeadroomCache>("auth").ClearAsync(Cancellation);
        Assert.Equal(ApiKeyVerdict.Valid, (await check.CheckAsync(real, Attacker, Cancellation)).Verdict);
    }

    [Fact]
    public async Task MadeUpKeys_OfOneAddress_LeaveRoomForOthers()
    {
        var time = new ManualTime();
        await using var app = await ApiKeyApp.StartAsync(add: services => services.AddSingleton<TimeProvider>(time));
        var check = app.Services.GetRequiredService<ApiKeyCheck>();
        var (_, never) = await app.NewKeyAsync();

        var verdicts = new List<ApiKeyVerdict>();
        for (var i = 0; i < 100; i++)
            verdicts.Add((await check.CheckAsync(MadeUp(i), Attacker, Cancellation)).Verdict);

        Assert.Equal((20, 80), (verdicts.Count(each => each == ApiKeyVerdict.Unknown), verdicts.Count(each => each == ApiKeyVerdict.TooManyUnknown)));
        Assert.Equal(ApiKeyVerdict.TooManyUnknown, (await check.CheckAsync(never, Attacker, Cancellation)).Verdict);
        Assert.Equal(ApiKeyVerdict.Valid, (await check.CheckAsync(never, IPAddress.Parse("198.51.100.1"), Cancellation)).Verdict);

        // Once it is known here, also for the address that tried the others.
        Assert.Equal(ApiKeyVerdict.Valid, (await check.CheckAsync(never, Attacker, Cancellation)).Verdict);
    }

    [Fact]
    public async Task MadeUpKeys_OfOneAddressAllAtOnce_LeaveRoomForOthers()
    {
        var time = new ManualTime();
        await using var app = await ApiKeyApp.StartAsync(add: services => services.AddSingleton<TimeProvider>(time));
        var check = app.Services.GetRequiredService<ApiKeyCheck>();
        var (_, never) = await app.NewKeyAsync();
        app.Store.Gate = new TaskCompletionSource();

        var checks = Enumerable.Range(0, 500).Select(i => check.CheckAsync(MadeUp(i), Attacker, Cancellation).AsTask()).ToList();
        app.Store.Gate.SetResult();
        await Task.WhenAll(checks);

        // Its 20 and those that were under way meanwhile, of the 100 of all.
        Assert.InRange(app.Store.Finds, 32, 20 + 32);
        Assert.Equal(ApiKeyVerdict.Valid, (await check.CheckAsync(never, IPAddress.Parse("198.51.100.1"), Cancellation)).Verdict);
    }

    /// <summary>A client that is gone before the store has answered cost the store as much.</summary>
    [Fact]
    public async Task MadeUpKeys_OfOneAddressThatNeverWaitsForTheAnswer_LeaveRoomForOthers()
    {
        var time = new ManualTime();
        await using var app = await ApiKeyApp.StartAsync(add: services => services.AddSingleton<TimeProvider>(time));
        var check = app.Services.GetRequiredService<ApiKeyCheck>();
        var (_, never) = await app.NewKeyAsync();
        app.Store.Gate = new TaskCompletionSource();

        for (var i = 0; i < 200; i++)
        {
            using var gone = new CancellationTokenSource();
            var asked = app.Store.Finds;
            var checking = check.CheckAsync(MadeUp(i), Attacker, gone.Token).AsTask();
            await Eventually.TrueAsync(() => checking.IsCompleted || app.Store.Finds > asked, "It is neither refused nor looked up.");
            await gone.CancelAsync();
            await checking.ContinueWith(static _ => { }, Cancellation, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        // As where it waits.
        Assert.InRange(app.Store.Finds, 20, 20 + 32);
        app.Store.Gate = null;
        Assert.Equal(ApiKeyVerdict.Valid, (await check.CheckAsync(never, IPAddress.Parse("198.51.100.1"), Cancellation)).Verdict);
    }

    [Fact]
    public async Task MadeUpKeys_OverHttp_AreTold429WithAWait()
    {
        await using var app = await ApiKeyApp.StartAsync(configure: options => options.UnknownLookupsPerSecondPerAddress = 1);

        Assert.Equal(401, await app.StatusAsync("/public", $"x-api-key: {MadeUp(1)}"));
        using var refused = await app.GetAsync("/public", $"x-api-key: {MadeUp(2)}");
        Assert.Equal((429, "1"), ((int)refused.StatusCode, refused.Header("Retry-After")));
    }

    [Fact]
    public async Task OneUnknownKey_AgainAndAgain_IsLookedUpOnceInItsTime()
    {
        var time = new ManualTime();
        await using var app = await ApiKeyApp.StartAsync(add: services => services.AddSingleton<TimeProvider>(time));
        var check = app.Services.GetRequiredService<ApiKeyCheck>();

        for (var i = 0; i < 1_000; i++)
            Assert.Equal(ApiKeyVerdict.Unknown, (await check.CheckAsync(MadeUp(1), Attacker, Cancellation)).Verdict);
        Assert.Equal(1, app.Store.Finds);

        time.Advance(TimeSpan.FromSeconds(11));
        await check.CheckAsync(MadeUp(1), Attacker, Cancellation);
        Assert.Equal(2, app.Store.Finds);
    }

    [Fact]
    public async Task ManyGoodKeysThatAreNew_AtOnce_AllWaitTheirTurn()
    {
        // A node that was just started: more clients than look-ups at a time, and more than vain ones a second.
        await using var app = await ApiKeyApp.StartAsync(configure: options => options.UnknownLookupsPerSecondPerAddress = options.UnknownLookupsPerSecond = 40);
        var check = app.Services.GetRequiredService<ApiKeyCheck>();
        var keys = new List<string>();
        for (var i = 0; i < 500; i++)
            keys.Add((await app.NewKeyAsync()).Key);
        app.Store.Gate = new TaskCompletionSource();

        var checks = keys.Select(key => check.CheckAsync(key, Attacker, Cancellation).AsTask()).ToList();
        Assert.Equal(32, app.Store.Finds);
        app.Store.Gate.SetResult();

        Assert.All(await Task.WhenAll(checks), result => Assert.Equal(ApiKeyVerdict.Valid, result.Verdict));
    }

    [Fact]
    public async Task UnknownIdAndWrongSecret_TakeTheSameWay()
    {
        // Not by a clock, which would make this fail by chance: the same look-up in the store, the same answer, the same refusal.
        await using var app = await ApiKeyApp.StartAsync(configure: options => options.UseCache = false);
        var (record, _) = await app.NewKeyAsync();
        var wrongSecret = ApiKeyText.WithChecksum($"hr_live_{record.Id}_{new string('A', 32)}");

        var known = await app.RefusalAsync("/private", $"x-api-key: {wrongSecret}");
        Assert.Equal(1, app.Store.Finds);
        var unknown = await app.RefusalAsync("/private", $"x-api-key: {MadeUp(1)}");
        Assert.Equal(2, app.Store.Finds);
        Assert.Equal(known, unknown);
    }

    /// <summary>A text that only the store can tell from a key.</summary>
    static string MadeUp(int i) => ApiKeyText.WithChecksum($"hr_live_{i:0000000000000000}_{new string('x', 32)}");
}
