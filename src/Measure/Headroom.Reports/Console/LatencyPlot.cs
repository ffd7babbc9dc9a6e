using Headroom.Measurements;
using Headroom.Reports.Figures;
using Headroom.Reports.Tables;

namespace Headroom.Reports.Console;

/// <summary>Latency against rate as a few lines of text: both axes logarithmic, a mark a step, with the capacity below.</summary>
internal static class LatencyPlot
{
    private const int Rows = 8;
    private const int WidthMax = 72;
    private const int Margin = 12;

    public static IEnumerable<string> Draw(CapacityResult capacity, int width)
    {
        var steps = capacity.Steps.Where(step => step.LatencyMs.P99 > 0).ToArray();
        if (steps.Length < 2)
            yield break;
        var columns = Math.Clamp(width - Margin - 2, 20, WidthMax);
        var (x, y) = (new LogAxis(steps.Select(step => step.RatePerSecond), columns), new LogAxis(steps.SelectMany(step => new[] { step.LatencyMs.P50, step.LatencyMs.P99 }), Rows));
        var cells = new char[Rows, columns];
        foreach (var step in steps)
        {
            Put(x.Cell(step.RatePerSecond), y.Cell(step.LatencyMs.P50), '.');
            Put(x.Cell(step.RatePerSecond), y.Cell(step.LatencyMs.P99), step.Outcome == CapacityOutcome.Met ? 'o' : 'x');
        }

        foreach (var line in VisibleText.Wrap("latency against rate: o p99 where the objectives were met, x where not, . median", width - 2))
            yield return $"  {line}";
        for (var row = Rows - 1; row >= 0; row--)
        {
            var label = row == Rows - 1 ? Figure.Milliseconds(y.Highest) : row == 0 ? Figure.Milliseconds(y.Lowest) : "";
            yield return $"{label.PadLeft(Margin - 2)} |{new string([.. Enumerable.Range(0, columns).Select(column => cells[row, column] == '\0' ? ' ' : cells[row, column])])}".TrimEnd();
        }

        yield return $"{"".PadLeft(Margin - 2)} +{new string('-', columns)}";
        var (from, to) = (Figure.PerSecond(x.Lowest), Figure.PerSecond(x.Highest));
        var at = capacity.RatePerSecond > 0 ? Math.Clamp(x.Cell(capacity.RatePerSecond), 0, columns - 1) : -1;
        yield return $"{"".PadLeft(Margin - 2)}  {from}{(at > from.Length && at < columns - to.Length - 1 ? "^".PadLeft(at - from.Length + 1).PadRight(columns - from.Length - to.Length) : "".PadRight(Math.Max(1, columns - from.Length - to.Length)))}{to}";

        void Put(int column, int row, char mark)
        {
            // A miss is never hidden by a step beside it that was met.
            if (cells[row, column] != 'x')
                cells[row, column] = mark;
        }
    }

    private sealed class LogAxis
    {
        private readonly int _cells;

        public LogAxis(IEnumerable<double> values, int cells)
        {
            var positive = values.Where(value => value > 0).ToArray();
            (Lowest, Highest, _cells) = (positive.Min(), positive.Max(), cells);
        }

        public double Lowest { get; }

        public double Highest { get; }

        public int Cell(double value) => Highest <= Lowest || value <= Lowest ? 0 : Math.Min(_cells - 1, (int)(Math.Log(value / Lowest) / Math.Log(Highest / Lowest) * _cells));
    }
}
