using Headroom.Http.Background;

namespace Headroom.Http.Tests.Background;

public sealed class RetryBackoffTests
{
    [Theory]
    [InlineData(1, 0.0, 500)]
    [InlineData(1, 1.0, 1_000)]
    [InlineData(2, 0.5, 1_500)]
    [InlineData(5, 1.0, 16_000)]
    [InlineData(7, 1.0, 60_000)]
    [InlineData(1_000_000, 0.0, 30_000)]
    public void After_DoublesUpToTheLongestWithTheUpperHalfLeftToChance(int failedAttempts, double chance, int expectedMs) =>
        Assert.Equal(expectedMs, RetryBackoff.After(failedAttempts, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1), chance).TotalMilliseconds);

    [Fact]
    public void After_WithoutAFirstWait_IsNone() => Assert.Equal(TimeSpan.Zero, RetryBackoff.After(9, TimeSpan.Zero, TimeSpan.FromMinutes(1), 1));
}
