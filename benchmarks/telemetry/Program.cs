using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Headroom.Telemetry.Benchmarks;
using Headroom.Telemetry.Prometheus;

// What a measurement costs, by who listens, on one thread and on two that record the same series; and what a scrape of 5,000 series costs.
// Every figure is the median over rounds; rounds of all listeners take turns. Usage: [--rounds 9] [--milliseconds 100]
var rounds = Option("--rounds", 9);
var slice = TimeSpan.FromMilliseconds(Option("--milliseconds", 100));
Console.WriteLine(Invariant($"{Environment.ProcessorCount} processors, {System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}, median of {rounds} rounds of {slice.TotalMilliseconds} ms"));
Console.WriteLine();
Console.WriteLine("| one measurement with two tags, ns | counter, 1 thread | counter, 2 threads | histogram, 1 thread | histogram, 2 threads |");
Console.WriteLine("| --- | ---: | ---: | ---: | ---: |");
foreach (var (name, figures) in Recording.Measure(rounds, slice))
    Console.WriteLine($"| {name} | {string.Join(" | ", figures.Select(nanoseconds => Invariant($"{nanoseconds:F1}")))} |");
Console.WriteLine();
Console.WriteLine("| /metrics with 5,000 series | time, ms | bytes | allocated, bytes |");
Console.WriteLine("| --- | ---: | ---: | ---: |");
foreach (var row in Scraping.Measure(rounds))
    Console.WriteLine(row);

int Option(string name, int fallback)
{
    var at = Array.IndexOf(args, name);
    return at >= 0 ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : fallback;
}

static string Invariant(FormattableString text) => FormattableString.Invariant(text);
