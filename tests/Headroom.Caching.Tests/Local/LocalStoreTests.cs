using System.Globalization;
using Headroom.Caching.Local;

namespace Headroom.Caching.Tests.Local;

public sealed class LocalStoreTests(ITestOutputHelper output)
{
    readonly ManualTime time = new();

    static NewEntry Entry(LocalStore store, string key, object? value = null, params string[] tags) =>
        new(key, value ?? key, store.Invalidations) { Tags = tags.Length == 0 ? null : tags };

    [Fact]
    public void Find_TagInvalidatedAfterTheValueBeganToBeMade_ValueIsNotTakenIn()
    {
        using var store = new LocalStore(10, time);
        var begun = Entry(store, "a", "old", "t");
        store.InvalidateTag("t");

        Assert.False(store.Set(begun));
        Assert.Null(store.Find("a"));
        Assert.True(store.Set(Entry(store, "a", "new", "t")));
        Assert.Equal("new", store.Find("a")!.Value);
    }

    [Fact]
    public void Set_TagForgottenMeanwhile_InvalidationStillCounts()
    {
        using var store = new LocalStore(10, time);
        store.Set(Entry(store, "other", "x", "t"));
        var begun = Entry(store, "a", "old", "t");
        store.InvalidateTag("t");
        store.Remove("other");
        Assert.Equal(0, store.TagCount);

        Assert.False(store.Set(begun));
    }

    [Fact]
    public void InvalidateTag_ThatNoEntryCarries_KeepsNothing()
    {
        using var store = new LocalStore(10, time);
        for (var i = 0; i < 1000; i++)
            store.InvalidateTag(i.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(0, store.TagCount);
    }

    [Fact]
    public void InvalidateTag_ThatNoEntryCarries_LeavesValuesUnderWayOfOtherTagsAlone()
    {
        using var store = new LocalStore(200, time);
        var kept = 0;
        for (var i = 0; i < 100; i++)
        {
            var underWay = Entry(store, $"k{i}", "x", $"of-k{i}");
            store.InvalidateTag($"other{i}");
            kept += store.Set(underWay) ? 1 : 0;
        }

        // Two names share a slot now and then: one in a thousand.
        Assert.InRange(kept, 95, 100);
    }

    [Fact]
    public void InvalidateTag_OneOfSeveral_OnlyItsEntriesGo()
    {
        using var store = new LocalStore(10, time);
        store.Set(Entry(store, "a", "a", "x", "y"));
        store.Set(Entry(store, "b", "b", "y"));
        store.Set(Entry(store, "c", "c", "z"));
        store.Set(Entry(store, "d"));

        store.InvalidateTag("x");
        Assert.Null(store.Find("a"));
        Assert.NotNull(store.Find("b"));
        store.InvalidateTag("y");
        Assert.Null(store.Find("b"));
        Assert.NotNull(store.Find("c"));
        Assert.NotNull(store.Find("d"));
        store.InvalidateAll();
        Assert.Null(store.Find("c"));
        Assert.Null(store.Find("d"));
    }

    [Fact]
    public void Set_GuardRevoked_ValueIsNotTakenIn()
    {
        using var store = new LocalStore(10, time);
        var guard = new WriteGuard();
        store.Remove("a", guard);

        Assert.False(store.Set(Entry(store, "a") with { Guard = guard }));
    }

    [Fact]
    public void Find_SlidingEntry_LivesFromUseToUseUpToItsAbsoluteEnd()
    {
        using var store = new LocalStore(10, time);
        store.Set(Entry(store, "a") with { FreshUntil = store.Now + 1_000, Life = new EntryLife(0, 0, Sliding: 1_000, AbsoluteEnd: store.Now + 3_000) });
        for (var i = 0; i < 3; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(900));
            Assert.NotNull(store.Find("a"));
        }

        time.Advance(TimeSpan.FromMilliseconds(301));
        Assert.Null(store.Find("a"));
    }

    [Fact]
    public void Peek_StaleEntry_IsThereUntilItsStaleTimeIsOver()
    {
        using var store = new LocalStore(10, time);
        store.Set(Entry(store, "a") with { FreshUntil = store.Now + 1_000, Life = new EntryLife(0, Stale: 5_000) });
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Null(store.Find("a"));
        Assert.NotNull(store.Peek("a"));
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Null(store.Peek("a"));
    }

    [Fact]
    public void Set_CachesOfManySizes_NeverOverTheBoundAndTheNewestIsThere()
    {
        var random = new Random(Seed.Printed(output));
        foreach (var capacity in new[] { 1, 2, 3, 10, 99, 100, 101, 1_000 })
        {
            using var store = new LocalStore(capacity, time);
            for (var i = 0; i < 5_000; i++)
            {
                var key = random.Next(capacity * 3).ToString(CultureInfo.InvariantCulture);
                if (random.Next(10) == 0)
                    store.Remove(key);
                else if (random.Next(3) == 0)
                    store.Find(key);
                else
                {
                    Assert.True(store.Set(Entry(store, key)));
                    Assert.NotNull(store.Peek(key));
                }

                Assert.True(store.Count <= capacity);
            }
        }
    }

