using System.Diagnostics;
using Headroom.Caching.Distributed;
using Headroom.Caching.Serialization;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headroom.Caching.Tests.Distributed;

/// <summary>What the second tier does when calls are left, too much is to be sent, or the store comes back with less than it had.</summary>
public sealed class DistributedTierFailureTests
{
    private static readonly EntryTimes Minute = new(TimeSpan.FromMinutes(1));

    private static readonly IHybridCacheSerializer<string> Text = new ValueSerializers(new ServiceCollection().BuildServiceProvider()).Of<string>();

    private readonly ManualTime _time = new();
    private int _nodes;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task InvalidateAsync_MoreThanTheStoreTakesInTheTimeOfOneWrite_AreAllSentInTheEnd()
    {
        // About a millisecond each: 2,000 of them never fit into 250 ms.
        var store = new MemoryStore(TimeProvider.System) { Before = static (what, _, cancellation) => what == "set" ? Task.Delay(1, cancellation) : Task.CompletedTask };
        using var tier = new DistributedTier(store, new DistributedTierOptions { OpenFor = TimeSpan.FromMilliseconds(20) }, TimeProvider.System, new Random(1), NullLogger.Instance);
        var begin = Stopwatch.GetTimestamp();

        var isSent = await tier.InvalidateAsync([.. Enumerable.Range(0, 2_000).Select(number => new Invalidated(StoreKeyKind.Key, $"k{number}"))], Token);

        Assert.False(isSent);
        Assert.InRange(Stopwatch.GetElapsedTime(begin), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        while (tier.PendingInvalidations > 0)
        {
            Assert.InRange(Stopwatch.GetElapsedTime(begin), TimeSpan.Zero, TimeSpan.FromSeconds(60));
            await Task.Delay(10, Token);
        }

        Assert.Equal(2_000, store.Keys.Count);
    }

    [Fact]
    public async Task SetAsync_CallerLeaves_TheOldValueIsOver()
    {
        var store = new MemoryStore(_time);
        using var tier = Node(store);
        using var other = Node(store);
        await tier.SetAsync("k", "old", Text, Minute, [], Token);
        using var leaving = new CancellationTokenSource();
        var release = new TaskCompletionSource();
        var held = 0;

        // The first write alone is held for ever: what follows it may begin before the caller has left.
        store.Before = (what, _, _) => what == "set" && Interlocked.Exchange(ref held, 1) == 0 ? leaving.CancelAsync().ContinueWith(_ => release.Task, TaskScheduler.Default).Unwrap() : Task.CompletedTask;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await tier.SetAsync("k", "new", Text, Minute, [], leaving.Token));

        await UntilSentAsync(tier);
        Assert.Null(await ValueAsync(other, "k"));
    }

    [Fact]
    public async Task InvalidateAsync_CallerLeaves_IsSentAtOnceAllTheSame()
    {
        var store = new MemoryStore(_time);
        using var tier = Node(store);
        await tier.SetAsync("k", "old", Text, Minute, [], Token);
        using var left = new CancellationTokenSource();
        await left.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await tier.InvalidateAsync([new Invalidated(StoreKeyKind.Key, "k")], left.Token));

