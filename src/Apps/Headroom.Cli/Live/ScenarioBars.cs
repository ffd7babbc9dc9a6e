using Headroom.Load;
using Headroom.Reports.Figures;
using Headroom.Reports.Tables;

namespace Headroom.Cli.Live;

/// <summary>Scenarios a line each: name, how far it has come as a bar, how many VUs or arrivals, and what is left. The bars are of one length, so that they compare.</summary>
internal sealed class ScenarioBars(LiveStyle style, int width)
{
    private const int BarCellsMin = 6;
    private const int BarCellsMax = 40;
    private const int NameCellsMin = 8;
    private const int Gap = 2;

    private sealed record Row(ScenarioProgress Scenario, string Name, string Level, string Left)
    {
        public int TailCells => (Level.Length > 0 ? Level.Length + Gap : 0) + (Left.Length > 0 ? Left.Length + Gap : 0);
    }

    /// <param name="scenarios">Which to show.</param>
    /// <param name="startsIn">How long until a waiting one starts.</param>
    public IEnumerable<FrameLine> Draw(IReadOnlyList<ScenarioProgress> scenarios, Func<ScenarioProgress, TimeSpan> startsIn)
    {
        Row[] rows = [.. scenarios.Select(scenario => new Row(scenario, VisibleText.Of(scenario.Name), Level(scenario), Left(scenario, startsIn(scenario))))];
        var names = Math.Min(rows.Select(row => VisibleText.Width(row.Name)).DefaultIfEmpty().Max(), Math.Max(NameCellsMin, width / 3));
        if (BarCells(rows, names) < BarCellsMin)
            rows = [.. rows.Select(row => row with { Level = "" })];
        var bar = BarCells(rows, names);
        return rows.Select(row => Line(row, names, bar));
    }

    private FrameLine Line(Row row, int names, int bar)
    {
        var line = new FrameLine(style).Add(VisibleText.Pad(VisibleText.Truncate(row.Name, names), names, right: false));
        if (bar >= BarCellsMin)
        {
            var done = (int)Math.Round(bar * Fraction(row.Scenario));
            line.Add(new string(' ', Gap)).Add(new string(style.Unicode ? '█' : '#', done), Look.Good).Add(new string(style.Unicode ? '░' : '.', bar - done), Look.Quiet);
        }

        foreach (var text in new[] { row.Level, row.Left }.Where(text => text.Length > 0 && width - line.Cells > Gap))
            line.Add(new string(' ', Gap)).Add(VisibleText.Truncate(text, width - line.Cells));
        return line;
    }

    private int BarCells(Row[] rows, int names) => Math.Min(BarCellsMax, width - names - Gap - rows.Select(row => row.TailCells).DefaultIfEmpty().Max());

    private static string Left(ScenarioProgress scenario, TimeSpan startsIn) => scenario.State switch
    {
        ScenarioState.Waiting => $"in {Clock.Left(startsIn)}",
        ScenarioState.Stopping => "finishing",
        ScenarioState.Ended => "done",
        _ when scenario.IterationsTotal is { } total => $"{Figure.Count(scenario.IterationsDone)}/{Figure.Count(total)}",
        _ => $"{Clock.Left(scenario.Total - scenario.Elapsed)} left",
    };

    private static string Level(ScenarioProgress scenario) =>
        scenario.State is not (ScenarioState.Running or ScenarioState.WarmingUp) ? ""
        : scenario.RatePerSecond is { } rate ? Figure.PerSecond(rate)
        : scenario.VusMax > 0 ? $"{Figure.Count(scenario.Vus)}/{Figure.Count(scenario.VusMax)} VUs"
        : "";

    /// <summary>0 to 1: iterations where they end it, time otherwise.</summary>
    private static double Fraction(ScenarioProgress scenario)
    {
        if (scenario.State is ScenarioState.Ended or ScenarioState.Stopping)
            return 1;
        if (scenario.IterationsTotal is { } total and > 0)
            return Math.Clamp((double)scenario.IterationsDone / total, 0, 1);
        return scenario.Total > TimeSpan.Zero ? Math.Clamp(scenario.Elapsed / scenario.Total, 0, 1) : 0;
    }
}
