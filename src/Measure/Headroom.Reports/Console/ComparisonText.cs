using Headroom.Measurements;
using Headroom.Reports.Figures;
using Headroom.Reports.Tables;

namespace Headroom.Reports.Console;

/// <summary>A line an endpoint for each run and one for the gain under the same figures, then the same for all requests together. Runs between the first and the last have a line for the gain over them, too.</summary>
internal sealed class ComparisonText(TonedWriter writer, IReadOnlyList<LabeledRun> runs, int width)
{
    private readonly LabeledRun _before = runs[0];
    private readonly LabeledRun _after = runs[^1];

    public void Write()
    {
        var between = runs.Skip(1).SkipLast(1).ToList();
        var pairs = EndpointPair.Of(_before.Run, _after.Run);
        var metrics = EndpointPair.KnownMetrics(pairs);
        var table = new TextTable([new("Endpoint", RightAligned: false, Shrinks: true), new("", RightAligned: false), .. metrics.Select(Column)]);
        foreach (var pair in pairs)
        {
            if (pair != pairs[0])
                table.AddBlank();
            table.Add([new Cell(VisibleText.Of(pair.Name), pair.IsTotal ? Tone.Heading : Tone.Plain), VisibleText.Of(_before.Label), .. metrics.Select(metric => (Cell)metric.Text(pair.Before))]);
            foreach (var run in between)
                table.Add(["", VisibleText.Of(run.Label), .. metrics.Select(metric => (Cell)metric.Text(SummaryOf(run, pair)))]);
            table.Add(["", VisibleText.Of(_after.Label), .. metrics.Select(metric => (Cell)metric.Text(pair.After))]);
            table.Add(["", new Cell("gain", Tone.Quiet), .. metrics.Select(metric => GainCell(metric.GainOf(pair.Before, pair.After)))]);
            foreach (var run in between)
                table.Add(["", new Cell("over " + VisibleText.Of(run.Label), Tone.Quiet), .. metrics.Select(metric => GainCell(metric.GainOf(SummaryOf(run, pair), pair.After)))]);
        }

        writer.Line();
        writer.Write(VisibleText.Of(_after.Label), Tone.Heading);
        writer.Line(" compared with " + string.Join(" and ", runs.SkipLast(1).Select(run => VisibleText.Of(run.Label))));
        writer.Line();
        table.WriteTo(writer, width);
        writer.Line();
        foreach (var line in VisibleText.Wrap("gain: how many times better; below 1× it got worse. Latency, bytes and CPU: before over after. Requests/s: after over before.", width))
            writer.Line(line, Tone.Quiet);
        WriteTargets();
        FindingText.Write(writer, [.. runs.SelectMany(run => run.LabeledWarnings())], width);
    }

    private static RequestSummary? SummaryOf(LabeledRun run, EndpointPair pair) => pair.IsTotal ? run.Run.Summary : run.Run.RequestsByName.GetValueOrDefault(pair.Name);

    private static Column Column(Metric metric) => new(metric.Label, Dispensable: metric == Metric.P50 ? 1 : metric == Metric.BytesPerRequest ? 2 : 0);

    private static Cell GainCell(Gain gain) => gain.Direction switch
    {
        GainDirection.Unknown => new Cell(""),
        GainDirection.Better => new Cell(Text(gain, "better"), Tone.Good),
        GainDirection.Worse => new Cell(Text(gain, "worse"), Tone.Bad),
        _ => new Cell(Text(gain, "same"), Tone.Quiet),
    };

    /// <summary>A figure that is zero on one side has no ratio; the word says what happened.</summary>
    private static string Text(Gain gain, string word) => gain.Ratio is { } ratio ? Figure.Times(ratio) : word;

    private void WriteTargets()
    {
        foreach (var (label, run) in runs)
        {
            if (RunDescription.Targets(run) is not { } targets)
                continue;
            writer.Line();
            writer.Line($"{VisibleText.Of(label)}: {targets}", run.Thresholds.All(target => target.Passed) ? Tone.Good : run.Thresholds.All(target => target.Passed || target.Undecided) ? Tone.Caution : Tone.Bad);
            foreach (var missed in run.Thresholds.Where(target => !target.Passed))
                writer.Line($"  {(missed.Undecided ? "undecided" : "FAIL")}  {VisibleText.Of(missed.Expression)}  {RunDescription.Observed(missed)}", missed.Undecided ? Tone.Caution : Tone.Bad);
        }
    }
}
