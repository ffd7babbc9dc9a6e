using System.Globalization;

namespace Headroom.Caching.Tests;

public sealed class LocalCacheTests
{
    readonly ManualTime time = new();
    readonly List<string> left = [];

    LocalCache Cache(long entries = 100, Action<LocalCacheOptions>? configure = null)
    {
        var options = new LocalCacheOptions { MaxEntries = entries, ExpirationJitter = 0, OnEvict = (key, value, reason) => left.Add($"{key}={value} {reason}") };
        configure?.Invoke(options);
        return new LocalCache(options, time);
    }

    [Fact]
    public void TryGet_ValueOfAnotherType_IsAMiss()
    {
        using var cache = Cache();
        cache.Set("a", 7);
        Assert.True(cache.TryGet<int>("a", out var number));
        Assert.Equal(7, number);
        Assert.False(cache.TryGet<string>("a", out _));
    }

    [Fact]
    public void TryGet_NullThatWasSet_IsFoundAsNull()
    {
        using var cache = Cache();
        cache.Set<string?>("a", null);
        Assert.True(cache.TryGet<string?>("a", out var value));
        Assert.Null(value);
        Assert.False(cache.TryGet<int>("a", out _));
    }

    [Fact]
    public void TryGet_AfterItsExpiration_IsAMissAtOnceAndTheEntryLeavesByItself()
    {
        using var cache = Cache();
        cache.Set("a", "1", TimeSpan.FromMilliseconds(500));
        cache.Set("b", "2", TimeSpan.FromHours(5));
        time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.True(cache.Has("a"));
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(cache.TryGet<string>("a", out _));
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(["a=1 Expired"], left);
        Assert.Equal(1, cache.Stats().Entries);
    }

    [Fact]
    public void Set_WithJitter_ShortensLivesDifferentlyAndNeverProlongs()
    {
        using var cache = Cache(1_000, options => options.ExpirationJitter = 0.5);
        for (var i = 0; i < 1_000; i++)
            cache.Set(i.ToString(CultureInfo.InvariantCulture), i, TimeSpan.FromSeconds(100));
        int Living() => Enumerable.Range(0, 1_000).Count(i => cache.Has(i.ToString(CultureInfo.InvariantCulture)));

        time.Advance(TimeSpan.FromSeconds(49));
        Assert.Equal(1_000, Living());
        time.Advance(TimeSpan.FromSeconds(26));
        Assert.InRange(Living(), 400, 600);
        time.Advance(TimeSpan.FromSeconds(25));
        Assert.Equal(0, Living());
    }

    [Fact]
    public void OnEvict_EachReason_IsTold()
    {
        using var cache = Cache(2);
        cache.Set("a", 1);
        cache.Set("a", 2);
        cache.Remove("a");
        cache.Set("b", 1);
        cache.Set("c", 1);
        cache.Set("d", 1);
        Assert.Equal(["a=1 Replaced", "a=2 Removed"], left.Take(2));
        Assert.EndsWith("Capacity", left[2], StringComparison.Ordinal);
        left.Clear();
        cache.Clear();
        Assert.Equal(2, left.Count);
        Assert.All(left, line => Assert.EndsWith("Cleared", line, StringComparison.Ordinal));
    }

    [Fact]
    public void OnEvict_Throws_TheSetSucceeds()
    {
        using var cache = Cache(1, options => options.OnEvict = (_, _, _) => throw new InvalidOperationException("listener"));
        cache.Set("a", 1);
        cache.Set("b", 2);
        Assert.True(cache.Has("b"));
    }

    [Fact]
    public void OnEvict_UsesTheCache_DoesNotDeadlock()
    {
        LocalCache? cache = null;
        using var made = cache = Cache(1, options => options.OnEvict = (key, _, _) => cache!.Has(key));
        cache.Set("a", 1);
        cache.Set("b", 2);
        Assert.True(cache.Has("b"));
    }

    [Fact]
    public void MaxBytes_Strings_AreBoundedByTheirSize()
    {
        using var cache = Cache(configure: options => options.MaxBytes = 100_000);
        for (var i = 0; i < 1_000; i++)
            cache.Set(i.ToString(CultureInfo.InvariantCulture), new string('x', 1_000));
        var stats = cache.Stats();
        Assert.InRange(stats.Weight, 90_000, 100_000);
        Assert.InRange(stats.Entries, 40, 50);
        Assert.False(cache.Set("huge", new string('x', 100_000)));
    }

    [Fact]
    public void RemoveByTagAndPrefix_OnlyThoseMeant_AreGone()
    {
        using var cache = Cache();
        cache.Set("user:1", 1, tags: ["users", "users"]);
        cache.Set("user:2", 2);
        cache.Set("item:1", 3, tags: ["items"]);
        cache.RemoveByTag("users");
        Assert.False(cache.Has("user:1"));
        Assert.Equal(1, cache.RemoveByPrefix("user:"));
        Assert.True(cache.Has("item:1"));
        cache.RemoveByTag("*");
        Assert.False(cache.Has("item:1"));
    }

    [Fact]
    public void Stats_HitsAndMisses_AreCounted()
    {
        using var cache = Cache();
        Assert.Null(cache.Stats().HitRatio);
        cache.Set("a", 1);
        cache.TryGet<int>("a", out _);
        cache.TryGet<int>("a".AsSpan(), out _);
        cache.TryGet<int>("b", out _);
        var stats = cache.Stats();
        Assert.Equal((2, 1), (stats.LocalHits, stats.Misses));
        Assert.Equal(2.0 / 3, stats.HitRatio);
    }

    [Fact]
    public void Options_SeveralWrong_AreNamedTogether()
    {
        var wrong = Assert.Throws<ArgumentException>(() => new LocalCache(new LocalCacheOptions { MaxEntries = 0, MaxBytes = 3, DefaultExpiration = TimeSpan.Zero, ExpirationJitter = double.NaN }));
        Assert.Contains("MaxEntries is 0", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("MaxBytes is 3", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("DefaultExpiration is 00:00:00", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("ExpirationJitter is NaN", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Set_WrongKeyOrExpiration_ThrowsAndKeepsTheOldValue()
    {
        using var cache = Cache();
        cache.Set("a", 1);
        Assert.Throws<ArgumentException>(() => cache.Set("", 1));
        Assert.Throws<ArgumentException>(() => cache.Set(new string('k', 4_097), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Set("a", 2, TimeSpan.Zero));
        Assert.True(cache.TryGet<int>("a", out var value));
        Assert.Equal(1, value);
    }

    [Fact]
    public void TryGet_Hit_AllocatesNothing()
    {
        using var cache = new LocalCache();
        cache.Set("some key", "value", tags: ["t"]);
        for (var i = 0; i < 100; i++)
            cache.TryGet<string>("some key", out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            cache.TryGet<string>("some key", out _);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Cache_Forgotten_IsCollectedThoughItHasATimer()
    {
        static WeakReference Forgotten() => new(new LocalCache());
        var cache = Forgotten();
        for (var i = 0; i < 10 && cache.IsAlive; i++)
            GC.Collect();
        Assert.False(cache.IsAlive);
    }
}
