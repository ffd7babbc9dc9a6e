using System.Diagnostics.Metrics;

namespace Headroom.Telemetry.Tests.Collection;

public sealed class MetricCollectorTests
{
    [Fact]
    public void Record_EveryNumericType_IsTaken()
    {
        using var harness = new CollectorHarness();
        RecordEveryKind<byte>(harness.Meter, 3);
        RecordEveryKind<short>(harness.Meter, 3);
        RecordEveryKind(harness.Meter, 3);
        RecordEveryKind(harness.Meter, 3L);
        RecordEveryKind(harness.Meter, 3f);
        RecordEveryKind(harness.Meter, 3d);
        RecordEveryKind(harness.Meter, 3m);

        var text = harness.Text();
        foreach (var type in new[] { "Byte", "Int16", "Int32", "Int64", "Single", "Double", "Decimal" })
        {
            Assert.Contains($"\n{type}_counter_total 3\n", text, StringComparison.Ordinal);
            Assert.Contains($"\n{type}_updown 3\n", text, StringComparison.Ordinal);
            Assert.Contains($"\n{type}_gauge 3\n", text, StringComparison.Ordinal);
            Assert.Contains($"\n{type}_histogram_sum 3\n", text, StringComparison.Ordinal);
            Assert.Contains($"\n{type}_histogram_count 1\n", text, StringComparison.Ordinal);
            Assert.Contains($"\n{type}_histogram_bucket{{le=\"3.0\"}} 1\n", text, StringComparison.Ordinal);
            Assert.Contains($"\n{type}_observed_counter_total 3\n", text, StringComparison.Ordinal);
            Assert.Contains($"\n{type}_observed_updown 3\n", text, StringComparison.Ordinal);
            Assert.Contains($"\n{type}_observed_gauge 3\n", text, StringComparison.Ordinal);
        }
    }

    static void RecordEveryKind<T>(Meter meter, T value)
        where T : struct
    {
        var type = typeof(T).Name;
        meter.CreateCounter<T>($"{type}.counter").Add(value);
        meter.CreateUpDownCounter<T>($"{type}.updown").Add(value);
        meter.CreateGauge<T>($"{type}.gauge").Record(value);
        var advice = new InstrumentAdvice<T> { HistogramBucketBoundaries = [value] };
        meter.CreateHistogram($"{type}.histogram", null, null, null, advice).Record(value);
        meter.CreateObservableCounter($"{type}.observed.counter", () => value);
        meter.CreateObservableUpDownCounter($"{type}.observed.updown", () => value);
        meter.CreateObservableGauge($"{type}.observed.gauge", () => value);
    }

