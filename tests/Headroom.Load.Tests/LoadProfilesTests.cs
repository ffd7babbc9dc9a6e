namespace Headroom.Load.Tests;

public sealed class LoadProfilesTests
{
    public static TheoryData<string> Names => [.. LoadProfiles.All.Select(entry => entry.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void For_AnyProfileAtAnyScale_IsAValidPlan(string name)
    {
        foreach (var scale in new[] { LoadProfiles.ScaleMin, 0.1, 1, LoadProfiles.ScaleMax })
        {
            var plan = new LoadPlan
            {
                Name = name,
                Requests = [new PlannedRequest { Name = "a", Url = new Uri("http://127.0.0.1:1/a") }],
                Scenarios = LoadProfiles.Scale(LoadProfiles.For(name, name == LoadProfiles.Soak ? 10 : null), scale),
                Targets = [LoadProfiles.SoakTarget(scale)],
            };
            Assert.Empty(plan.Validate());
        }
    }

    [Theory]
    [InlineData("smoke", 30, 1)]
    [InlineData("load", 300, 50)]
    [InlineData("stress", 600, 200)]
    [InlineData("spike", 150, 500)]
    [InlineData("soak", 1800, 200)]
    [InlineData("mixed", 300, 200)]
    public void For_Profile_IsAsLongAndHighAsItSays(string name, double seconds, int connections)
    {
        var scenario = Assert.Single(LoadProfiles.For(name, name == LoadProfiles.Soak ? 10 : null));
        Assert.Equal((seconds, connections), (scenario.Duration.TotalSeconds, scenario.Connections));
        Assert.Equal(seconds / 10, LoadProfiles.Scale([scenario], 0.1)[0].Duration.TotalSeconds, 3);
    }

    [Fact]
    public void For_UnknownNameOrMissingRate_Throws()
    {
        Assert.Throws<ArgumentException>(() => LoadProfiles.For("none"));
        Assert.Throws<ArgumentException>(() => LoadProfiles.For(LoadProfiles.Soak));
        Assert.Throws<ArgumentException>(() => LoadProfiles.For("load", 5));
    }

    [Fact]
    public void SoakTarget_Scale_AllowsTheSameGrowthOverTheRun()
    {
        Assert.Equal("rss-growth<50MB/h", LoadProfiles.SoakTarget(1));
        Assert.Equal("rss-growth<500MB/h", LoadProfiles.SoakTarget(0.1));
    }
}
