using System.Globalization;

namespace Headroom.Measurements.Comparison;

/// <summary>Runs that can be compared: the same plan, on the same machine. What differs is told all at once.</summary>
public static class RunComparability
{
    /// <summary>A container's limit moves by less than this between two runs.</summary>
    private const double MemoryTolerance = 0.02;

    private static readonly (string What, Func<RunFile, string> Of)[] Facts =
    [
        ("plan", run => run.Plan.Digest is { } digest ? $"{run.Plan.Name} ({digest[..Math.Min(12, digest.Length)]})" : run.Plan.Name),
        ("measured by", run => run.Origin?.Tool ?? "headroom"),
        ("processor", run => run.Environment.Processor ?? "not known"),
        ("processors", run => run.Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)),
        ("operating system", run => run.Environment.OperatingSystem),
        ("architecture", run => run.Environment.Architecture),
    ];

    /// <summary>One sentence for each thing that is not the same in all runs; empty when they can be compared.</summary>
    public static IReadOnlyList<string> Differences(IReadOnlyList<RunFile> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        if (runs.Count == 0)
            return [];
        var differences = new List<string>();
        foreach (var (what, of) in Facts)
        {
            var values = runs.Select(of).Distinct(StringComparer.Ordinal).ToList();
            if (values.Count > 1)
                differences.Add($"{what}: {string.Join(" and ", values.Select(value => $"'{value}'"))}");
        }

        var memory = runs.Select(run => run.Environment.MemoryBytes).OfType<long>().ToList();
        if (memory.Count > 1 && memory.Max() > memory.Min() * (1 + MemoryTolerance))
            differences.Add($"memory: {memory.Min()} and {memory.Max()} bytes");
        return differences;
    }

    /// <summary>The same for runs that can be compared.</summary>
    internal static string Key(RunFile run) => string.Join('\n', Facts.Select(fact => fact.Of(run)));

    /// <exception cref="ComparisonException">Something differs.</exception>
    internal static void Require(IReadOnlyList<RunFile> runs)
    {
        if (Differences(runs) is { Count: > 0 } differences)
        {
            throw new ComparisonException(
                $"These runs cannot be compared, because more than what they measured differs:\n{string.Join('\n', differences.Select(difference => "  " + difference))}\nMeasure both sides with the same plan on the same machine; 'headroom report' shows two such runs side by side without judging.");
        }
    }
}

/// <summary>Runs that cannot be compared. The message says what differs and what to do.</summary>
public sealed class ComparisonException(string message) : Exception(message);