    [Fact]
    public async Task Record_ManyThreadsOnTheSameSeries_LosesNothing()
    {
        const int threads = 8;
        const int rounds = 20_000;
        using var harness = new CollectorHarness(options => options.HistogramBoundaries["h"] = [1, 2, 3]);
        var whole = harness.Meter.CreateCounter<long>("whole");
        var fraction = harness.Meter.CreateCounter<double>("fraction");
        var histogram = harness.Meter.CreateHistogram<double>("h");
        using var start = new Barrier(threads + 1);
        using var stop = new CancellationTokenSource();

        var writers = Enumerable.Range(0, threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                for (var i = 0; i < rounds; i++)
                {
                    // New series appear while others are found: 50 values, in both orders of the tags.
                    var route = new KeyValuePair<string, object?>("route", $"/r{i % 50}");
                    var status = new KeyValuePair<string, object?>("status", 200);
                    if ((i + thread) % 2 == 0)
                        whole.Add(1, route, status);
                    else
                        whole.Add(1, status, route);
                    fraction.Add(0.5, route);
                    histogram.Record(i % 4, route);
                }
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToArray();

        // Scrapes in between must neither disturb nor be torn: every histogram's +Inf bucket equals its count by construction, and its sum fits its buckets.
        var reader = Task.Run(() => ReadUntil(harness, stop.Token), TestContext.Current.CancellationToken);
        start.SignalAndWait(TestContext.Current.CancellationToken);
        await Task.WhenAll(writers);
        await stop.CancelAsync();
        await reader;

        var wholeSamples = harness.Samples("whole_total{");
        Assert.Equal(50, wholeSamples.Length);
        Assert.All(wholeSamples, line => Assert.EndsWith($" {threads * rounds / 50}", line, StringComparison.Ordinal));
        Assert.Equal(threads * rounds * 0.5, harness.Samples("fraction_total{").Sum(CollectorAssert.ValueOf));
        Assert.Equal(threads * rounds, harness.Samples("h_count{").Sum(CollectorAssert.ValueOf));
        Assert.Equal(threads * rounds * 1.5, harness.Samples("h_sum{").Sum(CollectorAssert.ValueOf));
        Assert.Equal(threads * rounds / 4, harness.Samples("h_bucket{").Where(line => line.Contains("le=\"1.0\"", StringComparison.Ordinal)).Sum(CollectorAssert.ValueOf) / 2);
    }

    static void ReadUntil(CollectorHarness harness, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var text = harness.Text();
            Prometheus.MetricFamilyTests.AssertEveryLineOnce(text);
        }
    }

    [Fact]
    public void Record_ThreeTagsOnAKnownSeries_AllocatesNothing()
    {
        using var harness = new CollectorHarness();
        var counter = harness.Meter.CreateCounter<long>("c");
        var updown = harness.Meter.CreateUpDownCounter<int>("u");
        var gauge = harness.Meter.CreateGauge<double>("g");
        var histogram = harness.Meter.CreateHistogram<double>("h");
        var requests = harness.Meter.CreateHistogram<double>(HeadroomMeters.HttpServerRequestDuration, "s");
        object status = 200;

        void RecordAll(int times)
        {
            for (var i = 0; i < times; i++)
            {
                counter.Add(1, new("a", "x"), new("b", status), new KeyValuePair<string, object?>("c", "z"));
                counter.Add(1, new("c", "z"), new("a", "x"), new KeyValuePair<string, object?>("b", status));
                counter.Add(1);
                updown.Add(-1, new("a", "x"), new KeyValuePair<string, object?>("b", status));
                gauge.Record(1.5, new KeyValuePair<string, object?>("a", "x"));
                histogram.Record(1.5, new("a", "x"), new("b", status), new KeyValuePair<string, object?>("c", "z"));
                requests.Record(0.01, new("a", "x"), new("b", status), new KeyValuePair<string, object?>("c", "z"));
            }
        }

        // A thread may move to another processor and make that one's copy of a series; so what counts is that it stops, not that it never happens.
        RecordAll(1_000);
        var fewest = long.MaxValue;
        for (var attempt = 0; attempt < 20 && fewest > 0; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            RecordAll(1_000);
            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, fewest);
    }

    [Fact]
    public void Collect_CallbackThrows_OthersAreReadAndTheFailureIsCounted()
    {
        using var harness = new CollectorHarness();
        harness.Meter.CreateObservableGauge("before", () => 1);
        harness.Meter.CreateObservableGauge("broken", new Func<int>(() => throw new InvalidOperationException("on purpose")));
        harness.Meter.CreateObservableGauge("half", () => Half());
        harness.Meter.CreateObservableGauge("after", () => 2);

        _ = harness.Text();
        var text = harness.Text();
        Assert.Contains("\nbefore 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\nafter 2\n", text, StringComparison.Ordinal);
        Assert.Empty(harness.Samples("broken"));
        Assert.Contains("headroom_telemetry_callback_errors_total 2", text, StringComparison.Ordinal);

        static IEnumerable<Measurement<int>> Half()
        {
            yield return new Measurement<int>(1, new KeyValuePair<string, object?>("part", 1));
            throw new InvalidOperationException("on purpose");
        }
    }

