using Headroom.Caching.Local;

namespace Headroom.Caching.Tests.Local;

public sealed class EntryWeightTests
{
    [Fact]
    public void Pack_UpTo2047_IsExact()
    {
        for (var weight = 0L; weight <= 2047; weight++)
            Assert.Equal(weight, EntryWeight.Unpack(EntryWeight.Pack(weight)));
    }

    [Theory]
    [InlineData(2_049)]
    [InlineData(65_535)]
    [InlineData(1_000_003)]
    [InlineData(4_294_967_295)]
    [InlineData(EntryWeight.Most)]
    public void Pack_Larger_IsRoundedUpByLessThanAThousandth(long weight) =>
        Assert.InRange(EntryWeight.Unpack(EntryWeight.Pack(weight)), weight, weight + weight / 1000);

    [Theory]
    [InlineData(-1)]
    [InlineData(EntryWeight.Most + 1)]
    public void Pack_OutOfBounds_Throws(long weight) => Assert.Throws<ArgumentOutOfRangeException>(() => EntryWeight.Pack(weight));
}
