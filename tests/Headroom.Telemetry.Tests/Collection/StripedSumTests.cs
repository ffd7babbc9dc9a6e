using Headroom.Telemetry.Collection;

namespace Headroom.Telemetry.Tests.Collection;

/// <summary>With one stripe for all threads, so that they really meet.</summary>
public sealed class StripedSumTests
{
    const int Threads = 4;
    const int Rounds = 300_000;

    [Fact]
    public void Add_ManyThreadsOnOneStripe_LosesNothing()
    {
        var sum = new StripedSum(stripes: 1);
        Run(i =>
        {
            sum.Add(i % 3);
            sum.Add(0.5);
        });
        Assert.Equal((long)Threads * Rounds, sum.Whole);
        Assert.Equal(Threads * Rounds * 0.5, sum.Fraction);
    }

    [Fact]
    public void Histogram_ManyThreadsOnOneStripe_LosesNothing()
    {
        var fine = new LogLinearHistogram(stripes: 1);
        var buckets = new HistogramSeries(new BucketBounds([1, 2]), isOverflow: false, isServerError: false, stripes: 1);
        Run(i =>
        {
            fine.Record(1);
            buckets.Record(i % 3);
        });

        var counts = new long[3];
        Assert.Equal((double)Threads * Rounds, buckets.Read(counts));
        Assert.Equal([2L * Threads * Rounds / 3, (long)Threads * Rounds / 3, 0], counts);
        Assert.Equal((long)Threads * Rounds, fine.Read().Count);
    }

    static void Run(Action<int> record)
    {
        using var start = new Barrier(Threads);
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            start.SignalAndWait();
            for (var i = 0; i < Rounds; i++)
                record(i);
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
    }
}
