using Headroom.Load.Recording;
using Headroom.Load.Wire;

namespace Headroom.Load.Tests.Recording;

public sealed class GeneratorWatchTests
{
    [Theory]
    [InlineData(-1_000_000_000, 0.99)]
    [InlineData(0, 0.99)]
    [InlineData(3, 0.6)]
    public void CpuSeconds_FirstLookLate_CountsThePartAfterMeasuringBegan(long beganAt, double partAtLeast)
    {
        var start = MonotonicClock.NowNs;
        var before = Environment.CpuUsage.TotalTime;
        var watch = GeneratorWatch.Start();
        while (Environment.CpuUsage.TotalTime - before < TimeSpan.FromMilliseconds(60))
            Thread.SpinWait(1000);
        var now = MonotonicClock.NowNs;

        watch.MeasureFrom(now, beganAt > 0 ? start + ((now - start) / beganAt) : start + beganAt);
        watch.Stop();

        var burnt = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        Assert.InRange(watch.CpuSeconds, partAtLeast * 0.06, burnt);
    }

    [Fact]
    public void CpuSeconds_LooksDuringTheWarmUp_LeaveItOut()
    {
        var watch = GeneratorWatch.Start();
        var before = Environment.CpuUsage.TotalTime;
        while (Environment.CpuUsage.TotalTime - before < TimeSpan.FromMilliseconds(60))
            Thread.SpinWait(1000);
        var now = MonotonicClock.NowNs;
        watch.MeasureFrom(now - 1, now);
        var afterWarmUp = Environment.CpuUsage.TotalTime;

        watch.MeasureFrom(now, now);
        watch.Stop();

        Assert.True(watch.CpuSeconds <= (Environment.CpuUsage.TotalTime - afterWarmUp).TotalSeconds, $"{watch.CpuSeconds} s");
    }
}
