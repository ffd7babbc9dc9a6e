using Headroom.Http.RateLimits;

namespace Headroom.Http.Tests.RateLimits;

public sealed class TokenBucketTests
{
    /// <summary>Whole tokens in whole ticks of 100 ns: within a thousandth of the limit, whatever it is.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 86_400_000)]
    [InlineData(100, 60_000)]
    [InlineData(999, 1_000)]
    [InlineData(1_499, 1_000)]
    [InlineData(1_500, 1_000)]
    [InlineData(2_499, 1_000)]
    [InlineData(100_001, 1_000)]
    [InlineData(1_000_000, 1_000)]
    [InlineData(1_000_000_000, 3_600_000)]
    public void TokenBucket_OfALimit_BringsThatManyInItsWindow(int limit, int windowMs)
    {
        var window = TimeSpan.FromMilliseconds(windowMs);

        var bucket = PolicyLimiter.TokenBucket(limit, window, burst: 7);

        Assert.Equal(1, bucket.TokensPerPeriod * (window / bucket.ReplenishmentPeriod) / limit, 0.001);
        Assert.True(bucket.ReplenishmentPeriod >= TimeSpan.FromMilliseconds(1), "A wait of less is told as none.");
        Assert.Equal((7, false), (bucket.TokenLimit, bucket.AutoReplenishment));
    }
}
