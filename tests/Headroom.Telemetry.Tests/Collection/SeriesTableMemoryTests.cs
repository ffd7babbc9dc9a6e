using System.Diagnostics.Metrics;

namespace Headroom.Telemetry.Tests.Collection;

/// <summary>
/// Alone, because it reads the memory of the whole process. Remembering each attack's tags would take more than 100 bytes for each measurement, five times
/// what is allowed.
/// </summary>
[Collection(nameof(MeasuresProcessMemory))]
public sealed class SeriesTableMemoryTests
{
    const int Attacks = 1_000_000;
    const long Allowance = 20_000_000;

    [Fact]
    public void Find_AMillionTagValuesSomeLong_KeepsMemoryBounded()
    {
        using var harness = new CollectorHarness(options => options.MaxLabelValueLength = 64);
        var counter = harness.Meter.CreateCounter<int>("hits");
        var histogram = harness.Meter.CreateHistogram<int>("sizes");
        var filler = new string('x', 4_000);

        var grown = Growth(i =>
        {
            var tag = new KeyValuePair<string, object?>("path", $"/{i}{filler[..(i % 100 == 0 ? 4_000 : 20)]}");
            counter.Add(1, tag);
            histogram.Record(1, tag);
        });

        Assert.InRange(grown, long.MinValue, Allowance);
        Assert.Equal(Attacks, harness.Samples("sizes_count{").Sum(CollectorAssert.ValueOf));
    }

    [Fact]
    public void Find_AMillionSpellingsOfOneSeries_KeepsMemoryBounded()
    {
        using var harness = new CollectorHarness();
        var counter = harness.Meter.CreateCounter<int>("hits");

        // A tag without a value is left out, so these are all the same series, under a million names.
        var grown = Growth(i =>
        {
            var key = $"{(char)('a' + (i % 26))}{i}{new string('x', i % 41)}{(char)('a' + (i / 26 % 26))}";
            counter.Add(1, new("route", "/"), new KeyValuePair<string, object?>(key, null));
        });

        Assert.InRange(grown, long.MinValue, Allowance);
        Assert.Equal([$"hits_total{{route=\"/\"}} {Attacks}"], harness.Samples("hits_total"));
    }

    static long Growth(Action<int> attack)
    {
        for (var i = 0; i < Attacks / 100; i++)
            attack(i);
        var before = Held();
        for (var i = Attacks / 100; i < Attacks; i++)
            attack(i);
        return Held() - before;
    }

    static long Held()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}

[CollectionDefinition(DisableParallelization = true)]
public sealed class MeasuresProcessMemory;
