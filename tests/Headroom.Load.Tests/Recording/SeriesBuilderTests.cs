using Headroom.Load.Recording;

namespace Headroom.Load.Tests.Recording;

public sealed class SeriesBuilderTests
{
    /// <summary>Whoever watches a run sees a second as soon as it is handed over, not when its memory is reused.</summary>
    [Fact]
    public void LatestAt_SecondJustHandedOver_IsOfAllWorkers()
    {
        var series = new SeriesBuilder(["a"]);
        Assert.Null(series.LatestAt(0.5));
        series.Add(Slice(0, 10));
        series.Add(Slice(0, 5));
        Assert.Null(series.LatestAt(1.1));
        var latest = series.LatestAt(1.2)!;
        Assert.Equal((0, 15, 15), (latest.Second, latest.Requests, latest.Vus));
        Assert.InRange(latest.LatencyMs.P50, 0.99, 1.01);
    }

    [Fact]
    public void LatestAt_SecondWithoutRequests_IsQuietAndNotTheOneBefore()
    {
        var series = new SeriesBuilder(["a"]);
        series.Add(Slice(0, 10));
        Assert.Equal(10, series.LatestAt(1.9)!.Requests);
        Assert.Equal((1, 0), (series.LatestAt(2.3)!.Second, series.LatestAt(2.3)!.Requests));
    }

    [Fact]
    public void LatestAt_LookingAtASecond_ChangesNothingInTheSeries()
    {
        var (watched, unwatched) = (new SeriesBuilder(["a"]), new SeriesBuilder(["a"]));
        for (var second = 0; second < 9; second++)
        {
            watched.Add(Slice(second, second + 1));
            unwatched.Add(Slice(second, second + 1));
            Assert.Equal(second + 1, watched.LatestAt(second + 1.3)!.Requests);
        }

        Assert.Equal(unwatched.Build(9), watched.Build(9));
    }

    private static SecondSlice Slice(long second, int requests)
    {
        var slice = new SecondSlice { Second = second, Requests = requests, Vus = requests };
        for (var i = 0; i < requests; i++)
            slice.Latency.Record(1_000_000);
        return slice;
    }
}
