using Headroom.Caching.Distributed;
using Headroom.Caching.Serialization;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headroom.Caching.Tests.Distributed;

public sealed class DistributedTierTests : IDisposable
{
    private static readonly EntryTimes Minute = new(TimeSpan.FromMinutes(1));

    private static readonly IHybridCacheSerializer<string> Text = new ValueSerializers(new ServiceCollection().BuildServiceProvider()).Of<string>();

    private readonly ManualTime _time = new();
    private readonly MemoryStore _store;
    private readonly DistributedTier _tier;
    private int _nodes;

    public DistributedTierTests()
    {
        _store = new MemoryStore(_time);
        _tier = Node();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _tier.Dispose();

    [Fact]
    public async Task ReadAsync_WhatWasWritten_IsAHitOnEveryNode()
    {
        var miss = await _tier.ReadAsync("k", ["t"], Token);
        Assert.Equal(TierWriteOutcome.Written, await WriteAsync(_tier, "k", "value", miss, "t"));
        using var other = Node();

        foreach (var node in new[] { _tier, other })
            Assert.Equal("value", await ValueAsync(node, "k"));
        Assert.Equal((TierOutcome.Miss, 1L, 1L, 1L), (miss.Outcome, _tier.Counters.Hits, _tier.Counters.Misses, _tier.Counters.Writes));
    }

    [Fact]
    public async Task ReadAsync_TagsKnown_IsOneCallAndAWriteIsOne()
    {
        using var tier = Node(options => options.TagRefresh = TimeSpan.FromSeconds(1));
        var miss = await tier.ReadAsync("k", ["t"], Token);

        // The second makes the markers that are not there.
        Assert.Equal(2, _store.Calls);
        await WriteAsync(tier, "k", "value", miss, "t");
        Assert.Equal(3, _store.Calls);
        Assert.Equal("value", await ValueAsync(tier, "k"));
        Assert.Equal(4, _store.Calls);

        _store.Evict(tier.Keys.Entry("k"));
        await WriteAsync(tier, "k", "value", await tier.ReadAsync("k", ["t"], Token), "t");
        Assert.Equal(6, _store.Calls);
    }

    [Fact]
    public async Task ReadAsync_NothingIsGoingToBeMade_WritesNothing()
    {
        using var read = await _tier.ReadAsync("k", ["t"], Token, willCreate: false);
        Assert.Equal((TierOutcome.Miss, 1), (read.Outcome, _store.Calls));
        Assert.Empty(_store.Keys);
        Assert.Equal(TierWriteOutcome.Outdated, await WriteAsync(_tier, "k", "value", read, "t"));
    }

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("everything")]
    public async Task ReadAsync_MarkerOfAnInvalidationEvicted_RevivesNothing(string what)
    {
        using var other = Node();
        var before = await other.ReadAsync("k", ["t"], Token);
        await SetAsync(_tier, "l", "old", "t");
        await InvalidateAsync(_tier, what);
        await WriteAsync(other, "k", "old", before, "t");
        _store.Evict(what switch { "key" => _tier.Keys.KeyMarker("k"), "tag" => _tier.Keys.TagMarker("t"), _ => _tier.Keys.TagMarker(StoreKeys.AllTag) });

        foreach (var node in new[] { _tier, other })
        {
            Assert.Null(await ValueAsync(node, "k"));
            if (what != "key")
                Assert.Null(await ValueAsync(node, "l"));
        }
    }

    [Fact]
    public async Task WriteAsync_TagOfTheResultThatNobodyKnew_IsWrittenTheNextTime()
    {
        var before = await _tier.ReadAsync("k", [], Token);
        await InvalidateAsync(_tier, "tag");
        _store.Evict(_tier.Keys.TagMarker("t"));
        Assert.Equal(TierWriteOutcome.Unproven, await WriteAsync(_tier, "k", "old", before, "t"));

        var after = await _tier.ReadAsync("k", [], Token);
        Assert.Equal(TierWriteOutcome.Written, await WriteAsync(_tier, "k", "new", after, "t"));
        Assert.Equal("new", await ValueAsync(_tier, "k"));
    }

