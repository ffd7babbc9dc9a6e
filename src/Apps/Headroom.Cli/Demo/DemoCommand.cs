using System.CommandLine;
using Headroom.Cli.CommandLine;
using Headroom.Measurements;
using Headroom.Reports;
using Spectre.Console;

namespace Headroom.Cli.Demo;

/// <summary><c>headroom demo</c>: the reference API plain, with the framework's own parts, and tuned; the same load on all, and what each endpoint gained.</summary>
internal static class DemoCommand
{
    private const string DefaultFolder = "headroom-out";
    private const string ReportFile = "demo.html";

    public static Command Create()
    {
        var quick = new Option<bool>("--quick") { Description = "About 40 seconds instead of about 4 minutes." };
        var folder = Options.Path("--out", "DIR", "Folder for the report and the run files. Default headroom-out.");
        var quiet = new Option<bool>("--quiet") { Description = "No progress while it runs." };
        var command = new Command("demo", "Measures the reference API plain, with ASP.NET Core's own cache and compression, and with Headroom's, and shows what each endpoint gained.") { quick, folder, quiet };
        command.SetAction((result, cancellation) => RunAsync(
            result.GetValue(quick) ? DemoSchedule.Quick : DemoSchedule.Full, result.GetValue(folder) ?? DefaultFolder, result.GetValue(quiet), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(DemoSchedule schedule, string folder, bool quiet, CancellationToken cancellation)
    {
        if (File.Exists(folder))
            throw new UsageException($"--out is '{folder}', which is a file; write a folder");
        Directory.CreateDirectory(folder);

        await using var progress = DemoProgress.Create(quiet);
        progress.Step("starting the reference API, plain, framework and tuned", TimeSpan.Zero);
        await using var plain = await ReferenceApiProcess.StartAsync("plain", [], cancellation);
        await using var framework = await ReferenceApiProcess.StartAsync("framework", [], cancellation);
        await using var tuned = await ReferenceApiProcess.StartAsync("tuned", [], cancellation);

        var rounds = new DemoRounds(schedule, [plain, framework, tuned], progress.Step);
        progress.Total = schedule.Total(DemoPlan.Names(plain.Address).Count, 3);
        var interrupted = false;
        try
        {
            await rounds.RunAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            interrupted = true;
        }

        await progress.DisposeAsync();
        if (rounds.Completed > 0)
            Report(rounds, folder, interrupted);
        else if (interrupted)
            await Console.Error.WriteLineAsync("Interrupted before the first round was complete: nothing to report.");
        return interrupted ? ExitCode.Interrupted : ExitCode.Fine;
    }

    private static void Report(DemoRounds rounds, string folder, bool interrupted)
    {
        LabeledRun[] runs = [.. rounds.Variants.Select(variant => new LabeledRun(variant, rounds.Merged(variant) with { Interrupted = interrupted }))];
        ConsoleReport.WriteComparison(Console.Out, runs, Terminal.Width, Terminal.Colour);
        Console.Out.WriteLine();
        Console.Out.WriteLine($"Latency, rate and bytes are of all endpoints under one mixed load, {rounds.Completed} interleaved round(s); CPU is of each endpoint alone.");
        Console.Out.WriteLine($"16 connections; {ServerCores.Describe()}.");

        Console.Out.WriteLine("plain: no optimisation. framework: the same API and database features with ASP.NET Core's output cache and response compression. tuned: with Headroom's.");

        foreach (var run in runs)
            RunFileJson.Write(Path.Combine(folder, run.Label + ".json"), run.Run);
        var path = Path.GetFullPath(Path.Combine(folder, ReportFile));
        HtmlReport.Write(path, new ReportInput("Reference API: plain, framework, tuned", runs));
        Console.Out.WriteLine();
        Console.Out.WriteLine($"Report: {path}");
    }
}

/// <summary>One line that says what the demo is doing: a bar on a terminal, a plain line a round otherwise. On standard error.</summary>
internal sealed class DemoProgress : IAsyncDisposable
{
    private readonly TaskCompletionSource _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _plain;
    private readonly Task _drawing = Task.CompletedTask;
    private string _label = "";
    private string _printed = "";
    private double _done;

    private DemoProgress(bool quiet)
    {
        _plain = !quiet && !Terminal.IsInteractive;
        if (quiet || _plain)
            return;
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        _drawing = Task.Run(() => console.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn { Width = 30 }, new RemainingTimeColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(DrawAsync));
    }

    /// <summary>Length of all steps together.</summary>
    public TimeSpan Total { get; set; } = TimeSpan.FromSeconds(1);

    public static DemoProgress Create(bool quiet) => new(quiet);

    /// <summary>A step begins; the ones before it are done.</summary>
    public void Step(string label, TimeSpan length)
    {
        Volatile.Write(ref _done, _done + length.TotalSeconds);
        Volatile.Write(ref _label, label);
        var heading = label.Split(',')[0];
        if (!_plain || heading == _printed)
            return;
        _printed = heading;
        Console.Error.WriteLine(heading);
    }

    public async ValueTask DisposeAsync()
    {
        _stop.TrySetResult();
        await _drawing;
    }

    private async Task DrawAsync(ProgressContext context)
    {
        var task = context.AddTask("starting", maxValue: 1);
        while (!_stop.Task.IsCompleted)
        {
            task.MaxValue = Total.TotalSeconds;
            task.Value = Math.Min(Volatile.Read(ref _done), Total.TotalSeconds);
            task.Description = Markup.Escape(Volatile.Read(ref _label));
            await Task.WhenAny(_stop.Task, Task.Delay(200));
        }
    }
}
