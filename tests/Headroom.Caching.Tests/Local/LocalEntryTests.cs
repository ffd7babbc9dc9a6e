using Headroom.Caching.Local;

namespace Headroom.Caching.Tests.Local;

public sealed class LocalEntryTests
{
    static readonly EntryLife Life = new(1, 2);

    public static TheoryData<bool, bool, bool> Parts => new()
    {
        { false, false, true },
        { true, false, true },
        { false, true, true },
        { true, true, true },
        { true, true, false },
    };

    [Theory]
    [MemberData(nameof(Parts))]
    public void TagsAndLife_OneBothOrNone_AreKeptApart(bool tagged, bool lives, bool tagsFirst)
    {
        object? tags = tagged ? new[] { new Tag("a", 0), new Tag("b", 0) } : null;
        var life = lives ? Life : null;
        var entry = tagsFirst ? new LocalEntry("k", 1, "v") { Tags = tags, Life = life } : new LocalEntry("k", 1, "v") { Life = life, Tags = tags };
        Assert.Same(tags, entry.Tags);
        Assert.Same(life, entry.Life);
    }

    [Fact]
    public void CountUse_SlidingEntry_IsCountedAndStillSlides()
    {
        var entry = new LocalEntry("k", 1, "v") { Slides = true };
        for (var i = 0; i < 5; i++)
        {
            Assert.False(entry.TryCountUse());
            Assert.False(entry.HasUsesEnough);
            Assert.Equal(Math.Min(i, LocalEntry.UsesMost), entry.Uses);
            entry.CountUse();
        }

        entry.TakeUse();
        Assert.Equal(LocalEntry.UsesMost - 1, entry.Uses);
        Assert.False(entry.TryCountUse());
    }

    [Fact]
    public void TryCountUse_EntryThatDoesNotSlide_CountsToTheMost()
    {
        var entry = new LocalEntry("k", 1, "v");
        for (var i = 1; i < 10; i++)
        {
            Assert.True(entry.TryCountUse());
            Assert.Equal(Math.Min(i, LocalEntry.UsesMost), entry.Uses);
        }

        Assert.True(entry.HasUsesEnough);
    }
}
