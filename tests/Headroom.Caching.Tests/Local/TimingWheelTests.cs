using Headroom.Caching.Local;

namespace Headroom.Caching.Tests.Local;

public sealed class TimingWheelTests(ITestOutputHelper output)
{
    [Fact]
    public void Advance_RandomEndsAndSteps_EveryEntryComesOnceNeverEarlyAndAtMostASlotLate()
    {
        var random = new Random(Seed.Printed(output));
        for (var round = 0; round < 50; round++)
        {
            var now = random.NextInt64(0, 1L << 40);
            var wheel = new TimingWheel(now);
            var waiting = new HashSet<LocalEntry>();
            for (var step = 0; step < 300; step++)
            {
                for (var i = random.Next(5); i > 0; i--)
                {
                    var entry = new LocalEntry("k", 0, null) { FreshUntil = now + random.NextInt64(0, 1L << random.Next(5, 38)) };
                    wheel.Schedule(entry);
                    waiting.Add(entry);
                }

                if (waiting.Count > 0 && random.Next(3) == 0)
                {
                    var cancelled = waiting.First();
                    TimingWheel.Cancel(cancelled);
                    waiting.Remove(cancelled);
                }

                now += random.NextInt64(0, 1L << random.Next(5, 36));
                var over = wheel.Advance(now);
                for (; over is not null; over = over.TimerNext)
                {
                    Assert.True(over.FreshUntil <= now, "early");
                    Assert.True(waiting.Remove(over), "twice, or after it was cancelled");
                }

                Assert.DoesNotContain(waiting, entry => entry.FreshUntil <= now - TimingWheel.Resolution);
            }
        }
    }

    [Fact]
    public void Advance_EntryThatSlid_WaitsForItsNewEnd()
    {
        var wheel = new TimingWheel(0);
        var entry = new LocalEntry("k", 0, null) { FreshUntil = 5_000 };
        wheel.Schedule(entry);
        entry.FreshUntil = 200_000;

        Assert.Null(wheel.Advance(10_000));
        Assert.Null(wheel.Advance(199_000));
        Assert.Same(entry, wheel.Advance(202_000));
    }

    [Fact]
    public void Schedule_EntryWithoutEnd_IsNeverOver()
    {
        var wheel = new TimingWheel(0);
        wheel.Schedule(new LocalEntry("k", 0, null));
        Assert.Null(wheel.Advance(long.MaxValue / 2));
    }
}
