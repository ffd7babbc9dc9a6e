using Headroom.Cli.CommandLine;
using Headroom.Measurements;
using Headroom.Measurements.Comparison;
using Headroom.Reports;

namespace Headroom.Cli.Compare;

/// <summary>Tells what a comparison came to and turns it into an exit code.</summary>
internal static class CompareOutcome
{
    public static async Task<int> ReportAsync(SessionFile session, CompareRequest request)
    {
        var result = session.Comparison!;
        ConsoleReport.WriteVerdict(Console.Out, result, Terminal.Width, Terminal.Colour);
        if (request.Session is not null)
            WriteSession(session);
        else if (session.Seed == 0 && result.Pairs > 1)
            WritePairs(session);
        var written = await request.Outputs.WriteAsync(session, Input(session));
        if (session.Interrupted && request.Session is not null)
            return ExitCode.Interrupted;
        if (request.Gate && !result.Gates && !result.Worse)
            await Console.Error.WriteLineAsync("This comparison does not gate: see the findings for why. It was not failed.");
        return !written ? ExitCode.Usage : request.Gate && result.Worse ? ExitCode.Missed : ExitCode.Fine;
    }

    /// <summary>Each side's runs as one beside the verdict, for everything that a report of two runs shows.</summary>
    private static ReportInput Input(SessionFile session)
    {
        var sides = new[] { (Label: session.Comparison!.Before, Variant: SessionFile.BeforeVariant), (Label: session.Comparison.After, Variant: SessionFile.AfterVariant) };
        return new ReportInput(session.Title, [.. sides.Select(side => new LabeledRun(side.Label, Shown(session.RunsOf(side.Variant))))]) { Comparison = session.Comparison };
    }

    private static void WriteSession(SessionFile session)
    {
        Console.Out.WriteLine();
        foreach (var variant in session.Variants)
            Console.Out.WriteLine($"{variant.Name}: {variant.Source}");
        Console.Out.WriteLine($"order of the blocks: --seed {session.Seed}");
    }

    /// <summary>Files are paired by their order, and a shell may have put them in another one than was meant.</summary>
    private static void WritePairs(SessionFile session)
    {
        var (before, after) = (session.Variants[0].Source.Split(' '), session.Variants[1].Source.Split(' '));
        if (before.Length != after.Length)
            return;
        Console.Out.WriteLine();
        Console.Out.WriteLine("pairs: " + string.Join(", ", before.Zip(after).Select(pair => $"{Path.GetFileName(pair.First)} → {Path.GetFileName(pair.Second)}")));
    }

    // Runs of another tool have no histograms to merge; the last stands for its side, and the comparison itself is made of all of them.
    private static RunFile Shown(IReadOnlyList<RunFile> runs) => runs.Any(static run => run.Origin is not null) ? runs[^1] : RunMerge.Merge(runs);
}
