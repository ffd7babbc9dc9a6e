using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Headroom.Telemetry.Benchmarks;

/// <summary>Nanoseconds that a thread spends on one measurement.</summary>
internal static class Recording
{
    public static IEnumerable<(string Name, double[] Medians)> Measure(int rounds, TimeSpan slice)
    {
        var cases = Recorders.Names.Select(name => new Case(name)).ToArray();
        Func<Case, double>[] figures =
        [
            one => Run(1, slice, one.Count),
            one => Run(2, slice, one.Count),
            one => Run(1, slice, one.Record),
            one => Run(2, slice, one.Record),
        ];
        var seen = cases.Select(_ => figures.Select(_ => new List<double>()).ToArray()).ToArray();

        // Two rounds for the compilers first.
        for (var round = -2; round < rounds; round++)
        {
            for (var c = 0; c < cases.Length; c++)
            {
                for (var f = 0; f < figures.Length; f++)
                {
                    var nanoseconds = figures[f](cases[c]);
                    if (round >= 0)
                        seen[c][f].Add(nanoseconds);
                }
            }
        }

        return cases.Select((one, c) =>
        {
            one.Dispose();
            return (one.Name, seen[c].Select(Median).ToArray());
        }).ToArray();
    }

    static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    static double Run(int threads, TimeSpan slice, Action<int> record)
    {
        const int batch = 1_000;
        var results = new double[threads];
        using var begin = new Barrier(threads);
        var running = Enumerable.Range(0, threads).Select(number => new Thread(() =>
        {
            begin.SignalAndWait();
            var count = 0L;
            var started = Stopwatch.GetTimestamp();
            TimeSpan elapsed;
            do
            {
                record(batch);
                count += batch;
                elapsed = Stopwatch.GetElapsedTime(started);
            }
            while (elapsed < slice);
            results[number] = elapsed.TotalNanoseconds / count;
        })).ToArray();
        foreach (var thread in running)
            thread.Start();
        foreach (var thread in running)
            thread.Join();
        return results.Average();
    }

    sealed class Case : IDisposable
    {
        readonly Meter meter;
        readonly Counter<long> counter;
        readonly Histogram<double> histogram;
        readonly IDisposable listener;

        public Case(string name)
        {
            Name = name;
            var meterName = "Benchmark." + name.Replace(' ', '-');
            meter = new Meter(meterName);
            listener = Recorders.Listen(name, meterName);
            counter = meter.CreateCounter<long>("items");
            histogram = meter.CreateHistogram<double>("duration", "s");
        }

        public string Name { get; }

        public void Count(int times)
        {
            for (var i = 0; i < times; i++)
                counter.Add(1, new KeyValuePair<string, object?>("route", "/items/{id}"), new KeyValuePair<string, object?>("outcome", "hit"));
        }

        public void Record(int times)
        {
            for (var i = 0; i < times; i++)
                histogram.Record(0.012, new KeyValuePair<string, object?>("route", "/items/{id}"), new KeyValuePair<string, object?>("outcome", "hit"));
        }

        public void Dispose()
        {
            listener.Dispose();
            meter.Dispose();
        }
    }
}
