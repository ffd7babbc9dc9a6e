using Headroom.Http.ApiKeys.Checking;
using Headroom.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.Tests.ApiKeys;

public sealed class ApiKeyUsageTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Uses_AreWrittenInBatchesAndNeverCached()
    {
        var time = new ManualTime();
        await using var app = await ApiKeyApp.StartAsync(add: services => services.AddSingleton<TimeProvider>(time));
        var (one, oneKey) = await app.NewKeyAsync();
        var (other, otherKey) = await app.NewKeyAsync();
        for (var i = 0; i < 7; i++)
            await app.StatusAsync("/private", $"x-api-key: {oneKey}");
        await app.StatusAsync("/private", $"x-api-key: {otherKey}");
        Assert.Empty(app.Store.Batches);

        time.Advance(TimeSpan.FromSeconds(10));
        await WaitAsync(() => app.Store.Batches.Count == 1);

        Assert.Equal([(one.Id, 7L), (other.Id, 1L)], app.Store.Batches[0].Select(use => (use.Id, use.Count)).OrderByDescending(use => use.Item2));
        var record = await app.Keys.FindAsync(one.Id, Cancellation);
        Assert.Equal((7, new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)), (record!.UseCount, record.LastUsedAt!.Value));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Single(app.Store.Batches);
    }

    [Fact]
    public async Task Uses_WhileTheStoreFails_AreKeptForTheNextBatch()
    {
        var time = new ManualTime();
        await using var app = await ApiKeyApp.StartAsync(add: services => services.AddSingleton<TimeProvider>(time));
        var (record, key) = await app.NewKeyAsync();
        await app.StatusAsync("/private", $"x-api-key: {key}");
        app.Store.Failure = new InvalidOperationException("away");
        for (var i = 0; i < 3; i++)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.Delay(50, Cancellation);
            await app.StatusAsync("/private", $"x-api-key: {key}");
        }

        app.Store.Failure = null;
        time.Advance(TimeSpan.FromSeconds(10));
        await WaitAsync(() => app.Store.Batches.Count == 1);

        Assert.Equal(4, app.Store.Batches[0].Single(use => use.Id == record.Id).Count);
    }

    [Fact]
    public async Task Uses_WhileTheStoreFails_TakeOneNumberAKeyHoweverOftenItIsReadAnew()
    {
        var time = new ManualTime();
        await using var app = await ApiKeyApp.StartAsync(add: services => services.AddSingleton<TimeProvider>(time));
        var recorder = app.Services.GetRequiredService<ApiKeyUsageRecorder>();
        var uses = recorder.UsesOf("0123456789abcdef")!;
        app.Store.Failure = new InvalidOperationException("away");
        uses.Count(time.GetUtcNow());
        time.Advance(TimeSpan.FromSeconds(10));
        await WaitAsync(() => ReferenceEquals(uses, recorder.UsesOf("0123456789abcdef")));

        app.Store.Failure = null;
        for (var i = 0; i < 300 && app.Store.Batches.Count == 0; i++)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.Delay(10, Cancellation);
        }

        Assert.Equal(1, Assert.Single(app.Store.Batches[0]).Count);
        await WaitAsync(() => !ReferenceEquals(uses, recorder.UsesOf("0123456789abcdef")));
    }

    [Fact]
    public async Task Uses_OfTheLastRequests_AreWrittenWhenTheApplicationStops()
    {
        var store = new MemoryApiKeyStore();
        string id;
        await using (var app = await ApiKeyApp.StartAsync(store: store))
        {
            var (record, key) = await app.NewKeyAsync();
            id = record.Id;
            for (var i = 0; i < 5; i++)
                await app.StatusAsync("/private", $"x-api-key: {key}");
        }

        Assert.Equal(5, (await store.FindAsync(id, Cancellation))!.Record.UseCount);
    }

    [Fact]
    public async Task Uses_ByManyAtOnceOverManyBatches_AreAllCounted()
    {
        var store = new MemoryApiKeyStore();
        string id;
        await using (var app = await ApiKeyApp.StartAsync(store: store, configure: options => options.UsageInterval = TimeSpan.FromSeconds(1)))
        {
            var (record, key) = await app.NewKeyAsync();
            id = record.Id;
            var check = app.Services.GetRequiredService<ApiKeyCheck>();
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
            {
                for (var i = 0; i < 100_000; i++)
                {
                    await check.CheckAsync(key, null, Cancellation);
                    if (i % 40_000 == 0)
                        await Task.Delay(600, Cancellation);
                }
            })));
        }

        Assert.Equal(400_000, (await store.FindAsync(id, Cancellation))!.Record.UseCount);
    }

    [Fact]
    public async Task RecordUsage_Off_WritesNothing()
    {
        var store = new MemoryApiKeyStore();
        string id;
        await using (var app = await ApiKeyApp.StartAsync(store: store, configure: options => options.RecordUsage = false))
        {
            var (record, key) = await app.NewKeyAsync();
            id = record.Id;
            await app.StatusAsync("/private", $"x-api-key: {key}");
        }

        Assert.Equal(0, (await store.FindAsync(id, Cancellation))!.Record.UseCount);
    }

    static async Task WaitAsync(Func<bool> until)
    {
        for (var i = 0; i < 300 && !until(); i++)
            await Task.Delay(10, Cancellation);
        Assert.True(until());
    }
}
