using System.Globalization;
using Headroom.Measurements.Comparison;

namespace Headroom.Compare.Benchmarks;

/// <summary>The figures that a comparison uses of one run.</summary>
internal sealed record RecordedRun(double CpuMicroseconds, double AllocatedBytes, double P50Ms, double RequestsPerSecond, double P99Ms, long Requests);

/// <summary>A session of one build: three processes of it, measured in the same blocks.</summary>
internal sealed class RecordedSession
{
    private const string Header = "block,variant,position,cpu_us,allocated_bytes,p50_ms,requests_per_second,p99_ms,requests";

    private RecordedSession(string name, List<RecordedRun[]> blocks) => (Name, Blocks) = (name, blocks);

    public string Name { get; }

    /// <summary>Of each block one run of each process.</summary>
    public IReadOnlyList<RecordedRun[]> Blocks { get; }

    public static void Condense(string session, string file)
    {
        var read = SessionFileJson.Read(session);
        var lines = read.Runs.OrderBy(run => run.Block).ThenBy(run => run.Variant, StringComparer.Ordinal).Select(run => string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Block},{run.Variant},{run.Position},{run.Run.Summary.TargetCpuMicrosecondsPerRequest:0.###},{(double)run.Run.TargetAllocatedBytes!.Value / (run.Run.Summary.Requests + run.Run.WarmUp.Requests):0.#},{run.Run.Summary.LatencyMs.P50:0.######},{run.Run.Summary.RequestsPerSecond:0.###},{run.Run.Summary.LatencyMs.P99:0.######},{run.Run.Summary.Requests}"));
        File.WriteAllLines(file, lines.Prepend(Header));
    }

    public static RecordedSession Read(string file) => new(
        Path.GetFileNameWithoutExtension(file),
        [
            .. File.ReadLines(file).Skip(1).Select(line => line.Split(',')).GroupBy(fields => fields[0], StringComparer.Ordinal)
                .Select(block => block.Select(fields => new RecordedRun(Number(fields[3]), Number(fields[4]), Number(fields[5]), Number(fields[6]), Number(fields[7]), long.Parse(fields[8], CultureInfo.InvariantCulture))).ToArray()),
        ]);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