    [Fact]
    public void Set_RandomWeights_NeverOverTheBoundAndTheNewestIsThere()
    {
        var random = new Random(Seed.Printed(output));
        using var store = new LocalStore(10_000, time);
        for (var i = 0; i < 20_000; i++)
        {
            var key = random.Next(500).ToString(CultureInfo.InvariantCulture);
            var weight = random.Next(1, random.Next(2) == 0 ? 50 : 10_001);
            Assert.True(store.Set(Entry(store, key) with { Weight = weight }));
            Assert.NotNull(store.Find(key));
            Assert.InRange(store.Weight, 1, 10_000);
        }
    }

    [Fact]
    public void Set_HeavierThanTheCache_RefusedAndTheOldValueIsGone()
    {
        using var store = new LocalStore(100, time);
        store.Set(Entry(store, "a"));
        Assert.False(store.Set(Entry(store, "a", "huge") with { Weight = 101 }));
        Assert.Null(store.Find("a"));
    }

    [Fact]
    public async Task Find_WhileTheTableGrowsAndOthersWrite_WhatIsInIsAlwaysFound()
    {
        using var store = new LocalStore(1_000_000, TimeProvider.System);
        var inside = 0;
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(n => Task.Run(
            () =>
            {
                var random = new Random(n);
                while (!stop.IsCancellationRequested)
                {
                    var known = Volatile.Read(ref inside);
                    if (known == 0)
                        continue;
                    var key = "key " + random.Next(known).ToString(CultureInfo.InvariantCulture);
                    var entry = store.Find(key) ?? throw new InvalidOperationException($"'{key}' of {known} was not found");
                    if ((string)entry.Value! != key)
                        throw new InvalidOperationException($"'{key}' was '{entry.Value}'");
                }
            },
            TestContext.Current.CancellationToken)).ToArray();
        for (var i = 0; i < 300_000; i++)
        {
            var key = "key " + i.ToString(CultureInfo.InvariantCulture);
            store.Set(Entry(store, key));
            Volatile.Write(ref inside, i + 1);
            if (i % 7 == 0)
                store.Set(Entry(store, "key " + (i / 2).ToString(CultureInfo.InvariantCulture), "key " + (i / 2).ToString(CultureInfo.InvariantCulture)));
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task Find_WhileTagsAreInvalidated_NeverAValueOlderThanTheLastInvalidation()
    {
        using var store = new LocalStore(1_000, TimeProvider.System);
        var source = 0L;
        var invalidated = 0L;
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(800));
        var writer = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                // The source changes, then the tag is invalidated; from then on nobody may see what was before.
                var next = Interlocked.Increment(ref source);
                store.InvalidateTag("t");
                Volatile.Write(ref invalidated, next);
            }
        });
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                var oldest = Volatile.Read(ref invalidated);
                if (store.Find("k") is { } entry)
                    Assert.True((long)entry.Value! >= oldest, $"{entry.Value} < {oldest}");
                else
                {
                    var validAt = store.Invalidations;
                    store.Set(new NewEntry("k", Volatile.Read(ref source), validAt) { Tags = ["t"] });
                }
            }
        })).ToArray();
        await Task.WhenAll([writer, .. readers]);
    }

    [Fact]
    public async Task Find_WhileEntriesAreReplaced_ValueAndEndBelongTogether()
    {
        using var store = new LocalStore(8, TimeProvider.System);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(800));
        var far = store.Now + 3_600_000;
        var found = 0;
        var writers = Enumerable.Range(0, 2).Select(n => Task.Run(() =>
        {
            var random = new Random(n);
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                // Every third is over already, and says so by its value.
                var end = i % 3 == 0 ? i % 1_000 : far + random.Next(1_000_000);
                var key = "a key of some length " + random.Next(12).ToString(CultureInfo.InvariantCulture);
                store.Set(new NewEntry(key, (key, end), store.Invalidations) { FreshUntil = end });
            }
        })).ToArray();
        var readers = Enumerable.Range(0, 2).Select(n => Task.Run(() =>
        {
            var random = new Random(10 + n);
            while (!stop.IsCancellationRequested)
            {
                var asked = "a key of some length " + random.Next(12).ToString(CultureInfo.InvariantCulture);
                if (store.Find(asked) is not { } entry)
                    continue;
                var (key, end) = ((string, long))entry.Value!;
                Assert.Equal(asked, key);
                Assert.Equal(end, entry.FreshUntil);
                Assert.True(end >= far, $"over since {end}");
                Interlocked.Increment(ref found);
            }
        })).ToArray();
        await Task.WhenAll([.. writers, .. readers]);
        Assert.True(found > 1_000, $"only {found} found");
    }
}