    [Fact]
    public async Task ReadAsync_EntryOfAnEarlyVersionUnderNoMarkers_IsAMiss()
    {
        var envelope = new PooledBuffer();
        EntryEnvelope.Write(envelope, new EntryMetadata { CreatedMs = 0, FreshUntilMs = long.MaxValue, EndsAtMs = long.MaxValue, Tags = [new TagVersion("t", 0)] }, "old", Text, null);
        _store[_tier.Keys.Entry("k")] = envelope.WrittenMemory.ToArray();
        envelope.Dispose();
        Assert.Null(await ValueAsync(_tier, "k"));
    }

    [Fact]
    public async Task WriteAsync_LongLife_HasTheMarkerOfItsKeyOutliveIt()
    {
        var miss = await _tier.ReadAsync("k", [], Token);
        Assert.InRange(_store.LifeOf(_tier.Keys.KeyMarker("k")), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(20));
        await _tier.WriteAsync("k", "v", Text, new EntryTimes(TimeSpan.FromHours(5)), miss.Stamp!, [], Token);
        _time.Advance(TimeSpan.FromHours(4.9));
        Assert.Equal("v", await ValueAsync(_tier, "k"));
    }

    [Fact]
    public async Task ReadAsync_SeveralKeys_IsOneCall()
    {
        await SetAsync(_tier, "a", "1");
        await SetAsync(_tier, "c", "3");
        var calls = _store.Calls;

        var reads = await _tier.ReadAsync(["a", "b", "c"], [], Token, willCreate: false);

        Assert.Equal(calls + 1, _store.Calls);
        Assert.Equal([TierOutcome.Hit, TierOutcome.Miss, TierOutcome.Hit], reads.Select(read => read.Outcome));
        Assert.Equal("3", reads[2].Content.Deserialize(Text));
    }

