using Headroom.Http.ResponseCache.Exchanges;

namespace Headroom.Http.Tests.ResponseCache.Exchanges;

public sealed class UnsharedKeysTests
{
    readonly ManualTime time = new();

    [Fact]
    public void Passes_OnlyAfterThreeThatCount()
    {
        var keys = new UnsharedKeys(time);
        Assert.True(keys.IsShared("a", ofUser: false));
        for (var i = 0; i < 10; i++)
            keys.Remember("a", ofUser: false, counts: false);
        Assert.False(keys.IsShared("a", ofUser: false));
        Assert.False(keys.Passes("a", ofUser: false));
        for (var i = 1; i <= 20; i++)
        {
            keys.Remember("a", ofUser: false, counts: true);
            Assert.Equal(i >= UnsharedKeys.PassesAfter, keys.Passes("a", ofUser: false));
        }

        keys.Forget("a", ofUser: false);
        Assert.True(keys.IsShared("a", ofUser: false));
        Assert.False(keys.Passes("a", ofUser: false));
    }

    [Fact]
    public void WhatIsKnownOfUsers_IsNotOfAll()
    {
        var keys = new UnsharedKeys(time);
        for (var i = 0; i < 5; i++)
            keys.Remember("a", ofUser: true, counts: true);
        Assert.True(keys.Passes("a", ofUser: true));
        Assert.False(keys.IsShared("a", ofUser: true));
        Assert.False(keys.Passes("a", ofUser: false));
        Assert.True(keys.IsShared("a", ofUser: false));
    }

    [Fact]
    public void Remembered_ForAMinuteFromTheLastTime()
    {
        var keys = new UnsharedKeys(time);
        for (var i = 0; i < 5; i++)
            keys.Remember("a", ofUser: false, counts: true);
        time.Advance(TimeSpan.FromSeconds(50));
        keys.Remember("a", ofUser: false, counts: true);
        time.Advance(TimeSpan.FromSeconds(50));
        Assert.True(keys.Passes("a", ofUser: false));
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.False(keys.Passes("a", ofUser: false));
        Assert.True(keys.IsShared("a", ofUser: false));
    }

    /// <summary>However many keys there are, a key is taken for another one only where their hashes of 32 bits are the same: 0.05 of these 50,000 on average, so that more than three are a fault.</summary>
    [Fact]
    public void KeysOfOneSlot_AreToldApart()
    {
        var keys = new UnsharedKeys(time);
        for (var i = 0; i < 50_000; i++)
        {
            for (var times = 0; times < 3; times++)
                keys.Remember($"a{i}", ofUser: false, counts: true);
        }

        Assert.InRange(Enumerable.Range(0, 50_000).Count(i => keys.Passes($"b{i}", ofUser: false)), 0, 3);
    }
}
