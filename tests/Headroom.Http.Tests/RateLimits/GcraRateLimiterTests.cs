using System.Threading.RateLimiting;
using Headroom.Http.RateLimits;
using Headroom.Testing;

namespace Headroom.Http.Tests.RateLimits;

public sealed class GcraRateLimiterTests(ITestOutputHelper output)
{
    readonly ManualTime time = new();

    [Fact]
    public void Decide_UpToTheBurst_ThenOneAnInterval()
    {
        using var limiter = new GcraRateLimiter(60, TimeSpan.FromMinutes(1), 5, time);
        for (var taken = 1; taken <= 5; taken++)
            Assert.Equal(new RateLimitDecision(true, 5 - taken, TimeSpan.FromSeconds(taken), TimeSpan.Zero), limiter.Decide(1));

        Assert.Equal(new RateLimitDecision(false, 0, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1)), limiter.Decide(1));
        time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(TimeSpan.FromMilliseconds(1), limiter.Decide(1).RetryAfter);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(limiter.Decide(1).IsAllowed);
        Assert.False(limiter.Decide(1).IsAllowed);
    }

    [Fact]
    public void Decide_AfterALongPause_GivesTheBurstAndNoMore()
    {
        using var limiter = new GcraRateLimiter(100, TimeSpan.FromSeconds(1), 3, time);
        time.Advance(TimeSpan.FromDays(300));
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => limiter.Decide(1).IsAllowed));
    }

    [Fact]
    public void Decide_SeveralAtOnce_AllOrNothingAndNeverMoreThanTheBurst()
    {
        using var limiter = new GcraRateLimiter(10, TimeSpan.FromSeconds(10), 10, time);
        Assert.Equal(3, limiter.Decide(7).Remaining);
        Assert.Equal(TimeSpan.FromSeconds(1), limiter.Decide(4).RetryAfter);
        Assert.Null(limiter.Decide(11).RetryAfter);
        Assert.Null(limiter.Decide(int.MaxValue).RetryAfter);
        Assert.True(limiter.Decide(3).IsAllowed);
        Assert.True(limiter.Decide(0).IsAllowed);
    }

    [Fact]
    public void Decide_AnyArrivals_NeverMoreThanBurstPlusRateInAnyStretch()
    {
        var random = new Random(Seed.Printed(output));
        for (var round = 0; round < 200; round++)
        {
            var clock = new ManualTime();
            var limit = random.Next(1, 1000);
            var burst = random.Next(1, 50);
            var window = TimeSpan.FromMilliseconds(random.Next(100, 100_000));
            using var limiter = new GcraRateLimiter(limit, window, burst, clock);
            List<long> passed = [];
            for (var i = 0; i < 300; i++)
            {
                clock.Advance(TimeSpan.FromTicks(random.NextInt64(0, 3 * window.Ticks / limit)));
                var decision = limiter.Decide(1);
                if (decision.IsAllowed)
                    passed.Add(clock.GetTimestamp());
                else
                    Assert.InRange(decision.RetryAfter!.Value.Ticks, 1, (window.Ticks / limit) + 1);
            }

            for (var first = 0; first < passed.Count; first++)
            {
                for (var last = first; last < passed.Count; last++)
                    Assert.True(last - first + 1 <= burst + ((passed[last] - passed[first]) * (double)limit / window.Ticks * 1.001) + 0.001, $"{last - first + 1} of {limit} in {window}, burst {burst}");
            }
        }
    }

    [Fact]
    public async Task Decide_FromManyThreads_GivesExactlyTheBurst()
    {
        using var limiter = new GcraRateLimiter(1, TimeSpan.FromHours(1), 10_000, time);
        var passed = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () =>
            {
                for (var i = 0; i < 5_000; i++)
                {
                    if (limiter.Decide(1).IsAllowed)
                        Interlocked.Increment(ref passed);
                }
            },
            TestContext.Current.CancellationToken)));
        Assert.Equal(10_000, passed);
    }

    [Fact]
    public void Acquire_ThroughTheFrameworksType_TellsWhenToComeAgain()
    {
        using RateLimiter limiter = new GcraRateLimiter(1, TimeSpan.FromSeconds(30), 1, time);
        Assert.NotNull(limiter.IdleDuration);
        using var first = limiter.AttemptAcquire();
        using var second = limiter.AttemptAcquire();
        Assert.True(first.IsAcquired);
        Assert.False(second.IsAcquired);
        Assert.True(second.TryGetMetadata(MetadataName.RetryAfter, out var after));
        Assert.Equal(TimeSpan.FromSeconds(30), after);
        Assert.Null(limiter.IdleDuration);
        Assert.Equal(0, limiter.GetStatistics()!.CurrentAvailablePermits);
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(TimeSpan.FromSeconds(1), limiter.IdleDuration);
    }
}