    [Fact]
    public async Task ReadAsync_Null_IsAHit()
    {
        await SetAsync(_tier, "k", null!);
        using var read = await _tier.ReadAsync("k", [], Token);
        Assert.Equal((TierOutcome.Hit, true), (read.Outcome, read.Content.IsNull));
    }

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("everything")]
    public async Task InvalidateAsync_OnOneNode_EndsTheEntryForAll(string what)
    {
        using var other = Node();
        await SetAsync(_tier, "k", "old", "t", "u");
        Assert.Equal("old", await ValueAsync(other, "k"));

        Assert.True(await InvalidateAsync(_tier, what));

        Assert.Null(await ValueAsync(_tier, "k"));
        Assert.Null(await ValueAsync(other, "k"));
        using var fresh = Node();
        Assert.Null(await ValueAsync(fresh, "k"));
        await SetAsync(other, "k", "new", "t");
        Assert.Equal("new", await ValueAsync(_tier, "k"));
    }

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("everything")]
    public async Task WriteAsync_OfWhatWasComputedBeforeAnInvalidation_IsNeverRead(string what)
    {
        using var other = Node();
        var before = await _tier.ReadAsync("k", ["t"], Token);

        await InvalidateAsync(other, what);
        await WriteAsync(_tier, "k", "old", before, "t");

        Assert.Null(await ValueAsync(_tier, "k"));
        Assert.Null(await ValueAsync(other, "k"));
    }

    [Fact]
    public async Task WriteAsync_TagOfTheResultInvalidatedMeanwhile_IsNotWritten()
    {
        var before = await _tier.ReadAsync("k", [], Token);
        await InvalidateAsync(_tier, "tag");

        Assert.Equal(TierWriteOutcome.Outdated, await WriteAsync(_tier, "k", "old", before, "t"));

        _time.Advance(TimeSpan.FromSeconds(6));
        var after = await _tier.ReadAsync("k", [], Token);
        Assert.Equal(TierWriteOutcome.Written, await WriteAsync(_tier, "k", "new", after, "t"));
        Assert.Equal("new", await ValueAsync(_tier, "k"));
        await InvalidateAsync(_tier, "tag");
        Assert.Null(await ValueAsync(_tier, "k"));
    }

    [Fact]
    public async Task SetAsync_WhileAnotherNodeComputes_IsWhatIsRead()
    {
        using var other = Node();
        var before = await other.ReadAsync("k", [], Token);
        await SetAsync(_tier, "k", "set");
        await WriteAsync(other, "k", "computed", before);
        Assert.NotEqual("computed", await ValueAsync(_tier, "k"));
    }

    [Fact]
    public async Task ReadAsync_AfterItsTime_IsAMiss()
    {
        await SetAsync(_tier, "k", "value");
        var name = _tier.Keys.Entry("k");
        _store[name] = _store[name];
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("value", await ValueAsync(_tier, "k"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await ValueAsync(_tier, "k"));
    }

    [Fact]
    public async Task WriteAsync_LongerThanTheLongestLife_IsCutToIt()
    {
        using var tier = Node(options => options.EntryLifeMax = TimeSpan.FromHours(1));
        await tier.SetAsync("k", "v", Text, new EntryTimes(TimeSpan.FromHours(30), TimeSpan.MaxValue), [], Token);
        using var read = await tier.ReadAsync("k", [], Token);
        Assert.Equal(TimeSpan.FromHours(1), _store.LifeOf(tier.Keys.Entry("k")));
        Assert.Equal(3_600_000, read.Content.Metadata.EndsAtMs - read.Content.Metadata.CreatedMs);
        Assert.True(_store.LifeOf(tier.Keys.KeyMarker("k")) > TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task ReadAsync_SlidingEntry_LetsItLiveOnWithinItsEnd()
    {
        await _tier.SetAsync("k", "v", Text, new EntryTimes(TimeSpan.FromSeconds(60), Sliding: TimeSpan.FromSeconds(25)), [], Token);
        await ValueAsync(_tier, "k");
        for (var read = 0; read < 2; read++)
        {
            _time.Advance(TimeSpan.FromSeconds(20));
            await ValueAsync(_tier, "k");
        }

        var name = _tier.Keys.Entry("k");
        Assert.Equal([$"{name} 00:00:25", $"{name} 00:00:25", $"{name} 00:00:20"], _store.Touched);
    }

    [Fact]
    public async Task ReadAsync_DamagedOrNewer_IsAMissAndCounted()
    {
        await SetAsync(_tier, "k", "value");
        var name = _tier.Keys.Entry("k");
        var bytes = (byte[])_store[name].Clone();
        bytes[10] ^= 1;
        _store[name] = bytes;
        Assert.Null(await ValueAsync(_tier, "k"));
        bytes[2] = 2;
        Assert.Null(await ValueAsync(_tier, "k"));
        _store[name] = [];
        Assert.Null(await ValueAsync(_tier, "k"));
        Assert.Equal((2L, 1L), (_tier.Counters.Damaged, _tier.Counters.Newer));
    }

    [Fact]
    public async Task ReadAsync_UnreadableMarker_IsAMissAndNothingIsWrittenUnderIt()
    {
        await SetAsync(_tier, "k", "value");
        _store[_tier.Keys.KeyMarker("k")] = [1, 2, 3];
        var read = await _tier.ReadAsync("k", [], Token);
        Assert.Equal(TierOutcome.Miss, read.Outcome);
        Assert.Equal(TierWriteOutcome.Outdated, await WriteAsync(_tier, "k", "new", read));
    }

    [Fact]
    public async Task WriteAsync_TooLarge_IsCountedAndNotWritten()
    {
        using var tier = Node(options => (options.ValueBytesMax, options.CompressAboveBytes) = (2000, null));
        await SetAsync(tier, "k", "small");
        Assert.Equal(TierWriteOutcome.TooLarge, await SetAsync(tier, "k", new string('x', 3000)));
        Assert.Null(await ValueAsync(tier, "k"));
        Assert.Equal(1, tier.Counters.TooLarge);
    }

    [Fact]
    public async Task ReadAsync_StatesMoreThanTheLargestValue_IsAMiss()
    {
        using var small = Node(options => options.ValueBytesMax = 2000);
        await SetAsync(_tier, "k", new string('x', 100_000));
        Assert.True(_store[_tier.Keys.Entry("k")].Length < 2000);
        Assert.Null(await ValueAsync(small, "k"));
        Assert.Equal(100_000, (await ValueAsync(_tier, "k"))!.Length);
    }

    [Fact]
    public async Task ReadAsync_StoreThrows_IsUnavailableThenLeftAloneThenTriedByOne()
    {
        await SetAsync(_tier, "k", "value");
        _store.Before = static (_, _, _) => throw new IOException("gone");
        for (var attempt = 0; attempt < 5; attempt++)
            Assert.Equal(TierOutcome.Unavailable, (await _tier.ReadAsync("k", [], Token)).Outcome);
        var calls = _store.Calls;
        Assert.Equal(TierOutcome.Unavailable, (await _tier.ReadAsync("k", [], Token)).Outcome);
        Assert.Equal((calls, 5L, 1L), (_store.Calls, _tier.Counters.Errors, _tier.Counters.Refusals));

        _time.Advance(TimeSpan.FromSeconds(2));
        await _tier.ReadAsync("k", [], Token);
        await _tier.ReadAsync("k", [], Token);
        Assert.Equal(calls + 1, _store.Calls);

        _store.Before = null;
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("value", await ValueAsync(_tier, "k"));
        Assert.Equal("value", await ValueAsync(_tier, "k"));
    }

    [Fact]
    public async Task ReadAsync_StoreHangs_IsGivenUpInTime()
    {
        _store.Before = static (_, _, _) => Task.Delay(Timeout.Infinite, CancellationToken.None);
        var read = _tier.ReadAsync("k", [], Token).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(read.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(TierOutcome.Unavailable, (await read).Outcome);
        Assert.Equal(1, _tier.Counters.Timeouts);
    }

    [Fact]
    public async Task ReadAsync_CallerLeaves_SaysNothingOfTheStore()
    {
        _store.Before = static (_, _, _) => Task.Delay(Timeout.Infinite, CancellationToken.None);
        using var caller = new CancellationTokenSource();
        var read = _tier.ReadAsync("k", [], caller.Token).AsTask();
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        Assert.Equal((0L, 0L), (_tier.Counters.Errors, _tier.Counters.Timeouts));
    }

    [Fact]
    public async Task InvalidateAsync_StoreAway_IsSentWhenItIsBackAndHoldsUntilThen()
    {
        using var other = Node();
        await SetAsync(_tier, "k", "old", "t");
        await SetAsync(_tier, "l", "old");
        _store.Before = static (_, _, _) => throw new IOException("gone");
        Assert.False(await InvalidateAsync(_tier, "tag"));
        Assert.False(await _tier.InvalidateAsync([new Invalidated(StoreKeyKind.Key, "l")], Token));
        _store.Before = null;
        Assert.Equal((2, TierOutcome.Unavailable), (_tier.PendingInvalidations, (await _tier.ReadAsync("k", [], Token)).Outcome));

        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(0, _tier.PendingInvalidations);
        Assert.Null(await ValueAsync(_tier, "k"));
        Assert.Null(await ValueAsync(other, "k"));
        Assert.Null(await ValueAsync(other, "l"));
    }

    [Fact]
    public async Task InvalidateAsync_MoreThanCanWait_EndsEverything()
    {
        using var tier = Node(options => options.PendingInvalidationsMax = 2);
        await SetAsync(tier, "untouched", "old");
        _store.Before = static (_, _, _) => throw new IOException("gone");
        foreach (var key in new[] { "a", "b", "c", "d" })
            await tier.InvalidateAsync([new Invalidated(StoreKeyKind.Key, key)], Token);
        _store.Before = null;
        Assert.Equal(1, tier.PendingInvalidations);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, tier.PendingInvalidations);
        Assert.Null(await ValueAsync(_tier, "untouched"));
    }

    [Fact]
    public async Task SetAsync_StoreAway_EndsTheOldValueWhenItIsBack()
    {
        using var other = Node();
        await SetAsync(_tier, "k", "old");
        _store.Before = static (_, _, _) => throw new IOException("gone");
        Assert.Equal(TierWriteOutcome.Unavailable, await SetAsync(_tier, "k", "new"));
        _store.Before = null;
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(await ValueAsync(other, "k"));
    }

    [Fact]
    public async Task ReadAsync_TagsAreRefreshed_SeesAnotherNodesInvalidationWithinIt()
    {
        using var slow = Node(options => options.TagRefresh = TimeSpan.FromSeconds(1));
        await SetAsync(_tier, "k", "old", "t");
        Assert.Equal("old", await ValueAsync(slow, "k"));
        await InvalidateAsync(_tier, "tag");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await ValueAsync(slow, "k"));
    }

    [Fact]
    public async Task ReadAsync_TagsArePushed_AsksForNoneUntilOneIsToldOf()
    {
        using var pushed = Node();
        pushed.Tags.IsPushed = true;
        await SetAsync(_tier, "k", "old", "t");
        Assert.Equal("old", await ValueAsync(pushed, "k"));
        var calls = _store.Calls;
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("old", await ValueAsync(pushed, "k"));
        Assert.Equal(calls + 1, _store.Calls);
        await InvalidateAsync(_tier, "tag");
        pushed.Tags.Forget("t");
        Assert.Null(await ValueAsync(pushed, "k"));
    }

    [Fact]
    public void Parse_NamesInTheStore_SaysWhatTheyAreAbout()
    {
        Assert.Equal((StoreKeyKind.Key, "a{b}c"), _tier.Keys.Parse(_tier.Keys.Entry("a{b}c")));
        Assert.Equal((StoreKeyKind.Key, ""), _tier.Keys.Parse(_tier.Keys.KeyMarker("")));
        Assert.Equal((StoreKeyKind.Tag, "*"), _tier.Keys.Parse(_tier.Keys.TagMarker("*")));
        foreach (var foreign in new[] { "", "headroom:", "headroom:e", "headroom:e:", "headroom:e:{", "headroom:x:{a}", "other:e:{a}" })
            Assert.Null(_tier.Keys.Parse(foreign));
    }

    private DistributedTier Node(Action<DistributedTierOptions>? configure = null)
    {
        var options = new DistributedTierOptions { TagRefresh = TimeSpan.Zero };
        configure?.Invoke(options);
        return new DistributedTier(_store, options, _time, new Random(++_nodes), NullLogger.Instance);
    }

    private static ValueTask<TierWriteOutcome> WriteAsync(DistributedTier node, string key, string value, TierRead before, params string[] tags) =>
        node.WriteAsync(key, value, Text, Minute, before.Stamp!, tags, Token);

    private static ValueTask<TierWriteOutcome> SetAsync(DistributedTier node, string key, string value, params string[] tags) =>
        node.SetAsync(key, value, Text, Minute, tags, Token);

    private static ValueTask<bool> InvalidateAsync(DistributedTier node, string what) => node.InvalidateAsync(
        [what == "key" ? new Invalidated(StoreKeyKind.Key, "k") : new Invalidated(StoreKeyKind.Tag, what == "tag" ? "t" : StoreKeys.AllTag)],
        Token);

    private static async Task<string?> ValueAsync(DistributedTier node, string key)
    {
        using var read = await node.ReadAsync(key, [], Token);
        return read.Outcome == TierOutcome.Hit ? read.Content.Deserialize(Text) : null;
    }
}
