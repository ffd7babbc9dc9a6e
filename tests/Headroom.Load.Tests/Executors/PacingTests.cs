using Headroom.Load.Executors;

namespace Headroom.Load.Tests.Executors;

public sealed class PacingTests(ITestOutputHelper output)
{
    [Fact]
    public void DueNs_AnyRate_IsMonotonicAndNeverDrifts()
    {
        ForRandomRates((random, rate) =>
        {
            var first = random.NextInt64(1, 1_000_000_000);
            var previous = Pacing.DueNs(first - 1, rate);
            for (var n = first; n < first + 100; n++)
            {
                var due = Pacing.DueNs(n, rate);
                Assert.True(due >= previous);
                Assert.InRange(Math.Abs(due - (n * 1e9 / rate)), 0, 0.51 + (n * 1e9 / rate * 1e-15));
                previous = due;
            }
        });
    }

    [Fact]
    public void ArrivalsBefore_AnyRateAndTime_CountsThoseWhoseDueTimeIsEarlier()
    {
        ForRandomRates((random, rate) =>
        {
            var duration = random.NextInt64(0, 100_000_000_000);
            var count = Pacing.ArrivalsBefore(duration, rate);
            Assert.True(count == 0 || Pacing.DueNs(count - 1, rate) < duration);
            Assert.True(Pacing.DueNs(count, rate) >= duration);
        });
    }

    [Theory]
    [InlineData(1000, 10_000_000_000, 10_000)]
    [InlineData(0.5, 10_000_000_000, 5)]
    [InlineData(3, 1_000_000_000, 3)]
    [InlineData(50_000, 1_000_000_000, 50_000)]
    public void ArrivalsBefore_WholeSeconds_IsTheRateTimesThem(double rate, long durationNs, long expected) =>
        Assert.Equal(expected, Pacing.ArrivalsBefore(durationNs, rate));

    private void ForRandomRates(Action<Random, double> check)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("HEADROOM_TEST_SEED"), out var given) ? given : Random.Shared.Next();
        output.WriteLine($"seed: HEADROOM_TEST_SEED={seed}");
        var random = new Random(seed);
        for (var i = 0; i < 500; i++)
            check(random, Math.Pow(10, (random.NextDouble() * 7) - 1));
    }
}
