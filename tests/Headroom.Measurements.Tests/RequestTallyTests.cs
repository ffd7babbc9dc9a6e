namespace Headroom.Measurements.Tests;

public sealed class RequestTallyTests
{
    [Fact]
    public void Summarize_CountedRequests_HasRatesAndPercentiles()
    {
        var summary = SampleRun.Tally([1_000_000, 2_000_000, 3_000_000, 4_000_000], errors: 1).Summarize(2, targetCpuSeconds: 0.002);

        Assert.Equal((4, 2.0, 1, 0.25), (summary.Requests, summary.RequestsPerSecond, summary.Errors, summary.ErrorRate));
        Assert.Equal((4_000, 400, 3_200, 6_400), (summary.BytesReceived, summary.BytesSent, summary.BodyBytes, summary.DecodedBodyBytes));
        Assert.Equal((1.0, 4.0, 0.5, 2.0), (summary.LatencyMs.Min, summary.LatencyMs.Max, summary.ServiceTimeMs.Min, summary.ServiceTimeMs.Max));
        Assert.Equal((0.75, 3, 1, 2), (summary.CacheHitRate, summary.CacheHits, summary.CacheMisses, summary.Dropped));
        Assert.Equal(500, summary.TargetCpuMicrosecondsPerRequest);
        Assert.Equal([KeyValuePair.Create("200", 3L), KeyValuePair.Create("503", 1L)], summary.Statuses);
        Assert.Equal([KeyValuePair.Create("http5xx", 1L)], summary.ErrorsByKind);
        Assert.Equal(4, LatencyHistogram.Decode(summary.LatencyHistogram!).Count);
        Assert.Equal(4, LatencyHistogram.Decode(summary.ServiceTimeHistogram!).Count);
    }

    [Fact]
    public void Summarize_NothingCounted_HasNoRateOutOfNothing()
    {
        var summary = new RequestTally().Summarize(0, targetCpuSeconds: 1);

        Assert.Equal((0, 0.0, 0.0, null, null), (summary.Requests, summary.RequestsPerSecond, summary.ErrorRate, summary.CacheHitRate, summary.TargetCpuMicrosecondsPerRequest));
        Assert.Equal(new LatencySummary(), summary.LatencyMs);
        Assert.Equal(0, LatencyHistogram.Decode(summary.LatencyHistogram!).Count);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Summarize_ImpossibleDuration_IsRefused(double durationSeconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RequestTally().Summarize(durationSeconds));

    [Fact]
    public void Summarize_Later_DoesNotChangeWhatWasSummarizedBefore()
    {
        var tally = SampleRun.Tally([1_000_000], errors: 1);
        var before = tally.Summarize(1);

        tally.RecordError("connectRefused");
        tally.StatusCounts[200]++;

        Assert.Equal(["http5xx"], before.ErrorsByKind.Keys);
        Assert.Equal(["503"], before.Statuses.Keys);
    }

    [Fact]
    public void Add_TwoTallies_AddsEveryCount()
    {
        var sum = SampleRun.Tally([1_000_000, 2_000_000], errors: 1);
        var other = SampleRun.Tally([3_000_000], errors: 0);
        other.RecordError("readTimeout");

        sum.Add(other);
        var summary = sum.Summarize(1);

        Assert.Equal((3, 2, 3_000, 300, 2_400, 4_800), (summary.Requests, summary.Errors, summary.BytesReceived, summary.BytesSent, summary.BodyBytes, summary.DecodedBodyBytes));
        Assert.Equal((1, 2, 4), (summary.CacheHits, summary.CacheMisses, summary.Dropped));
        Assert.Equal((1, 1), (summary.ErrorsByKind["http5xx"], summary.ErrorsByKind["readTimeout"]));
        Assert.Equal((2, 1), (summary.Statuses["200"], summary.Statuses["503"]));
        Assert.Equal((1.0, 3.0), (summary.LatencyMs.Min, summary.LatencyMs.Max));
    }

    [Fact]
    public void Add_OnlyOneTallyHasEvents_KeepsThem()
    {
        var sum = new RequestTally { Requests = 1 };
        Assert.Equal((0, null, null), (sum.Summarize(1).Events, sum.Summarize(1).TimeToFirstEventMs, sum.Summarize(1).TimeToFirstEventHistogram));
        var streamed = new RequestTally { Requests = 1, Events = 12 };
        streamed.TimeToFirstEvent.Record(5_000_000);

        sum.Add(streamed);
        sum.Add(new RequestTally { Requests = 1 });
        var summary = sum.Summarize(1);

        Assert.Equal((12, 5.0, 5.0), (summary.Events, summary.TimeToFirstEventMs!.Min, summary.TimeToFirstEventMs.Max));
        Assert.Equal(1, LatencyHistogram.Decode(summary.TimeToFirstEventHistogram!).Count);
    }

    [Fact]
    public void Reset_UsedTally_IsLikeNew()
    {
        var tally = SampleRun.Tally([1_000_000, 2_000_000], errors: 1);
        tally.Events = 3;
        tally.TimeToFirstEvent.Record(1_000_000);

        tally.Reset();

        var (reset, fresh) = (tally.Summarize(1), new RequestTally().Summarize(1));
        Assert.Equal(fresh with { Statuses = reset.Statuses, ErrorsByKind = reset.ErrorsByKind }, reset);
        Assert.Empty(reset.Statuses);
        Assert.Empty(reset.ErrorsByKind);
    }
}
