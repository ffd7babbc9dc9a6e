using FsCheck;
using FsCheck.Fluent;

namespace Headroom.Measurements.Tests;

public sealed class LatencyHistogramTests(ITestOutputHelper output)
{
    private static readonly double[] Percentiles = [0, 0.001, 1, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 100];

    /// <summary>Durations as they come: many of the same magnitude, some at every other one, and the edges.</summary>
    private static readonly Gen<long> Durations = Gen.OneOf(
        Property.Between(0, 5_000),
        Property.Between(100_000, 100_000_000),
        Property.Between(0, LatencyHistogram.HighestTrackableNs),
        Property.Between(0, 41).Select(bits => (1L << (int)bits) - 1),
        Property.Between(0, 41).Select(bits => 1L << (int)bits),
        Gen.Constant(LatencyHistogram.HighestTrackableNs));

    private static Gen<long[]> Samples => Durations.ArrayOf();

    [Fact]
    public void ValueAtPercentile_AnySample_IsWithinOneThousandthAboveTheSortedList() =>
        Property.Check(output, Samples.Where(samples => samples.Length > 0), samples =>
        {
            var histogram = Recorded(samples);
            var sorted = samples.Order().ToArray();
            return Percentiles.All(percentile =>
            {
                var exact = sorted[Math.Max((int)Math.Ceiling((decimal)percentile / 100 * sorted.Length), 1) - 1];
                var observed = histogram.ValueAtPercentile(percentile);
                return observed >= exact && observed - exact <= exact / 1000.0;
            });
        });

    [Fact]
    public void MeanAndStdDev_AnySample_AreWithinOneThousandthOfTheExactOnes() =>
        Property.Check(output, Samples.Where(samples => samples.Length > 0), samples =>
        {
            var histogram = Recorded(samples);
            var mean = samples.Average(sample => (double)sample);
            var stdDev = Math.Sqrt(samples.Average(sample => Math.Pow(sample - mean, 2)));

            // A bucket's middle is off by 1/2048 of each value at most, so the deviations are off by that share of the largest value.
            return Math.Abs(histogram.MeanNs - mean) <= mean / 1000
                && Math.Abs(histogram.StdDevNs - stdDev) <= samples.Max() / 1000.0;
        });

    [Fact]
    public void Add_AnyTwoSamples_EqualsRecordingAllInOne() =>
        Property.Check(output, Samples.Two(), pair =>
        {
            var merged = Recorded(pair.Item1);
            merged.Add(Recorded(pair.Item2));
            var all = Recorded([.. pair.Item1, .. pair.Item2]);
            return merged.HasSameCounts(all) && merged.MinNs == all.MinNs && merged.MaxNs == all.MaxNs && merged.Summarize() == all.Summarize();
        });

    [Fact]
    public void Record_WithCount_EqualsRecordingThatOften() =>
        Property.Check(output, Durations.Zip(Gen.Choose(0, 50)), pair =>
        {
            var atOnce = new LatencyHistogram();
            atOnce.Record(pair.Item1, pair.Item2);
            return atOnce.HasSameCounts(Recorded([.. Enumerable.Repeat(pair.Item1, pair.Item2)]));
        });

    [Fact]
    public void Reset_AnySampleThenAnother_LeavesOnlyTheOther() =>
        Property.Check(output, Samples.Two(), pair =>
        {
            var reused = Recorded(pair.Item1);
            reused.Reset();
            foreach (var sample in pair.Item2)
                reused.Record(sample);

            var fresh = Recorded(pair.Item2);
            return reused.HasSameCounts(fresh) && reused.Summarize() == fresh.Summarize();
        });

