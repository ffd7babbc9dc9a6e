using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Headroom.Telemetry.Tests.Collection;

public sealed class SeriesTableTests
{
    [Fact]
    public void Find_TenThousandTagValues_AreCappedWithAnOverflowSeries()
    {
        using var harness = new CollectorHarness();
        var counter = harness.Meter.CreateCounter<int>("hits");
        for (var i = 0; i < 10_000; i++)
            counter.Add(1, new KeyValuePair<string, object?>("user", $"user-{i}"));

        var samples = harness.Samples("hits_total{");
        Assert.Equal(2_001, samples.Length);
        Assert.Equal(["hits_total{otel_metric_overflow=\"true\"} 8000"], harness.Samples("hits_total{otel"));
        Assert.Equal(10_000, samples.Sum(CollectorAssert.ValueOf));
        Assert.Contains("headroom_telemetry_overflowed_total{instrument=\"hits\"} 8000", harness.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void Find_SameTagsInOtherOrder_IsTheSameSeries()
    {
        using var harness = new CollectorHarness();
        var counter = harness.Meter.CreateCounter<int>("n");
        counter.Add(1, new("a", "1"), new("b", "2"), new KeyValuePair<string, object?>("c", "3"));
        counter.Add(1, new("c", "3"), new("b", "2"), new KeyValuePair<string, object?>("a", "1"));
        counter.Add(1, new("b", "2"), new("a", "1"), new KeyValuePair<string, object?>("c", "3"));
        Assert.Equal(["n_total{a=\"1\",b=\"2\",c=\"3\"} 3"], harness.Samples("n_total"));
    }

    [Fact]
    public void Find_SwappedValues_AreDifferentSeries()
    {
        using var harness = new CollectorHarness();
        var counter = harness.Meter.CreateCounter<int>("n");
        counter.Add(1, new("a", "1"), new KeyValuePair<string, object?>("b", "2"));
        counter.Add(2, new("a", "2"), new KeyValuePair<string, object?>("b", "1"));
        Assert.Equal(["n_total{a=\"1\",b=\"2\"} 1", "n_total{a=\"2\",b=\"1\"} 2"], harness.Samples("n_total"));
    }

    [Fact]
    public void Find_ValuesThatReadTheSame_AreTheSameSeries()
    {
        using var harness = new CollectorHarness();
        var counter = harness.Meter.CreateCounter<int>("n");
        for (var again = 0; again < 2; again++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("status", 200));
            counter.Add(1, new KeyValuePair<string, object?>("status", "200"));
            counter.Add(1, new KeyValuePair<string, object?>("status", 200L));
            counter.Add(1, new("status", 200), new KeyValuePair<string, object?>("empty", ""));
            counter.Add(1, new("status", 200), new KeyValuePair<string, object?>("empty", null));
            counter.Add(1, new("status", 404), new KeyValuePair<string, object?>("status", 200));
        }

        Assert.Equal(["n_total{status=\"200\"} 12"], harness.Samples("n_total"));
    }

    [Fact]
    public void Find_RepeatedKey_TheLastValueCounts()
    {
        using var harness = new CollectorHarness();
        var counter = harness.Meter.CreateCounter<int>("n");
        for (var again = 0; again < 2; again++)
        {
            counter.Add(1, new("k", "1"), new KeyValuePair<string, object?>("k", "2"));
            counter.Add(10, new("k", "2"), new KeyValuePair<string, object?>("k", "1"));
        }

        Assert.Equal(["n_total{k=\"1\"} 20", "n_total{k=\"2\"} 2"], harness.Samples("n_total"));
    }

    [Fact]
    public void Find_KeysThatBecomeOneName_AreJoined()
    {
        using var harness = new CollectorHarness();
        harness.Meter.CreateCounter<int>("n").Add(1, new("a_b", "2"), new KeyValuePair<string, object?>("a.b", "1"));
        Assert.Equal(["n_total{a_b=\"1;2\"} 1"], harness.Samples("n_total"));
    }

    [Fact]
    public void Find_EveryKindOfValue_IsWrittenReadably()
    {
        using var harness = new CollectorHarness();
        var counter = harness.Meter.CreateCounter<int>("n");
        foreach (var value in new object[] { true, 'c', 1.5, DayOfWeek.Friday, new Uri("http://h/p"), Guid.Empty })
            counter.Add(1, new KeyValuePair<string, object?>("v", value));

        Assert.Equal(
            ["1.5", "00000000-0000-0000-0000-000000000000", "Friday", "c", "http://h/p", "true"],
            harness.Samples("n_total").Select(line => line.Split('"')[1]).Order(StringComparer.Ordinal).ToArray().OrderBy(v => v == "1.5" ? 0 : 1));
    }

    [Fact]
    public void Find_ReservedLabels_AreRenamed()
    {
        using var harness = new CollectorHarness(options => options.HistogramBoundaries["h"] = [1]);
        harness.Meter.CreateHistogram<int>("h").Record(1, new KeyValuePair<string, object?>("le", "mine"));
        Assert.Equal(
            ["h_bucket{exported_le=\"mine\",le=\"1.0\"} 1", "h_bucket{exported_le=\"mine\",le=\"+Inf\"} 1"],
            harness.Samples("h_bucket"));
    }

    [Fact]
    public void Find_LongValue_IsCutWithoutSplittingACharacter()
    {
        using var harness = new CollectorHarness(options => options.MaxLabelValueLength = 16);
        var counter = harness.Meter.CreateCounter<int>("n");
        counter.Add(1, new KeyValuePair<string, object?>("v", "123456789012345\U0001F600tail"));
        counter.Add(1, new KeyValuePair<string, object?>("v", "123456789012345\U0001F601"));
        Assert.Equal(["n_total{v=\"123456789012345\"} 2"], harness.Samples("n_total"));
    }

    [Fact]
    public void Find_OverflowLabelGivenAsTag_SharesTheOverflowSeries()
    {
        using var harness = new CollectorHarness(options => options.MaxSeriesPerInstrument = 1);
        var counter = harness.Meter.CreateCounter<int>("n");
        counter.Add(1, new KeyValuePair<string, object?>("otel.metric.overflow", true));
        counter.Add(1, new KeyValuePair<string, object?>("k", 1));
        counter.Add(1, new KeyValuePair<string, object?>("k", 2));
        Assert.Equal(["n_total{k=\"1\"} 1", "n_total{otel_metric_overflow=\"true\"} 2"], harness.Samples("n_total"));
    }

    [Fact]
    public void Find_KeysThatHashAlike_CostNoMoreThanOthers()
    {
        const int keys = 20_000;
        using var harness = new CollectorHarness();
        var alike = harness.Meter.CreateCounter<int>("alike");
        var different = harness.Meter.CreateCounter<int>("different");
        var timeAlike = TimeSpan.Zero;
        var timeDifferent = TimeSpan.Zero;

        // The hash of a key looks at its length and its ends. In turns, so that whatever else the machine does hits both.
        for (var i = 0; i < keys; i++)
        {
            var ends = new KeyValuePair<string, object?>($"k{100_000 + i}k", null);
            var varied = new KeyValuePair<string, object?>($"{(char)('a' + (i % 26))}{100_000 + i}{(char)('a' + (i / 26 % 26))}", null);
            var started = Stopwatch.GetTimestamp();
            alike.Add(1, ends);
            var between = Stopwatch.GetTimestamp();
            different.Add(1, varied);
            timeAlike += Stopwatch.GetElapsedTime(started, between);
            timeDifferent += Stopwatch.GetElapsedTime(between);
        }

        // Looking through all that were remembered makes it more than ten times as much.
        Assert.InRange(timeAlike / timeDifferent, 0, 5);
        Assert.Equal([$"alike_total {keys}"], harness.Samples("alike_total"));
        Assert.Equal([$"different_total {keys}"], harness.Samples("different_total"));
    }

    [Fact]
    public void Find_RandomTags_AgreesWithADictionary()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var harness = new CollectorHarness(options => options.MaxSeriesPerInstrument = 100_000);
        var counter = harness.Meter.CreateCounter<long>("n");
        var expected = new Dictionary<string, long>(StringComparer.Ordinal);
        for (var i = 0; i < 50_000; i++)
        {
            var tags = Enumerable.Range(0, random.Next(5))
                .Select(_ => new KeyValuePair<string, object?>($"k{random.Next(6)}", random.Next(3) == 0 ? random.Next(4) : $"{random.Next(4)}"))
                .DistinctBy(tag => tag.Key)
                .ToArray();
            counter.Add(i, tags);
            var label = string.Join(',', tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}=\"{tag.Value}\""));
            var line = label.Length == 0 ? "n_total" : $"n_total{{{label}}}";
            expected[line] = expected.GetValueOrDefault(line) + i;
        }

        Assert.Equal(
            expected.Select(pair => $"{pair.Key} {pair.Value}").Order(StringComparer.Ordinal),
            harness.Samples("n_total").Order(StringComparer.Ordinal));
    }
}
