using System.CommandLine;
using System.Globalization;
using Headroom.Cli.Bench;
using Headroom.Cli.CommandLine;
using Headroom.Load;
using Headroom.Measurements;
using Headroom.Reports;

namespace Headroom.Cli.Capacity;

/// <summary><c>headroom capacity PLAN|URL</c>: the highest arrival rate that meets objectives.</summary>
internal static class CapacityCommand
{
    /// <summary>Options of bench that say what the search finds out: refused, so help does not offer them.</summary>
    private static readonly (string Option, string Instead, Func<BenchRequest, bool> IsGiven)[] Decided =
    [
        ("--rate", "--from", static request => request.Wishes.RatePerSecond is not null),
        ("--connections", "--max-in-flight", static request => request.Wishes.Connections is not null),
        ("--duration", "--step or --max-time", static request => request.Wishes.Duration is not null),
        ("--warmup", "--step", static request => request.Wishes.WarmUp is not null),
        ("--target", "--slo", static request => request.Targets.Count > 0),
    ];

    public static Command Create()
    {
        var command = new Command("capacity", "Finds the highest rate of arrivals at which a plan or an address meets its objectives, and how far that is from today's rate.");
        var request = new BenchOptions();
        var search = new CapacityCommandOptions();
        search.AddTo(command);
        request.AddTo(command);
        foreach (var option in command.Options.Where(static option => Decided.Any(decided => decided.Option == option.Name)))
            option.Hidden = true;
        command.SetAction((result, cancellation) => RunAsync(request.Read(result), search.Read(result), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(BenchRequest request, CapacityOptions capacity, CancellationToken cancellation)
    {
        RefuseContradictions(request);

        // A plan's own targets are the objectives where none are given: they are what its author promised.
        var plan = BenchPlan.From(request with { Targets = [] });
        if (capacity.Objectives.Count == 0)
            capacity = capacity with { Objectives = plan.Targets };
        var problems = capacity.Validate();
        if (problems.Count > 0)
            throw new UsageException(string.Join('\n', problems));
        BenchRun.RefuseMistakes(plan, request);

        RunFile run;
        try
        {
            run = await CapacityRun.RunAsync(plan, capacity, request.LoadOptions, request.Quiet ? null : new CapacityView(Console.Error), cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("interrupted before the first step had ended: there is nothing to print or write");
            return ExitCode.Interrupted;
        }

        ConsoleReport.WriteRun(Console.Out, run, Terminal.Width, Terminal.Colour);
        var written = await request.Outputs.WriteAsync(new ReportInput(run.Plan.Name, [new LabeledRun(run.Plan.Name, run)]));
        return ExitCodeOf(run.Capacity!, run, written);
    }

    private static void RefuseContradictions(BenchRequest request)
    {
        var given = Decided.Where(option => option.IsGiven(request)).ToArray();
        if (given.Length > 0)
            throw new UsageException(string.Join('\n', given.Select(option => $"{option.Option} does not go with headroom capacity, which decides that itself; write {option.Instead} instead")));
    }

    private static int ExitCodeOf(CapacityResult capacity, RunFile run, bool written)
    {
        if (run.Interrupted)
            return ExitCode.Interrupted;
        if (!written)
            return ExitCode.Usage;
        var missesGate = capacity.MinimumPerSecond is not null && run.Thresholds[^1] is { Passed: false, Undecided: false };
        return missesGate || capacity.EndedBy is CapacityEnd.MissedAtLowestRate or CapacityEnd.TargetCollapsed or CapacityEnd.TargetGone ? ExitCode.Missed : ExitCode.Fine;
    }
}

/// <summary>The options of a search, beside those of <c>headroom bench</c>.</summary>
internal sealed class CapacityCommandOptions
{
    private const string NoMetrics = "none";

    private readonly Option<string[]> _objectives = Options.Many(
        "--slo", "TARGET", "What has to hold, such as 'p99<200ms' or 'errors<0.1%'; repeatable. Default: the plan's targets.",
        text => ThresholdExpression.TryParse(text, out _, out var error) ? null : $"--slo: {error}");

    private readonly Option<double?> _from = Options.Rate("--from", "First rate. Default: half of --current, or 10/s.");
    private readonly Option<double?> _max = Options.Rate("--max", "Highest rate that is tried. Default 10000000/s.");
    private readonly Option<double?> _current = Options.Rate("--current", "Rate that the API gets today (45/s), for the headroom.");
    private readonly Option<double?> _min = Options.Rate("--min", "Gate: exit code 1 when the capacity is below (500/s).");
    private readonly Option<double?> _precision = Options.Percent("--precision", "Width of the 95 % interval at which it ends. Default 10%.", CapacityOptions.PrecisionMin, CapacityOptions.PrecisionMax);
    private readonly Option<TimeSpan?> _maxTime = Options.Duration("--max-time", "Longest time that it may take. Default 10m.", CapacityOptions.TimeMin, TimeSpan.FromHours(24));
    private readonly Option<TimeSpan?> _step = Options.Duration("--step", "Measured part of a step near the edge. Default: as the objectives need, at least 4s.", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
    private readonly Option<string?> _metrics = Options.PathAtTarget(
        "--metrics", "Path of the target's metrics (Prometheus text), for its garbage collection and thread pool; 'none' asks for none. Default: the plan's, or /metrics.", NoMetrics);
    private readonly Option<int?> _maxInFlight = Options.Whole("--max-in-flight", "Requests under way at a time, at most. Default: twice what the latency objective allows at the rate, 16 to 2000.", 1, 65_535);

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _objectives, _current, _min, _precision, _maxTime, _from, _max, _step, _maxInFlight, _metrics })
            command.Options.Add(option);
    }

    public CapacityOptions Read(ParseResult result) => new()
    {
        Objectives = result.GetValue(_objectives) ?? [],
        FromPerSecond = result.GetValue(_from),
        RateMaxPerSecond = result.GetValue(_max) ?? LoadLimits.RateMax,
        CurrentPerSecond = result.GetValue(_current),
        MinimumPerSecond = result.GetValue(_min),
        Precision = result.GetValue(_precision) ?? 0.1,
        MaxTime = result.GetValue(_maxTime) ?? TimeSpan.FromMinutes(10),
        StepDuration = result.GetValue(_step),
        MaxInFlight = result.GetValue(_maxInFlight),
        AsksRuntime = result.GetValue(_metrics) != NoMetrics,
        MetricsPath = result.GetValue(_metrics) is var path && path == NoMetrics ? null : path,
    };
}

/// <summary>A line for each step that has ended, on standard error.</summary>
internal sealed class CapacityView(TextWriter output) : IProgress<CapacityProgress>
{
    public void Report(CapacityProgress value)
    {
        if (value.Ended is not { } step)
            return;
        var line = string.Create(CultureInfo.InvariantCulture, $"  {value.Step,2}  {step.RatePerSecond,9:0.#}/s  {Word(step.Outcome),-9}  p99 {step.LatencyMs.P99:0.#} ms, {step.ErrorRate * 100:0.##} % errors");
        var interval = value.Interval is var (low, high) ? string.Create(CultureInfo.InvariantCulture, $"  → {low:0.#} to {high:0.#}/s") : "";
        try
        {
            output.WriteLine(line + interval);
        }
        catch (IOException)
        {
            // The terminal is gone; the search is not.
        }
    }

    private static string Word(CapacityOutcome outcome) => outcome switch
    {
        CapacityOutcome.Met => "met",
        CapacityOutcome.Missed => "missed",
        CapacityOutcome.Collapsed => "cut short",
        _ => "generator",
    };
}
