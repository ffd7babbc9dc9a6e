using System.Diagnostics.Metrics;
using System.Globalization;

namespace Headroom.Telemetry.Tests.Prometheus;

public sealed class PrometheusTextTests
{
    [Fact]
    public void Write_EveryKind_GivesTheFormatToTheLetter()
    {
        using var harness = new CollectorHarness(options => options.Meters.Remove("Headroom.*"));
        var meter = harness.Meter;
        var orders = meter.CreateCounter<long>("orders", "{order}", "Orders \\ taken\nso far.");
        orders.Add(3, new KeyValuePair<string, object?>("shop", "b"));
        orders.Add(2, new KeyValuePair<string, object?>("shop", "a"));
        meter.CreateUpDownCounter<int>("queue", null, "Waiting.").Add(-4);
        meter.CreateGauge<double>("temperature", "Cel", "Outside.").Record(-0.5);
        var wait = meter.CreateHistogram<double>("wait", "s", "Time waited.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        wait.Record(0.1, new KeyValuePair<string, object?>("line", 1));
        wait.Record(0.25, new KeyValuePair<string, object?>("line", 1));
        wait.Record(5, new KeyValuePair<string, object?>("line", 1));
        meter.CreateObservableGauge("visitors", () => 7, null, "Inside.");

        Assert.Equal(
            """
            # HELP orders_total Orders \\ taken\nso far.
            # TYPE orders_total counter
            orders_total{shop="a"} 2
            orders_total{shop="b"} 3
            # HELP queue Waiting.
            # TYPE queue gauge
            queue -4
            # HELP temperature_celsius Outside.
            # TYPE temperature_celsius gauge
            temperature_celsius -0.5
            # HELP visitors Inside.
            # TYPE visitors gauge
            visitors 7
            # HELP wait_seconds Time waited.
            # TYPE wait_seconds histogram
            wait_seconds_bucket{line="1",le="0.1"} 1
            wait_seconds_bucket{line="1",le="1.0"} 2
            wait_seconds_bucket{line="1",le="+Inf"} 3
            wait_seconds_sum{line="1"} 5.35
            wait_seconds_count{line="1"} 3

            """.ReplaceLineEndings("\n"),
            harness.Text());
    }

    [Fact]
    public void Write_NonFiniteGauges_AreSpelledAsPrometheusReadsThem()
    {
        using var harness = new CollectorHarness();
        harness.Meter.CreateGauge<double>("a").Record(double.NaN);
        harness.Meter.CreateGauge<double>("b").Record(double.PositiveInfinity);
        harness.Meter.CreateGauge<float>("c").Record(float.NegativeInfinity);

        Assert.Equal(["a NaN"], harness.Samples("a "));
        Assert.Equal(["b +Inf"], harness.Samples("b "));
        Assert.Equal(["c -Inf"], harness.Samples("c "));
    }

    [Theory]
    [InlineData("tr-TR")]
    [InlineData("de-DE")]
    [InlineData("ar-SA")]
    public void Write_CultureWithOtherNumbers_WritesTheSame(string culture)
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
        try
        {
            using var harness = new CollectorHarness(options => options.HistogramBoundaries["i.waIt"] = [0.5, 1.5]);
            harness.Meter.CreateHistogram<double>("i.waIt", "s").Record(-1.25, new KeyValuePair<string, object?>("Iı", -2.5));
            harness.Meter.CreateCounter<double>("Image.size", "By").Add(1234567.5);

            Assert.Contains("i_waIt_seconds_bucket{I_=\"-2.5\",le=\"0.5\"} 1", harness.Samples("i_"));
            Assert.Contains("i_waIt_seconds_sum{I_=\"-2.5\"} -1.25", harness.Samples("i_"));
            Assert.Equal(["Image_size_bytes_total 1234567.5"], harness.Samples("Image"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    /// <summary>What the lines of a series have in common is kept beside the buffer that they are written to: both grow and end at every place of a line.</summary>
    [Fact]
    public void Write_HistogramsBeyondTheBuffer_HaveEveryLineWhole()
    {
        const int Series = 300;
        using var harness = new CollectorHarness();
        var histogram = harness.Meter.CreateHistogram<double>("took", "s");
        for (var i = 0; i < Series; i++)
            histogram.Record(0.02, new KeyValuePair<string, object?>("route", "/" + new string('é', Series - i) + new string('x', i * 3)));

        var lines = harness.Samples("took");
        Assert.Equal(Series * 17, lines.Length);
        for (var i = 0; i < Series; i++)
        {
            var labels = "route=\"/" + new string('é', Series - i) + new string('x', i * 3) + "\"";
            Assert.Contains($"took_seconds_bucket{{{labels},le=\"0.01\"}} 0", lines);
            Assert.Contains($"took_seconds_bucket{{{labels},le=\"0.025\"}} 1", lines);
            Assert.Contains($"took_seconds_bucket{{{labels},le=\"+Inf\"}} 1", lines);
            Assert.Contains($"took_seconds_count{{{labels}}} 1", lines);
        }
    }

    [Fact]
    public void Write_Twice_GivesTheSameText()
    {
        using var harness = new CollectorHarness(options => options.Meters.Remove("Headroom.*"));
        foreach (var name in new[] { "zebra", "ant", "mole" })
        {
            var counter = harness.Meter.CreateCounter<int>(name);
            foreach (var tag in new[] { "y", "a", "x" })
                counter.Add(1, new KeyValuePair<string, object?>("tag", tag));
        }

        var text = harness.Text();
        Assert.Equal(text, harness.Text());
        var names = text.Split('\n').Where(line => !line.StartsWith('#') && line.Length > 0).ToArray();
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
    }

    [Fact]
    public void Write_NoDescription_StillHasHelp()
    {
        using var harness = new CollectorHarness();
        harness.Meter.CreateCounter<int>("plain.thing").Add(1);
        Assert.Contains("# HELP plain_thing_total plain.thing of Test.\n", harness.Text(), StringComparison.Ordinal);
    }
}
