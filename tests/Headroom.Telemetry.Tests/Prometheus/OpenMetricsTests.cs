using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Headroom.Telemetry.Prometheus;

namespace Headroom.Telemetry.Tests.Prometheus;

public sealed class OpenMetricsTests
{
    [Fact]
    public void Write_EveryKind_GivesTheFormatToTheLetter()
    {
        using var harness = new CollectorHarness(options => options.Meters.Remove("Headroom.*"));
        var meter = harness.Meter;
        meter.CreateCounter<long>("sent", "By", "Bytes \"sent\" \\ so\nfar.").Add(3, new KeyValuePair<string, object?>("to", "b"));
        meter.CreateUpDownCounter<int>("queue", null, "Waiting.").Add(-4);
        meter.CreateGauge<double>("temperature", "Cel", "Outside.").Record(-0.5);
        meter.CreateGauge<int>("workers.count", "{worker}", "At work.").Record(2);
        var wait = meter.CreateHistogram<double>("wait", "s", "Time waited.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1, 1e21] });
        wait.Record(0.25, new KeyValuePair<string, object?>("line", 1));

        Assert.Equal(
            """
            # HELP queue Waiting.
            # TYPE queue gauge
            queue -4
            # HELP sent_bytes Bytes \"sent\" \\ so\nfar.
            # TYPE sent_bytes counter
            # UNIT sent_bytes bytes
            sent_bytes_total{to="b"} 3
            # HELP temperature_celsius Outside.
            # TYPE temperature_celsius gauge
            # UNIT temperature_celsius celsius
            temperature_celsius -0.5
            # HELP wait_seconds Time waited.
            # TYPE wait_seconds histogram
            # UNIT wait_seconds seconds
            wait_seconds_bucket{line="1",le="0.1"} 0
            wait_seconds_bucket{line="1",le="1.0"} 1
            wait_seconds_bucket{line="1",le="1E+21"} 1
            wait_seconds_bucket{line="1",le="+Inf"} 1
            wait_seconds_sum{line="1"} 0.25
            wait_seconds_count{line="1"} 1
            # HELP workers_count_current At work.
            # TYPE workers_count_current gauge
            workers_count_current 2
            # EOF

            """.ReplaceLineEndings("\n"),
            harness.Text(ExpositionFormat.OpenMetrics));
    }

    [Fact]
    public void Write_CounterBesideAGaugeOfItsFamilysName_NamesNoFamilyTwice()
    {
        using var harness = new CollectorHarness(options => options.Meters.Remove("Headroom.*"));
        harness.Meter.CreateCounter<int>("jobs").Add(7);
        harness.Meter.CreateGauge<int>("jobs").Record(3);
        var text = harness.Text(ExpositionFormat.OpenMetrics);
        Assert.Contains("# TYPE jobs gauge\njobs 3\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE jobs_total unknown\njobs_total 7\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_RecordedActivity_GivesItsBucketAnExemplar()
    {
        using var harness = new CollectorHarness();
        var histogram = harness.Meter.CreateHistogram<double>("wait", "s", null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        using var activity = Recorded();
        histogram.Record(0.25);
        activity.Stop();
        histogram.Record(5);

        var lines = harness.Samples("wait_seconds_bucket", ExpositionFormat.OpenMetrics);
        Assert.Equal("wait_seconds_bucket{le=\"0.1\"} 0", lines[0]);
        Assert.Matches(
            $$"""^wait_seconds_bucket\{le="1\.0"\} 1 # \{trace_id="{{activity.TraceId}}",span_id="{{activity.SpanId}}"\} 0\.25 \d{10}(\.\d{1,3})?$""",
            lines[1]);
        Assert.Equal("wait_seconds_bucket{le=\"+Inf\"} 2", lines[2]);
        Assert.DoesNotContain("trace_id", harness.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ActivityThatNobodyRecordsOrExemplarsOff_HasNone()
    {
        using var on = new CollectorHarness();
        using var off = new CollectorHarness(options => options.Exemplars = false);
        var listening = on.Meter.CreateHistogram<double>("wait", "s");
        var deaf = off.Meter.CreateHistogram<double>("wait", "s");
        using (new Activity("unrecorded").SetIdFormat(ActivityIdFormat.W3C).Start())
            listening.Record(1);
        using (Recorded())
            deaf.Record(1);
        Assert.DoesNotContain(" # ", string.Join('\n', on.Samples("wait", ExpositionFormat.OpenMetrics)), StringComparison.Ordinal);
        Assert.DoesNotContain(" # ", string.Join('\n', off.Samples("wait", ExpositionFormat.OpenMetrics)), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ManyInOneBucket_KeepsOneOfThemForASecondThenTheNext()
    {
        var time = new ManualTime();
        using var harness = new CollectorHarness(time: time);
        var histogram = harness.Meter.CreateHistogram<double>("wait", "s");
        using var first = Recorded();
        histogram.Record(1);
        first.Stop();
        using var second = Recorded();
        histogram.Record(1);
        Assert.Equal(first.TraceId.ToString(), Traced());
        time.Advance(TimeSpan.FromSeconds(1));
        histogram.Record(1);
        Assert.Equal(second.TraceId.ToString(), Traced());

        string Traced() => Regex.Match(harness.Text(ExpositionFormat.OpenMetrics), "trace_id=\"(?<trace>[0-9a-f]{32})\"", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups["trace"].Value;
    }

    static Activity Recorded() =>
        new Activity("request").SetIdFormat(ActivityIdFormat.W3C).SetParentId(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded).Start();
}