    [Fact]
    public void Record_ImpossibleValues_AreRefusedAndCounted()
    {
        using var harness = new CollectorHarness();
        var counter = harness.Meter.CreateCounter<double>("c");
        counter.Add(1);
        counter.Add(-5);
        counter.Add(double.NaN);
        counter.Add(double.PositiveInfinity);
        harness.Meter.CreateCounter<int>("i").Add(-1);
        var histogram = harness.Meter.CreateHistogram<double>("h");
        histogram.Record(1);
        histogram.Record(double.NaN);
        histogram.Record(double.NegativeInfinity);
        harness.Meter.CreateGauge<int>("g").Record(1, new KeyValuePair<string, object?>("bad", new Unprintable()));

        Assert.Equal(["c_total 1"], harness.Samples("c_total"));
        Assert.Equal(["h_sum 1"], harness.Samples("h_sum"));
        Assert.Equal(["headroom_telemetry_rejected_total 7"], harness.Samples("headroom_telemetry_rejected"));
    }

    sealed class Unprintable
    {
        public override string ToString() => throw new InvalidOperationException("on purpose");
    }

    [Fact]
    public void Collect_ObservedSeriesIsGone_DisappearsAndFreesItsPlace()
    {
        using var harness = new CollectorHarness(options => options.MaxSeriesPerInstrument = 3);
        var round = 0;
        harness.Meter.CreateObservableUpDownCounter(
            "jobs",
            () => Enumerable.Range(0, 3).Select(i => new Measurement<int>(i, new KeyValuePair<string, object?>("id", $"{round}-{i}"))));

        for (round = 0; round < 10; round++)
        {
            var samples = harness.Samples("jobs{");
            Assert.Equal([$"jobs{{id=\"{round}-0\"}} 0", $"jobs{{id=\"{round}-1\"}} 1", $"jobs{{id=\"{round}-2\"}} 2"], samples);
        }
    }

    [Fact]
    public void Collect_ObservableCounterBeyondTheLimit_AddsUpInTheOverflowSeriesOnce()
    {
        using var harness = new CollectorHarness(options => options.MaxSeriesPerInstrument = 2);
        harness.Meter.CreateObservableCounter(
            "read",
            () => Enumerable.Range(0, 5).Select(i => new Measurement<int>(10 + i, new KeyValuePair<string, object?>("disk", i))));

        string[] expected = ["read_total{disk=\"0\"} 10", "read_total{disk=\"1\"} 11", "read_total{otel_metric_overflow=\"true\"} 39"];
        Assert.Equal(expected, harness.Samples("read_total"));
        Assert.Equal(expected, harness.Samples("read_total"));
    }

    [Fact]
    public void Publish_SameMeterTwice_IsOneMetricUntilBothAreDisposed()
    {
        using var harness = new CollectorHarness();
        var first = new Meter("Test.Twice");
        var second = new Meter("Test.Twice");
        first.CreateCounter<int>("n").Add(1);
        second.CreateCounter<int>("n").Add(2);
        Assert.Equal(["n_total 3"], harness.Samples("n_total"));

        first.Dispose();
        Assert.Equal(["n_total 3"], harness.Samples("n_total"));
        second.Dispose();
        Assert.Empty(harness.Samples("n_total"));
    }

    [Fact]
    public void Publish_MeterOfAnotherContainer_IsNotCollected()
    {
        using var mine = new CollectorHarness();
        using var other = new CollectorHarness();
        mine.Meter.CreateCounter<int>("n").Add(1);
        other.Meter.CreateCounter<int>("n").Add(10);

        Assert.Equal(["n_total 1"], mine.Samples("n_total"));
        Assert.Equal(["n_total 10"], other.Samples("n_total"));
    }