    [Fact]
    public void RecordedBuckets_AnySample_AddUpAndRise() =>
        Property.Check(output, Samples, samples =>
        {
            var histogram = Recorded(samples);
            var buckets = histogram.RecordedBuckets().ToArray();
            return buckets.Sum(bucket => bucket.Count) == samples.Length
                && buckets.Zip(buckets.Skip(1)).All(pair => pair.First.ValueNs < pair.Second.LowestNs && pair.First.Percentile < pair.Second.Percentile)
                && (buckets.Length == 0 || (buckets[^1].Percentile == 100 && buckets[^1].ValueNs == samples.Max()))
                && buckets.All(bucket => bucket.Count == samples.Count(sample => sample >= bucket.LowestNs && sample <= bucket.ValueNs));
        });

    [Fact]
    public void ValueAtPercentile_ThousandValues_TakesTheNearestRankDespiteBinaryFractions()
    {
        var histogram = new LatencyHistogram();
        for (var value = 1; value <= 1000; value++)
            histogram.Record(value);

        Assert.Equal(999, histogram.ValueAtPercentile(99.9));
        Assert.Equal(990, histogram.ValueAtPercentile(99));
        Assert.Equal(500, histogram.ValueAtPercentile(50));
        Assert.Equal(1, histogram.ValueAtPercentile(0.1));
        Assert.Equal(1000, histogram.ValueAtPercentile(100));
    }

    [Fact]
    public void Summarize_NothingRecorded_IsAllZero()
    {
        var histogram = new LatencyHistogram();

        Assert.Equal(new LatencySummary(), histogram.Summarize());
        Assert.Empty(histogram.RecordedBuckets());
        Assert.Equal((0, 0, 0), (histogram.Count, histogram.MinNs, histogram.MaxNs));
    }

    [Fact]
    public void Summarize_OneValue_IsThatValueExactly()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(12_345_678);

        var summary = histogram.Summarize();

        Assert.All(
            [summary.Min, summary.P50, summary.P75, summary.P90, summary.P95, summary.P99, summary.P999, summary.Max],
            value => Assert.Equal(12.345678, value));
        Assert.Equal(12.345678, summary.Mean);
        Assert.Equal(0, summary.StdDev);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(long.MinValue, 0)]
    [InlineData(LatencyHistogram.HighestTrackableNs + 1, LatencyHistogram.HighestTrackableNs)]
    [InlineData(long.MaxValue, LatencyHistogram.HighestTrackableNs)]
    public void Record_OutOfRange_IsCountedAtTheBoundAndAsClamped(long valueNs, long expectedNs)
    {
        var histogram = new LatencyHistogram();

        histogram.Record(valueNs);
        histogram.Record(valueNs, 2);
        histogram.Record(0);

        Assert.Equal(3, histogram.Clamped);
        Assert.Equal(4, histogram.Count);
        Assert.Equal(expectedNs, histogram.MaxNs);
        histogram.Reset();
        Assert.Equal(0, histogram.Clamped);
    }

    [Fact]
    public void Record_HighestTrackable_IsNotClamped()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(LatencyHistogram.HighestTrackableNs);

        Assert.Equal(0, histogram.Clamped);
        Assert.Equal(3_600_000, histogram.Summarize().P50);
    }

    [Fact]
    public void Record_NegativeCount_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new LatencyHistogram().Record(1, -1));

    [Theory]
    [InlineData(-0.1)]
    [InlineData(100.1)]
    [InlineData(double.NaN)]
    public void ValueAtPercentile_OutOfRange_IsRefused(double percentile) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new LatencyHistogram().ValueAtPercentile(percentile));

    [Fact]
    public void Record_MillionTimes_AllocatesNothing()
    {
        var histogram = new LatencyHistogram();

        // The runtime itself may allocate on this thread now and then; an allocation by Record would show every time.
        var fewest = Enumerable.Range(0, 5).Min(_ => AllocatedBytes(() =>
        {
            for (var i = 0L; i < 1_000_000; i++)
                histogram.Record(i * 3_600_001, i & 3);
            histogram.Reset();
        }));

        Assert.Equal(0, fewest);
    }

    private static long AllocatedBytes(Action action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    internal static LatencyHistogram Recorded(IEnumerable<long> samples)
    {
        var histogram = new LatencyHistogram();
        foreach (var sample in samples)
            histogram.Record(sample);
        return histogram;
    }
}
