using Headroom.Measurements;

namespace Headroom.Reports.Tests.Samples;

/// <summary>What the tests make reports of, by name.</summary>
internal static class Inputs
{
    public static IReadOnlyList<string> Names { get; } = ["comparison", "run", "three runs", "empty", "nothing before", "one second", "hostile"];

    public static ReportInput Comparison { get; } = new("Reference API, plain and tuned", [new LabeledRun("plain", SampleRuns.Plain), new LabeledRun("tuned", SampleRuns.Tuned)]);

    public static ReportInput Of(string title, RunFile run) => new(title, [new LabeledRun("run", run)]);

    public static ReportInput Named(string name) => name switch
    {
        "comparison" => Comparison,
        "run" => Of("Orders API under load", SampleRuns.Eventful),
        "three runs" => new ReportInput("Three runs", [new LabeledRun("plain", SampleRuns.Plain), new LabeledRun("indexes", SampleRuns.Eventful), new LabeledRun("tuned", SampleRuns.Tuned)]),
        "empty" => Of("Nothing measured", SampleRuns.Empty),
        "nothing before" => new ReportInput("Nothing before", [new LabeledRun("down", SampleRuns.Empty), new LabeledRun("up", SampleRuns.OneSecond)]),
        "one second" => Of("One second", SampleRuns.OneSecond),
        "hostile" => new ReportInput(SampleRuns.HostileNames[0], [new LabeledRun(SampleRuns.HostileNames[1], SampleRuns.Hostile), new LabeledRun(SampleRuns.HostileNames[4], SampleRuns.Hostile)]),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such input."),
    };
}