    [Fact]
    public void Publish_MeterThatIsNotNamed_IsNotCollected()
    {
        using var harness = new CollectorHarness();
        using var other = new Meter("Testing");
        other.CreateCounter<int>("n").Add(1);
        Assert.Empty(harness.Samples("n_total"));
    }

    [Fact]
    public void Publish_TagsOfMeterAndInstrument_AreLabels()
    {
        using var harness = new CollectorHarness();
        var meter = harness.Factory.Create(new MeterOptions("Test.Tagged") { Tags = [new("zone", "a"), new("shadowed", "meter")] });
        meter.CreateCounter<int>("n", null, null, [new("shard", 7)]).Add(1, new KeyValuePair<string, object?>("shadowed", "call"));
        Assert.Equal(["n_total{shadowed=\"call\",shard=\"7\",zone=\"a\"} 1"], harness.Samples("n_total"));
    }

    [Fact]
    public void Boundaries_NameThenAdviceThenUnitThenDefault()
    {
        using var harness = new CollectorHarness(options =>
        {
            options.HistogramBoundaries["named"] = [1];
            options.HistogramBoundaries["By"] = [2];
        });
        var advice = new InstrumentAdvice<int> { HistogramBucketBoundaries = [3] };
        harness.Meter.CreateHistogram("named", "By", null, null, advice).Record(0);
        harness.Meter.CreateHistogram("advised", "By", null, null, advice).Record(0);
        harness.Meter.CreateHistogram<int>("by.unit", "By").Record(0);
        harness.Meter.CreateHistogram<double>("default.seconds", "s").Record(0);
        harness.Meter.CreateHistogram<double>("default.other").Record(0);

        Assert.Contains("named_bytes_bucket{le=\"1.0\"} 1", harness.Samples("named"));
        Assert.Contains("advised_bytes_bucket{le=\"3.0\"} 1", harness.Samples("advised"));
        Assert.Contains("by_unit_bytes_bucket{le=\"2.0\"} 1", harness.Samples("by"));
        Assert.Contains("default_seconds_bucket{le=\"0.005\"} 1", harness.Samples("default_seconds"));
        Assert.Contains("default_other_bucket{le=\"10000.0\"} 1", harness.Samples("default_other"));
        Assert.Equal(17, harness.Samples("default_seconds").Length);
    }

    /// <summary>The framework advises bounds for it, of which none is between 100 and 250 ms.</summary>
    [Fact]
    public void Boundaries_OfHttpRequests_HaveTheLimitsOfAlertsUnlessTheOptionsSayOtherwise()
    {
        var advice = new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.25] };
        using var standard = new CollectorHarness();
        standard.Meter.CreateHistogram("http.server.request.duration", "s", null, null, advice).Record(0.12);
        using var given = new CollectorHarness(options => options.HistogramBoundaries["http.server.request.duration"] = [4]);
        given.Meter.CreateHistogram("http.server.request.duration", "s", null, null, advice).Record(0.12);

        Assert.Contains("http_server_request_duration_seconds_bucket{le=\"0.1\"} 0", standard.Samples("http"));
        Assert.Contains("http_server_request_duration_seconds_bucket{le=\"0.15\"} 1", standard.Samples("http"));
        Assert.Equal(20, standard.Samples("http").Length);
        Assert.Equal(4, given.Samples("http").Length);
    }

    [Fact]
    public void Collect_ExcludedInstrument_IsLeftOutOfItsMeterOnly()
    {
        using var harness = new CollectorHarness(options => options.ExcludedInstruments.Add("test/Twice.Counted"));
        harness.Meter.CreateCounter<int>("twice.counted").Add(1);
        harness.Meter.CreateCounter<int>("once.counted").Add(1);
        harness.Factory.Create("Test.Other").CreateCounter<int>("twice.counted").Add(5);
        Assert.Equal(["twice_counted_total 5"], harness.Samples("twice"));
        Assert.Equal(["once_counted_total 1"], harness.Samples("once"));
    }
}
