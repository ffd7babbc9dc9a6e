using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Headroom.Telemetry.Prometheus;

namespace Headroom.Telemetry.Benchmarks;

/// <summary>What one scrape costs the process, without the network.</summary>
internal static class Scraping
{
    const int Series = 5_000;

    public static IEnumerable<string> Measure(int rounds)
    {
        yield return Row("counters", rounds, meter =>
        {
            var counters = Enumerable.Range(0, 10).Select(number => meter.CreateCounter<long>($"items.{number}", "{item}", "What it counts.")).ToArray();
            for (var i = 0; i < Series; i++)
                counters[i % 10].Add(i + 1, Tags(i / 10));
        });
        yield return Row("histograms of 14 buckets, each 17 lines", rounds, meter =>
        {
            var histograms = Enumerable.Range(0, 10).Select(number => meter.CreateHistogram<double>($"duration.{number}", "s", "How long it took.")).ToArray();
            for (var i = 0; i < Series; i++)
                histograms[i % 10].Record(i / 1000.0, Tags(i / 10));
        });
    }

    static KeyValuePair<string, object?>[] Tags(int number) => [new("http.route", $"/api/things/{{id}}/{number}"), new("http.response.status_code", 200), new("http.request.method", "GET")];

    static string Row(string kind, int rounds, Action<Meter> record)
    {
        using var meter = new Meter("Benchmark.Scrape." + kind.Split(' ')[0]);
        using var listening = Recorders.Headroom(meter.Name, options => options.MaxSeriesPerInstrument = Series);
        record(meter);
        var times = new List<double>();
        var output = new ArrayBufferWriter<byte>(16 * 1024 * 1024);
        var allocated = 0L;
        for (var round = -30; round < rounds * 3; round++)
        {
            output.ResetWrittenCount();
            var before = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            listening.Collector.CollectAsync(metrics => new PrometheusText(output).Write(MetricFamily.Group(metrics)), CancellationToken.None).GetAwaiter().GetResult();
            if (round >= 0)
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        return FormattableString.Invariant($"| {kind} | {times.Order().ElementAt(times.Count / 2):F2} | {output.WrittenCount:N0} | {allocated:N0} |");
    }
}
