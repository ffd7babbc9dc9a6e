using Headroom.Telemetry.Collection;

namespace Headroom.Telemetry.Tests.Collection;

public sealed class BucketBoundsTests
{
    /// <summary>Every count of bounds around whole vectors, and the most that the options allow.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(14)]
    [InlineData(200)]
    public void BucketOf_AtBelowAndAboveEachBound_IsTheFirstThatIsNotLess(int count)
    {
        var ascending = Enumerable.Range(0, count).Select(number => ((number - 2) * 0.3) + (number * number * 0.01)).ToArray();
        var bounds = new BucketBounds(ascending);
        Assert.Equal(count, bounds.Count);
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(i, bounds.BucketOf(Math.BitDecrement(ascending[i])));
            Assert.Equal(i, bounds.BucketOf(ascending[i]));
            Assert.Equal(i + 1, bounds.BucketOf(Math.BitIncrement(ascending[i])));
        }

        Assert.Equal(0, bounds.BucketOf(double.MinValue));
        Assert.Equal(count, bounds.BucketOf(double.MaxValue));
    }

    [Fact]
    public void BucketOf_NegativeZero_IsZero() => Assert.Equal(0, new BucketBounds([0, 1]).BucketOf(-0.0));
}
