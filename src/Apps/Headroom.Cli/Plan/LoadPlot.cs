using System.Globalization;
using Headroom.Load;

namespace Headroom.Cli.Plan;

/// <summary>A scenario's VUs, or arrivals a second, over the time of the whole run, as a few lines of text.</summary>
internal static class LoadPlot
{
    private const int Rows = 4;

    /// <summary>Moments looked at in each column; the highest is drawn, so that a short spike is seen.</summary>
    private const int SamplesPerColumn = 8;

    /// <summary>Cells left of a replay's axis.</summary>
    private const int ReplayMargin = 5;

    private const string Blocks = " ▁▂▃▄▅▆▇█";
    private const string Ascii = " ...:::##";

    /// <param name="scenario">What to draw.</param>
    /// <param name="end">Of the time axis.</param>
    /// <param name="width">Cells that a line may have.</param>
    /// <param name="unicode">False draws with ASCII.</param>
    public static IEnumerable<string> Draw(Scenario scenario, TimeSpan end, int width, bool unicode)
    {
        // A replay's rate depends on the columns; every other scenario says how high it goes.
        var isReplay = scenario.Executor == ExecutorKind.Replay;
        var margin = isReplay ? ReplayMargin : LevelText(HighestOf(scenario)).Length;
        var columns = Math.Max(10, Math.Min(width - margin - 6, 72));
        var levels = Levels(scenario, end, columns);
        var top = isReplay ? levels.Max() : HighestOf(scenario);
        var (glyphs, axis, corner, line) = unicode ? (Blocks, '│', '└', '─') : (Ascii, '|', '+', '-');
        for (var row = Rows - 1; row >= 0; row--)
        {
            var label = row == Rows - 1 ? LevelText(top) : "";
            var cells = levels.Select(level => glyphs[Eighths(level / top, row)]);
            yield return $"    {label.PadLeft(margin)} {axis}{string.Concat(cells)}".TrimEnd();
        }

        yield return $"    {"0".PadLeft(margin)} {corner}{new string(line, columns)}";
        var last = PlanSummary.Text(end);
        yield return $"    {new string(' ', margin)}  0s{last.PadLeft(columns - 2)}";
    }

    /// <summary>The level at a moment of the run; 0 before the scenario starts and after it ends.</summary>
    public static double LevelAt(Scenario scenario, TimeSpan moment)
    {
        var at = moment - scenario.StartTime;
        if (at < TimeSpan.Zero || at >= scenario.WarmUp + scenario.Duration)
            return 0;
        switch (scenario.Executor)
        {
            case ExecutorKind.ConstantArrivalRate:
                return scenario.RatePerSecond;
            case ExecutorKind.RampingVus or ExecutorKind.RampingArrivalRate:
                var from = scenario.StartLevel;
                foreach (var stage in scenario.Stages)
                {
                    if (at < stage.Duration)
                        return from + ((stage.Target - from) * (at / stage.Duration));
                    at -= stage.Duration;
                    from = stage.Target;
                }

                return from;
            default:
                return scenario.Connections;
        }
    }

    private static double HighestOf(Scenario scenario) => scenario.Executor switch
    {
        ExecutorKind.ConstantArrivalRate => scenario.RatePerSecond,
        ExecutorKind.RampingVus or ExecutorKind.RampingArrivalRate => scenario.Stages.Select(stage => stage.Target).Append(scenario.StartLevel).Max(),
        _ => scenario.Connections,
    };

    private static double[] Levels(Scenario scenario, TimeSpan end, int columns)
    {
        var step = end / columns;
        var levels = new double[columns];
        if (scenario.Executor == ExecutorKind.Replay)
        {
            foreach (var arrival in scenario.Arrivals)
                levels[Math.Min(columns - 1, (int)((scenario.StartTime + arrival) / step))] += 1 / step.TotalSeconds;
            return levels;
        }

        for (var i = 0; i < columns; i++)
        {
            for (var sample = 0; sample < SamplesPerColumn; sample++)
                levels[i] = Math.Max(levels[i], LevelAt(scenario, step * (i + ((sample + 0.5) / SamplesPerColumn))));
        }

        return levels;
    }

    /// <summary>How much of a row's cell is filled, 0 to 8. Any level above 0 shows.</summary>
    private static int Eighths(double share, int row)
    {
        var eighths = share <= 0 ? 0 : Math.Max(1, (int)Math.Round(share * Rows * 8));
        return Math.Clamp(eighths - (row * 8), 0, 8);
    }

    private static string LevelText(double level) => level.ToString(level < 10 ? "0.##" : "0", CultureInfo.InvariantCulture);
}
