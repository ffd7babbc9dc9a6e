using System.Globalization;
using Headroom.Caching.Local;

namespace Headroom.Caching.Tests.Local;

public sealed class SystemClockTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public void Ticks_FewUses_AreUnknown()
    {
        var clock = new SystemClock();
        for (var i = 0; i < 63; i++)
            clock.CountUse();
        Assert.False(SpinWait.SpinUntil(() => clock.Ticks != CoarseClock.Unknown, 100));
    }

    [Fact]
    public void Ticks_ManyUses_FollowTheClockUntilNobodyUsesThem()
    {
        var clock = new SystemClock();
        for (var i = 0; i < 64; i++)
            clock.CountUse();
        Assert.True(SpinWait.SpinUntil(() => clock.Ticks != CoarseClock.Unknown, Patience));

        var first = clock.Ticks;
        Assert.True(SpinWait.SpinUntil(() => clock.Ticks > first + 100, Patience));
        Assert.True(clock.Ticks <= clock.Now, "from the future");
        Assert.True(SpinWait.SpinUntil(() => clock.Ticks == CoarseClock.Unknown, Patience), "still ticking");

        for (var i = 0; i < 64; i++)
            clock.CountUse();
        Assert.True(SpinWait.SpinUntil(() => clock.Ticks != CoarseClock.Unknown, Patience), "not started again");
    }

    [Fact]
    public void CountUse_TicksAreLate_MovesThemOn()
    {
        var clock = new SystemClock();
        clock.MoveTo(clock.Now - 5_000);
        var before = clock.Now;
        clock.CountUse();
        Assert.InRange(clock.Ticks, before, clock.Now);
    }

    [Fact]
    public void Find_TicksAreLate_ValuePastItsEndIsServedAFewTimesOnly()
    {
        // As after SIGSTOP: the clock went on, the thread that ticks did not yet.
        var clock = new SystemClock();
        using var store = new LocalStore(10, TimeProvider.System, clock: clock);
        Assert.True(store.Set(new NewEntry("k", "v", store.Invalidations) { FreshUntil = store.Now + 30_000 }));
        clock.MoveTo(store.Now);
        store.Find("k")!.FreshUntil = store.Now - 10;
        clock.MoveTo(store.Now - 1_000);

        var served = 0;
        while (store.Find("k") is not null)
            Assert.InRange(++served, 0, 64);
        Assert.Null(store.Find("k"));
    }

    [Fact]
    public void Find_PastItsEnd_IsServedForATickOrAFewTimes()
    {
        const int Promised = CoarseClock.Period + 16;
        using var store = new LocalStore(10_000, TimeProvider.System);
        for (var round = 0; round < 20; round++)
        {
            var key = round.ToString(CultureInfo.InvariantCulture);
            var end = store.Now + 40;
            store.Set(new NewEntry(key, "v", store.Invalidations) { FreshUntil = end });

            // Where the machine is too busy for the thread that ticks, 63 more hits are promised at most.
            var late = 0;
            while (true)
            {
                var before = store.Now;
                if (store.Find(key) is null)
                    break;
                if (before > end + Promised)
                    Assert.InRange(++late, 1, 64);
            }

            Assert.True(store.Now >= end, "gone before its end");
        }
    }
}
