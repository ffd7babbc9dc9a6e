using System.CommandLine;
using Headroom.Cli.Sessions;
using Headroom.Measurements.Comparison;

namespace Headroom.Cli.Compare;

/// <summary><c>headroom compare</c>: did it become slower? Of stored runs, or of two builds that it runs itself.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var options = new CompareOptions();
        var command = new Command("compare", "Judges whether one build is slower than another, from repeated runs: worse, same, better, or cannot tell.");
        options.AddTo(command);
        command.SetAction((result, cancellation) => RunAsync(options.Read(result), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CompareRequest request, CancellationToken cancellation)
    {
        request.Outputs.CheckWritable(request.Session is { } planned ? planned.SourceFiles : StoredRuns.FilesOf(request));
        var outcome = request.Session is { } measured ? await SessionRunner.RunAsync(measured, TimeProvider.System, cancellation) : new SessionOutcome(StoredRuns.Read(request), Failure: null);
        var session = outcome.Session;
        if (session.Runs.Count == 0)
        {
            await Console.Error.WriteLineAsync("Interrupted before the first block was complete: nothing to compare.");
            return ExitCode.Interrupted;
        }

        var result = RunComparison.Compare(session.Pairs(), request.Judging);
        var exitCode = await CompareOutcome.ReportAsync(session with { Comparison = result }, request);
        outcome.ThrowIfFailed();
        return exitCode;
    }
}
