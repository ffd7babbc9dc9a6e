using Headroom.Measurements;

namespace Headroom.Reports.Tests.Samples;

/// <summary>What the tests make reports of, by name.</summary>
internal static class Inputs
{
    public static IReadOnlyList<string> Names { get; } = ["comparison", "run", "three runs", "empty", "nothing before", "one second", "rounds", "flows", "two flows", "hostile", "hostile plan", "verdict", "worth", "trend", "capacity", "capacity unseen"];

    public static ReportInput Comparison { get; } = new("Reference API, plain and tuned", [new LabeledRun("plain", SampleRuns.Plain), new LabeledRun("tuned", SampleRuns.Tuned)]);

    public static ReportInput Of(string title, RunFile run) => new(title, [new LabeledRun("run", run)]);

    public static ReportInput Named(string name) => name switch
    {
        "worth" => Comparison with { Ablation = Verdicts.Worth },
        "trend" => Of("History", SampleRuns.Eventful) with { Trends = Verdicts.History },
        "capacity" => Of("How much the chats take", Capacities.Complete),
        "capacity unseen" => Of("No rate is met", Capacities.Unseen),
        "verdict" => Comparison with { Comparison = Verdicts.Everything },
        "comparison" => Comparison,
        "run" => Of("Orders API under load", SampleRuns.Eventful),
        "three runs" => new ReportInput("Three runs", [new LabeledRun("plain", SampleRuns.Plain), new LabeledRun("indexes", SampleRuns.Eventful), new LabeledRun("tuned", SampleRuns.Tuned)]),
        "empty" => Of("Nothing measured", SampleRuns.Empty),
        "nothing before" => new ReportInput("Nothing before", [new LabeledRun("down", SampleRuns.Empty), new LabeledRun("up", SampleRuns.OneSecond)]),
        "one second" => Of("One second", SampleRuns.OneSecond),
        "rounds" => new ReportInput("Merged rounds", [new LabeledRun("plain", Rounds(7, 5.3, 240)), new LabeledRun("tuned", Rounds(9, 5.17, 900))]),
        "flows" => Of("A plan with flows", FlowRuns.Complete),
        "two flows" => new ReportInput("Flows, before and after", [new LabeledRun("before", FlowRuns.Complete), new LabeledRun("after", FlowRuns.Mended)]),
        "hostile plan" => Of(SampleRuns.HostileNames[1], LoadRuns.Hostile with { Thresholds = [.. LoadRuns.Hostile.Thresholds.Select(target => target with { ObservedText = "1 ms" })] }),
        "hostile" => new ReportInput(SampleRuns.HostileNames[0], [new LabeledRun(SampleRuns.HostileNames[1], SampleRuns.Hostile), new LabeledRun(SampleRuns.HostileNames[4], SampleRuns.Hostile)]),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such input."),
    };

    /// <summary>As the demo makes them: short rounds, none of them a whole number of seconds, merged into one run.</summary>
    private static RunFile Rounds(int seed, double seconds, int requestsPerSecond) =>
        RunMerge.Merge([.. Enumerable.Range(0, 3).Select(round => Round(seed + round, seconds, requestsPerSecond))]);

    private static RunFile Round(int seed, double seconds, int requestsPerSecond)
    {
        var run = SampleRun.Of([new("GET /a", 1600.0 / requestsPerSecond), new("GET /b", 3)], (int)Math.Ceiling(seconds), requestsPerSecond, seed);
        var last = run.Series[^1];
        var stub = last with { Requests = (long)(last.Requests * (seconds - last.Second)) };
        return run with { DurationSeconds = seconds, Series = [.. run.Series.SkipLast(1), stub] };
    }
}
