using Headroom.Telemetry.Timings;

namespace Headroom.Telemetry.Tests.Timings;

public sealed class TimeSpentTests
{
    static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    [Fact]
    public void ServerTiming_PartsReported_TheRestIsTheHandlers()
    {
        var spent = new TimeSpent(Ms(100), [new("db", Ms(60.25), 3), new("cache", Ms(1.5), 1)], paused: TimeSpan.Zero);
        Assert.Equal("total;dur=100, db;dur=60.25;desc=\"3 times\", cache;dur=1.5, handler;dur=38.25", spent.ServerTiming());
        Assert.Equal("db", spent.Longest.Part);
        Assert.Equal("db 60.3 ms in 3, handler 38.3 ms, cache 1.5 ms", spent.ToString());
    }

    [Fact]
    public void Longest_NothingReported_IsTheHandler() =>
        Assert.Equal(new PartTime("handler", Ms(1_500), 1), new TimeSpent(Ms(1_500), [], TimeSpan.Zero).Longest);

    [Fact]
    public void Longest_CollectorPausedMostOfIt_IsTheCollector()
    {
        // The database's time contains the pause as well: what waited for it was not the database.
        var spent = new TimeSpent(Ms(1_000), [new("db", Ms(300), 1)], paused: Ms(650));
        Assert.Equal("gc", spent.Longest.Part);
        Assert.Equal("total;dur=1000, db;dur=300, gc;dur=650, handler;dur=50", spent.ServerTiming());
    }

    [Fact]
    public void ServerTiming_PartsBesideEachOther_LeaveNoNegativeRest()
    {
        var spent = new TimeSpent(Ms(100), [new("upstream", Ms(270), 3)], paused: Ms(5));
        Assert.Equal("total;dur=100, upstream;dur=270;desc=\"3 times\", gc;dur=5, handler;dur=0", spent.ServerTiming());
    }

    [Fact]
    public void ServerTiming_PartsThatAreOurs_AreNotTakenFromReports() =>
        Assert.Equal("total;dur=10, handler;dur=10", new TimeSpent(Ms(10), [new("handler", Ms(99), 1), new("gc", Ms(99), 1)], TimeSpan.Zero).ServerTiming());

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("a,b")]
    [InlineData("x\r\nSet-Cookie: a=b")]
    [InlineData("ünknown")]
    [InlineData("012345678901234567890123456789012")]
    public void Add_NameThatIsNoToken_IsRefused(string part) =>
        Assert.Contains("write 1 to 32 letters", Assert.Throws<ArgumentException>(() => new TimedRequest(this).Add(part, Ms(1))).Message, StringComparison.Ordinal);

    [Fact]
    public void Add_MorePartsThanKept_LeavesTheRestOut()
    {
        var request = new TimedRequest(this);
        for (var i = 0; i < 100; i++)
            request.Add($"part-{i}", Ms(1));
        Assert.Equal(TimedRequest.PartsMost, request.Read().Length);
    }

    [Fact]
    public void Add_AfterTheEnd_ChangesNothing()
    {
        var request = new TimedRequest(this);
        request.Add("db", Ms(1));
        Assert.Equal(new PartTime("db", Ms(1), 1), Assert.Single(request.End()));
        request.Add("db", Ms(1));
        Assert.Equal(new PartTime("db", Ms(1), 1), Assert.Single(request.Read()));
    }

    [Fact]
    public async Task Add_FromManyTasks_LosesNothing()
    {
        var request = new TimedRequest(this);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 1_000; i++)
                request.Add("db", Ms(1));
        })));
        Assert.Equal(new PartTime("db", Ms(8_000), 8_000), Assert.Single(request.Read()));
    }

    [Fact]
    public void Add_OutsideARequest_DoesNothing()
    {
        Assert.False(RequestTimings.IsOn);
        RequestTimings.Add("no name at all", Ms(1));
        using (RequestTimings.Measure("render"))
            Assert.False(RequestTimings.IsOn);
    }
}
