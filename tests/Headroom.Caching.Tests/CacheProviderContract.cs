namespace Headroom.Caching.Tests;

/// <summary>What every <see cref="ICacheProvider"/> does, whatever is behind it. A new one joins by a class below.</summary>
public abstract class CacheProviderContract
{
    internal ManualTime Time { get; } = new();

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract ICacheProvider Provider { get; }

    [Fact]
    public async Task GetAsync_WhatWasSet_IsFoundUntilItsTimeIsOver()
    {
        await Provider.SetAsync("key", "value", TimeSpan.FromSeconds(10), Cancellation);
        Assert.Equal(new Cached<string>("value"), await Provider.GetAsync<string>("key", Cancellation));
        Time.Advance(TimeSpan.FromSeconds(11));
        Assert.False((await Provider.GetAsync<string>("key", Cancellation)).Found);
    }

    [Fact]
    public async Task SetAsync_WithoutExpiration_LivesForTheDefault()
    {
        await Provider.SetAsync("key", 7, cancellation: Cancellation);
        Time.Advance(TimeSpan.FromSeconds(59));
        Assert.True(await Provider.HasAsync("key", Cancellation));
        Time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(await Provider.HasAsync("key", Cancellation));
    }

    [Fact]
    public async Task SetAsync_Null_IsAValue()
    {
        await Provider.SetAsync<string?>("key", null, cancellation: Cancellation);
        var found = await Provider.GetAsync<string?>("key", Cancellation);
        Assert.True(found.Found);
        Assert.Null(found.Value);
    }

    [Fact]
    public async Task SetAsync_Again_Replaces()
    {
        await Provider.SetAsync("key", 1, cancellation: Cancellation);
        await Provider.SetAsync("key", 2, cancellation: Cancellation);
        Assert.Equal(2, (await Provider.GetAsync<int>("key", Cancellation)).Value);
    }

    [Fact]
    public async Task DeleteAsync_SaysWhetherItWasThere()
    {
        await Provider.SetAsync("key", 1, cancellation: Cancellation);
        Assert.True(await Provider.DeleteAsync("key", Cancellation));
        Assert.False(await Provider.DeleteAsync("key", Cancellation));
        Assert.False(await Provider.HasAsync("key", Cancellation));
    }

    [Fact]
    public async Task ClearAsync_NothingIsLeft()
    {
        for (var i = 0; i < 10; i++)
            await Provider.SetAsync(CacheKey.For("key", i), i, cancellation: Cancellation);
        await Provider.ClearAsync(Cancellation);
        for (var i = 0; i < 10; i++)
            Assert.False((await Provider.GetAsync<int>(CacheKey.For("key", i), Cancellation)).Found);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public async Task EveryMember_WithoutAKey_Throws(string? key)
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Provider.GetAsync<string>(key!, Cancellation));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Provider.SetAsync(key!, 1, cancellation: Cancellation));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Provider.DeleteAsync(key!, Cancellation));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Provider.HasAsync(key!, Cancellation));
    }

    [Fact]
    public async Task SetAsync_ExpirationOfZero_Throws() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Provider.SetAsync("key", 1, TimeSpan.Zero, Cancellation));

    [Fact]
    public async Task Keys_Unusual_AreJustKeys()
    {
        foreach (var key in new[] { " ", "a\r\nb", "{x}", "*", "é€😀", new string('k', 4_096) })
        {
            await Provider.SetAsync(key, key, cancellation: Cancellation);
            Assert.Equal(key, (await Provider.GetAsync<string>(key, Cancellation)).Value);
        }
    }

    [Fact]
    public async Task Stats_HitsAndMisses_AreCounted()
    {
        await Provider.SetAsync("key", 1, cancellation: Cancellation);
        await Provider.GetAsync<int>("key", Cancellation);
        await Provider.GetAsync<int>("other", Cancellation);
        var stats = Provider.Stats();
        Assert.Equal((1, 1), (stats.LocalHits + stats.DistributedHits, stats.Misses));
    }
}
