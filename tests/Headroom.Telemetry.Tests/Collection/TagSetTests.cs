using Headroom.Telemetry.Collection;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Headroom.Telemetry.Tests.Collection;

/// <summary>Equality must be right by itself: the hash that is compared first can collide.</summary>
public sealed class TagSetTests
{
    static readonly Tag[] Known = [new("a", 1), new("b", "2")];

    public static TheoryData<string, Tag[], bool> Given() => new()
    {
        { "same order", [new("a", 1), new("b", "2")], true },
        { "other order", [new("b", "2"), new("a", 1)], true },
        { "other value", [new("a", 2), new("b", "2")], false },
        { "other type", [new("a", 1L), new("b", "2")], false },
        { "swapped values", [new("a", "2"), new("b", 1)], false },
        { "fewer", [new("a", 1)], false },
        { "more", [new("a", 1), new("b", "2"), new("c", 3)], false },
        { "repeated", [new("a", 1), new("a", 1)], false },
        { "repeated the other", [new("b", "2"), new("b", "2")], false },
        { "null value", [new("a", null), new("b", "2")], false },
        { "null key", [new(null!, 1), new("b", "2")], false },
    };

    [Theory]
    [MemberData(nameof(Given))]
    public void Same_AnyOrder_ComparesAsASet(string what, Tag[] given, bool expected)
    {
        Assert.True(expected == TagSet.Same(Known, given), what);
        if (expected)
            Assert.Equal(TagSet.Hash(Known), TagSet.Hash(given));
    }

    [Fact]
    public void CanBeKept_Values_OnlySmallOnesThatCompareByValue()
    {
        Assert.True(TagSet.CanBeKept([new("a", 1), new("b", null), new("c", DayOfWeek.Friday), new("d", true), new("e", 1.5m)], 10));
        Assert.False(TagSet.CanBeKept([new("a", new object())], 10));
        Assert.False(TagSet.CanBeKept([new("a", "eleven char")], 10));
        Assert.False(TagSet.CanBeKept([new("eleven char", 1)], 10));
        Assert.False(TagSet.CanBeKept([new("a", 1), new("a", 2)], 10));
    }
}
