using System.Text;

namespace Headroom.Load.Results;

/// <summary>Rows with their columns under each other.</summary>
internal static class TextColumns
{
    private const string Indent = "  ";

    /// <param name="text">Where they go, each on a line.</param>
    /// <param name="rows">All of the same length; the first has the headings.</param>
    /// <param name="leftAligned">So many columns from the first on begin at their left; the others are numbers.</param>
    public static void Write(StringBuilder text, IReadOnlyList<string[]> rows, int leftAligned)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        foreach (var row in rows)
        {
            var cells = row.Select((cell, column) => column < leftAligned ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            text.Append(Indent).AppendLine(string.Join(Indent, cells).TrimEnd());
        }
    }
}
