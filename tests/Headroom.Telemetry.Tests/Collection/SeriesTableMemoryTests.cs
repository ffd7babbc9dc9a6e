using System.Diagnostics.Metrics;

namespace Headroom.Telemetry.Tests.Collection;

/// <summary>Alone, because it reads the memory of the whole process.</summary>
[Collection(nameof(MeasuresProcessMemory))]
public sealed class SeriesTableMemoryTests
{
    [Fact]
    public void Find_AMillionLongTagValues_KeepsMemoryBounded()
    {
        using var harness = new CollectorHarness(options => options.MaxLabelValueLength = 64);
        var counter = harness.Meter.CreateCounter<int>("hits");
        var histogram = harness.Meter.CreateHistogram<int>("sizes");
        var filler = new string('x', 4_000);

        void Attack(int from, int to)
        {
            for (var i = from; i < to; i++)
            {
                var tag = new KeyValuePair<string, object?>("path", $"/{i}{filler[..(i % 100 == 0 ? 4_000 : 20)]}");
                counter.Add(1, tag);
                histogram.Record(1, tag);
            }
        }

        Attack(0, 10_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Attack(10_000, 1_000_000);
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;

        // Nothing is added any more once the limit is reached; the allowance is for the runner's own doings.
        Assert.InRange(grown, long.MinValue, 4_000_000);
        Assert.Equal(1_000_000, harness.Samples("sizes_count{").Sum(CollectorAssert.ValueOf));
    }
}

[CollectionDefinition(DisableParallelization = true)]
public sealed class MeasuresProcessMemory;