        // The clock stands still: no timer does it.
        await UntilSentAsync(tier);
        Assert.Null(await ValueAsync(tier, "k"));
    }

    [Fact]
    public async Task ReadAsync_StoreOfAnotherHistory_HasNothingThatIsBelieved()
    {
        var store = new RestoredStore(_time);
        using var tier = Node(store);
        using var other = Node(store);
        await tier.SetAsync("k", "old", Text, Minute, [], Token);
        Assert.Equal("old", await ValueAsync(tier, "k"));

        // The same server after a cut: nothing was lost.
        store.Connections++;
        Assert.Equal("old", await ValueAsync(tier, "k"));

        store.Restore("b");
        Assert.Null(await ValueAsync(tier, "k"));
        Assert.Null(await ValueAsync(other, "k"));
        using var late = Node(store);
        Assert.Null(await ValueAsync(late, "k"));

        await tier.SetAsync("k", "new", Text, Minute, [], Token);
        foreach (var node in new[] { tier, other, late })
            Assert.Equal("new", await ValueAsync(node, "k"));
    }

    [Fact]
    public async Task ReadAsync_ServersOfACluster_NewOneEndsEverythingAndOneThatIsAwayDoesNot()
    {
        var store = new RestoredStore(_time) { History = ["a", "b", "c"] };
        using var tier = Node(store);
        Assert.Null(await ValueAsync(tier, "k"));
        await tier.SetAsync("k", "old", Text, Minute, [], Token);

        store.Restore("c", "a");
        Assert.Equal("old", await ValueAsync(tier, "k"));
        store.Restore("b", "a", "c");
        Assert.Equal("old", await ValueAsync(tier, "k"));
        store.Restore("a", "d", "c");
        Assert.Null(await ValueAsync(tier, "k"));
    }

    [Fact]
    public async Task ReadAsync_ConnectionLostMeanwhile_IsNotBelieved()
    {
        var store = new RestoredStore(_time);
        using var tier = Node(store);
        await tier.SetAsync("k", "old", Text, Minute, [], Token);
        Assert.Equal("old", await ValueAsync(tier, "k"));
        store.Memory.Before = (what, _, _) =>
        {
            if (what == "got")
                store.Connections++;
            return Task.CompletedTask;
        };

        using var read = await tier.ReadAsync("k", [], Token);

        Assert.Equal(TierOutcome.Unavailable, read.Outcome);
    }

    [Fact]
    public async Task ReadAsync_HistoryCannotBeAsked_IsUnavailableThenAskedAgain()
    {
        var store = new RestoredStore(_time) { IsAway = true };
        using var tier = Node(store);
        using var read = await tier.ReadAsync("k", [], Token);
        Assert.Equal(TierOutcome.Unavailable, read.Outcome);

        store.IsAway = false;
        using var again = await tier.ReadAsync("k", [], Token);
        Assert.Equal(TierOutcome.Miss, again.Outcome);
    }

    [Fact]
    public async Task ReadAsync_StoreThatCannotSayItsHistory_IsBelieved()
    {
        var store = new RestoredStore(_time) { History = [] };
        using var tier = Node(store);
        await tier.SetAsync("k", "old", Text, Minute, [], Token);
        store.Restore();
        Assert.Equal("old", await ValueAsync(tier, "k"));
    }

    private static async Task UntilSentAsync(DistributedTier tier)
    {
        for (var begin = Stopwatch.GetTimestamp(); tier.PendingInvalidations > 0; await Task.Delay(1, Token))
            Assert.InRange(Stopwatch.GetElapsedTime(begin), TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    private DistributedTier Node(IDistributedStore store) => new(store, new DistributedTierOptions { TagRefresh = TimeSpan.Zero }, _time, new Random(++_nodes), NullLogger.Instance);

    private static async Task<string?> ValueAsync(DistributedTier node, string key)
    {
        using var read = await node.ReadAsync(key, [], Token);
        return read.Outcome == TierOutcome.Hit ? read.Content.Deserialize(Text) : null;
    }

    /// <summary>A store that says under which history its entries are; the entries stay as they are, as in a copy from before.</summary>
    private sealed class RestoredStore(TimeProvider time) : IDistributedStore, IStoreHistory
    {
        public MemoryStore Memory { get; } = new(time);

        public long Connections { get; set; }

        public string[] History { get; set; } = ["a"];

        public bool IsAway { get; set; }

        public void Restore(params string[] history)
        {
            History = history;
            Connections++;
        }

        public ValueTask<IReadOnlyList<string>> HistoryAsync(CancellationToken cancellation) => IsAway ? throw new IOException("gone") : new(History);

        public ValueTask GetAsync(ReadOnlyMemory<string> keys, Memory<StoredValue> values, CancellationToken cancellation) => Memory.GetAsync(keys, values, cancellation);

        public ValueTask SetAsync(ReadOnlyMemory<StoreWrite> writes, CancellationToken cancellation) => Memory.SetAsync(writes, cancellation);

        public ValueTask TouchAsync(string key, TimeSpan life, CancellationToken cancellation) => Memory.TouchAsync(key, life, cancellation);

        public ValueTask RemoveAsync(ReadOnlyMemory<string> keys, CancellationToken cancellation) => Memory.RemoveAsync(keys, cancellation);
    }
}
