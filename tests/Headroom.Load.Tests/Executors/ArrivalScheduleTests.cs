using Headroom.Load.Executors;

namespace Headroom.Load.Tests.Executors;

public sealed class ArrivalScheduleTests(ITestOutputHelper output)
{
    [Fact]
    public void DueNs_ConstantRate_IsMonotonicAndNeverDrifts()
    {
        ForRandom(random =>
        {
            var rate = Math.Pow(10, (random.NextDouble() * 7) - 1);
            var schedule = new ConstantArrivals(rate);
            var first = random.NextInt64(1, (long)Math.Min(1_000_000_000, rate * 1_000_000_000));
            var previous = schedule.DueNs(first - 1);
            for (var n = first; n < first + 100; n++)
            {
                var due = schedule.DueNs(n);
                Assert.True(due >= previous);
                Assert.InRange(Math.Abs(due - (n * 1e9 / rate)), 0, 0.51 + (n * 1e9 / rate * 1e-15));
                previous = due;
            }
        });
    }

    [Fact]
    public void ArrivalsBefore_AnySchedule_CountsThoseWhoseDueTimeIsEarlier()
    {
        ForRandom(random =>
        {
            var schedule = AnySchedule(random);
            var duration = random.NextInt64(0, 100_000_000_000);
            var count = schedule.ArrivalsBefore(duration);
            Assert.True(count == 0 || schedule.DueNs(count - 1) < duration);
            Assert.True(schedule.DueNs(count) >= duration);
        });
    }

    [Theory]
    [InlineData(1000, 10_000_000_000, 10_000)]
    [InlineData(0.5, 10_000_000_000, 5)]
    [InlineData(3, 1_000_000_000, 3)]
    [InlineData(50_000, 1_000_000_000, 50_000)]
    public void ArrivalsBefore_WholeSeconds_IsTheRateTimesThem(double rate, long durationNs, long expected) =>
        Assert.Equal(expected, new ConstantArrivals(rate).ArrivalsBefore(durationNs));

    [Fact]
    public void DueNs_Ramp_FollowsTheAreaUnderTheRate()
    {
        ForRandom(random =>
        {
            var (start, stages) = AnyRamp(random);
            var schedule = new RampingArrivals(start, stages);
            var total = schedule.ArrivalsBefore(long.MaxValue);
            Assert.InRange(total, Math.Floor(Area(start, stages, double.MaxValue) - 1e-6), Math.Ceiling(Area(start, stages, double.MaxValue) + 1e-6));
            var previous = 0L;
            for (var i = 0; i < 200 && total > 0; i++)
            {
                var n = i * Math.Max(1, total / 200);
                if (n >= total)
                    break;
                var due = schedule.DueNs(n);
                Assert.True(due >= previous);
                previous = due;

                // At its due time, as many arrivals have accumulated as came before it.
                Assert.InRange(Area(start, stages, due / 1e9), n - 0.001 - (n * 1e-9), n + 0.001 + (n * 1e-9));
            }
        });
    }

    [Fact]
    public void DueNs_RampFromZero_StartsAtOnceAndSpeedsUp()
    {
        var schedule = new RampingArrivals(0, [new Stage(TimeSpan.FromSeconds(10), 100)]);
        Assert.Equal(500, schedule.ArrivalsBefore(long.MaxValue));
        Assert.Equal(0, schedule.DueNs(0));
        Assert.Equal(Math.Sqrt(2 * 125 / 10.0), schedule.DueNs(125) / 1e9, 6);
        Assert.Equal(ArrivalSchedule.Never, schedule.DueNs(500));
    }

    [Fact]
    public void DueNs_PauseAndJump_NothingIsDueInThePause()
    {
        var schedule = new RampingArrivals(
            10, [new Stage(TimeSpan.FromSeconds(1), 10), new Stage(TimeSpan.Zero, 0), new Stage(TimeSpan.FromSeconds(5), 0), new Stage(TimeSpan.Zero, 4), new Stage(TimeSpan.FromSeconds(1), 4)]);
        Assert.Equal([0.9, 6.0, 6.25, 6.5, 6.75], Enumerable.Range(9, 5).Select(n => schedule.DueNs(n) / 1e9));
        Assert.Equal(ArrivalSchedule.Never, schedule.DueNs(14));
    }

    [Fact]
    public void DueNs_Replay_IsTheRecordedTime()
    {
        var schedule = new ReplayedArrivals([TimeSpan.Zero, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(2)]);
        Assert.Equal([0, 5_000_000, 5_000_000, 2_000_000_000, ArrivalSchedule.Never], Enumerable.Range(0, 5).Select(n => schedule.DueNs(n)));
        Assert.Equal(3, schedule.ArrivalsBefore(2_000_000_000));
    }

    private static double Area(double start, IReadOnlyList<Stage> stages, double untilSeconds)
    {
        double area = 0, time = 0, rate = start;
        foreach (var stage in stages)
        {
            var length = stage.Duration.TotalSeconds;
            var part = Math.Clamp(untilSeconds - time, 0, length);
            if (length > 0)
                area += part * (rate + ((stage.Target - rate) * part / length / 2));
            time += length;
            rate = stage.Target;
        }

        return area;
    }

    private static ArrivalSchedule AnySchedule(Random random)
    {
        if (random.Next(2) == 0)
            return new ConstantArrivals(Math.Pow(10, (random.NextDouble() * 5) - 1));
        var (start, stages) = AnyRamp(random);
        return new RampingArrivals(start, stages);
    }

    private static (double Start, Stage[] Stages) AnyRamp(Random random) => (random.Next(3) * 50, [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ =>
        new Stage(TimeSpan.FromMilliseconds(random.Next(4) * random.Next(1, 10_000)), random.Next(3) * random.NextDouble() * 500))]);

    private void ForRandom(Action<Random> check)
    {
        var seed = Seed.Printed(output);
        var random = new Random(seed);
        for (var i = 0; i < 500; i++)
            check(random);
    }
}
