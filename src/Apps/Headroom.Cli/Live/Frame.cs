using Headroom.Cli.Plan;
using Headroom.Load;
using Headroom.Reports.Tables;

namespace Headroom.Cli.Live;

/// <summary>
/// A state as lines for a terminal: what is measured, the figures, a bar for each scenario, the time left in all. Pure. Figures flow onto more lines where it is
/// narrow; where it is short, the heading goes first, then scenarios that are not running.
/// </summary>
internal static class Frame
{
    /// <summary>Bars as wide as a wide terminal are not easier to read.</summary>
    private const int WidthMax = 100;

    /// <summary>Narrower than this counts as this.</summary>
    private const int WidthMin = 20;

    private const int HeightMin = 3;

    public static IReadOnlyList<FrameLine> Draw(LoadPlan plan, LoadProgress progress, TerminalSize size, LiveStyle style)
    {
        // The last column stays free: a terminal may wrap after it. So does the last line, where the cursor waits.
        var cells = Math.Clamp(size.Width, WidthMin, WidthMax) - 1;
        var lines = Math.Max(size.Height, HeightMin) - 1;

        var figures = Flow(progress, cells, style);
        var overall = Overall(progress, cells, style);
        var bars = Bars(plan, progress, cells, style, Math.Max(0, lines - figures.Count - 1));
        List<FrameLine> frame = [.. figures, .. bars, overall];

        // Too short even for that: at the top is the rate, at the bottom the time left.
        if (frame.Count > lines)
            return [.. frame.Take(lines - 1), overall];
        return frame.Count == lines ? frame : [Heading(plan, cells, style), .. frame];
    }

    private static FrameLine Heading(LoadPlan plan, int cells, LiveStyle style)
    {
        var line = new FrameLine(style).Add(VisibleText.Truncate($"Measuring {VisibleText.Of(PlanSummary.OriginOf(plan))}", cells), Look.Bold);
        var rest = cells - line.Cells - 2;
        return rest < 4 ? line : line.Add("  ").Add(VisibleText.Truncate(VisibleText.Of(plan.Name), rest), Look.Quiet);
    }

    private static List<FrameLine> Flow(LoadProgress progress, int cells, LiveStyle style)
    {
        var gap = cells < 60 ? "  " : "   ";
        var parts = LiveFigures.Of(progress).ToList();
        if (progress.WarmingUp)
            parts.Insert(0, ("warming up", Look.Quiet));
        else if (progress.LatestSecond is null)
            parts.Insert(0, ("starting", Look.Quiet));

        var lines = new List<FrameLine> { new(style) };
        foreach (var (text, look) in parts)
        {
            if (lines[^1].Cells > 0 && lines[^1].Cells + gap.Length + text.Length > cells)
                lines.Add(new FrameLine(style));
            if (lines[^1].Cells > 0)
                lines[^1].Add(gap);
            lines[^1].Add(VisibleText.Truncate(text, cells), look);
        }

        return lines;
    }

    private static FrameLine Overall(LoadProgress progress, int cells, LiveStyle style)
    {
        var left = progress.Total - progress.Elapsed;
        var text = left > TimeSpan.Zero
            ? $"{Clock.Of(progress.Elapsed)} of {Clock.Of(progress.Total)}, {Clock.Left(left)} left"
            : $"{Clock.Of(progress.Elapsed)}, finishing";
        return new FrameLine(style).Add(VisibleText.Truncate(text, cells), Look.Quiet);
    }

    private static List<FrameLine> Bars(LoadPlan plan, LoadProgress progress, int cells, LiveStyle style, int room)
    {
        if (room == 0)
            return [];
        var scenarios = progress.Scenarios.Count > 0 ? progress.Scenarios : [Whole(progress)];
        var shown = scenarios.Count <= room ? scenarios : [.. scenarios.OrderBy(Rank).Take(room - 1)];

        var lines = new ScenarioBars(style, cells).Draw(shown, scenario => StartOf(plan, scenario) - progress.Elapsed).ToList();
        if (scenarios.Count - shown.Count is var more and > 0)
            lines.Add(new FrameLine(style).Add(VisibleText.Truncate($"and {more} more {(more == 1 ? "scenario" : "scenarios")}", cells), Look.Quiet));
        return lines;
    }

    /// <summary>All scenarios as one, where progress tells only of the whole.</summary>
    private static ScenarioProgress Whole(LoadProgress progress) => new()
    {
        Name = progress.Active.Count == 0 ? "run" : string.Join(" + ", progress.Active),
        Executor = ExecutorKind.ConstantVus,
        State = progress.WarmingUp ? ScenarioState.WarmingUp : progress.Elapsed < progress.Total ? ScenarioState.Running : ScenarioState.Stopping,
        Elapsed = progress.Elapsed,
        Total = progress.Total,
    };

    private static int Rank(ScenarioProgress scenario) => scenario.State switch
    {
        ScenarioState.Running or ScenarioState.WarmingUp => 0,
        ScenarioState.Stopping => 1,
        ScenarioState.Waiting => 2,
        _ => 3,
    };

    private static TimeSpan StartOf(LoadPlan plan, ScenarioProgress scenario) =>
        plan.Scenarios.FirstOrDefault(one => one.Name == scenario.Name)?.StartTime ?? TimeSpan.Zero;
}
