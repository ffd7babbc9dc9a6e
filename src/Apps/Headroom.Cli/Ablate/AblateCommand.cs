using System.CommandLine;
using System.Globalization;
using Headroom.Cli.CommandLine;
using Headroom.Cli.Compare;
using Headroom.Cli.Sessions;
using Headroom.Load.Variants;
using Headroom.Measurements;
using Headroom.Measurements.Comparison;
using Headroom.Reports;

namespace Headroom.Cli.Ablate;

/// <summary><c>headroom ablate</c>: what each optimisation is worth, alone and on top of the others.</summary>
internal static class AblateCommand
{
    /// <summary>The least that can tell both effects of nine switches, after correction.</summary>
    private const int DefaultBlocks = 10;

    private static readonly TimeSpan DefaultDuration = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        var plan = new Argument<string>("PLAN") { Description = "The plan whose load every variant gets." };
        var variants = Options.Path("--variants", "FILE", "What starts the API, and its switches (YAML).");
        variants.Required = true;
        var threshold = Options.Percent("--threshold", "The smallest effect that matters. Default 5%.", RunComparison.ThresholdMin, RunComparison.ThresholdMax);
        var session = new SessionOptions("--blocks", "Runs of every variant, 6 to 200. Default 10.");
        var outputs = new SessionOutputOptions();
        var command = new Command("ablate", "Measures what each switch of an API is worth: alone on top of plain, and taken away from all.") { plan, variants, threshold };
        session.AddTo(command);
        outputs.AddTo(command);
        plan.Validators.Add(result => CommandLineRunner.RefuseOptionsAsArguments(result, command));
        command.SetAction((result, cancellation) =>
        {
            var files = outputs.Read(result);
            files.CheckWritable(result.GetValue(plan)!, result.GetValue(variants)!);
            var set = VariantsFile.Read(result.GetValue(variants)!);
            var request = session.Read(result, result.GetValue(plan)!, AblationVariants.Of(set), new SessionOptions.Defaults(DefaultBlocks, DefaultDuration, set.Ready));
            files.CheckWritable(request.SourceFiles);
            return RunAsync(set, request, new ComparisonOptions { Threshold = result.GetValue(threshold) ?? ComparisonOptions.DefaultThreshold }, files, cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(VariantSet set, SessionRequest request, ComparisonOptions judging, SessionOutputs outputs, CancellationToken cancellation)
    {
        if (!request.Quiet)
            await TellBeforeAsync(set, request, judging);
        var outcome = await SessionRunner.RunAsync(request, TimeProvider.System, cancellation);
        var session = outcome.Session;
        if (session.Runs.Count == 0)
        {
            await Console.Error.WriteLineAsync("Interrupted before the first block was complete: nothing to judge.");
            return ExitCode.Interrupted;
        }

        session = session with { Title = set.Name ?? session.Title, Ablation = Ablation.Judge(session, [.. set.Switches.Select(one => one.Name)], judging) };
        ConsoleReport.WriteAblation(Console.Out, session.Ablation, Terminal.Width, Terminal.Colour);
        await Console.Out.WriteLineAsync();
        await Console.Out.WriteLineAsync($"order of the blocks: --seed {session.Seed}");
        var written = await outputs.WriteAsync(session, Input(session));
        outcome.ThrowIfFailed();
        return session.Interrupted ? ExitCode.Interrupted : written ? ExitCode.Fine : ExitCode.Usage;
    }

    /// <summary>How long it will take, and whether that will be long enough: both are better known before than after.</summary>
    private static async Task TellBeforeAsync(VariantSet set, SessionRequest request, ComparisonOptions judging)
    {
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{request.Variants.Count} variants, {request.Blocks} blocks, about {request.Length.TotalMinutes:0.0} minutes"));
        if (Ablation.BlocksMin(set.Switches.Count, judging) is var blocksMin && request.Blocks < blocksMin)
            await Console.Error.WriteLineAsync($"There will be intervals, but no verdicts: {set.Switches.Count} switches need --blocks {blocksMin} or more.");
    }

    /// <summary>Beside the table, plain and all as two runs, for everything that a report of two runs shows.</summary>
    private static ReportInput Input(SessionFile session) => new(
        $"{session.Title}: what each switch is worth",
        [.. new[] { AblationResult.PlainVariant, AblationResult.AllVariant }.Select(variant => new LabeledRun(variant, RunMerge.Merge(session.RunsOf(variant))))])
    {
        Ablation = session.Ablation,
    };
}
