namespace Headroom.Reports.Tables;

/// <summary>What a text is, for the colour it gets.</summary>
internal enum Tone
{
    Plain,
    Heading,
    Quiet,
    Good,
    Bad,
    Caution,
}

/// <summary>A cell.</summary>
/// <param name="Text">Its text, already visible (<see cref="VisibleText.Of"/>).</param>
/// <param name="Tone">Its colour.</param>
internal readonly record struct Cell(string Text, Tone Tone = Tone.Plain)
{
    public static implicit operator Cell(string text) => new(text);
}

/// <summary>A column.</summary>
/// <param name="Heading">May be empty.</param>
/// <param name="RightAligned">For figures.</param>
/// <param name="Dispensable">When the table is too wide, the column with the highest number goes first; 0 stays.</param>
/// <param name="Shrinks">Whether its texts may be cut with an ellipsis when even that does not suffice.</param>
internal sealed record Column(string Heading, bool RightAligned = true, int Dispensable = 0, bool Shrinks = false);

/// <summary>Rows under headings, in columns as wide as their widest text. An empty row is a blank line.</summary>
internal sealed class TextTable(IReadOnlyList<Column> columns)
{
    private const int Indent = 2;
    private const int Gap = 2;
    private const int NarrowestShrunk = 12;

    private readonly List<IReadOnlyList<Cell>> _rows = [];

    public void Add(params IReadOnlyList<Cell> row) => _rows.Add(row);

    public void AddBlank() => _rows.Add([]);

    /// <summary>Writes the table in at most <paramref name="width"/> cells a line, as far as columns can be left out or shrunk.</summary>
    public void WriteTo(TonedWriter writer, int width)
    {
        var widths = columns.Select((column, i) => _rows.Where(row => row.Count > 0)
            .Max(row => (int?)VisibleText.Width(row[i].Text)) is { } widest ? Math.Max(widest, column.Heading.Length) : column.Heading.Length).ToArray();
        var shown = Enumerable.Range(0, columns.Count).Where(i => widths[i] > 0).ToList();
        Fit(shown, widths, width);

        if (shown.Any(i => columns[i].Heading.Length > 0))
            WriteRow(writer, shown, widths, i => new Cell(columns[i].Heading, Tone.Quiet));
        foreach (var row in _rows)
        {
            if (row.Count == 0)
                writer.Line();
            else
                WriteRow(writer, shown, widths, i => row[i]);
        }
    }

    private void Fit(List<int> shown, int[] widths, int width)
    {
        int Excess() => Indent + shown.Sum(i => widths[i]) + (Gap * (shown.Count - 1)) - width;

        var natural = widths.ToArray();

        // 1. Cut the texts that may be cut, down to where they still say something.
        foreach (var i in shown.Where(i => columns[i].Shrinks))
            widths[i] = Math.Min(widths[i], Math.Max(Math.Max(NarrowestShrunk, width / 4), widths[i] - Math.Max(0, Excess())));

        // 2. Leave out what can be done without.
        while (Excess() > 0 && shown.Where(i => columns[i].Dispensable > 0).OrderByDescending(i => columns[i].Dispensable).Cast<int?>().FirstOrDefault() is { } gone)
            shown.Remove(gone);

        // 3. Give back what leaving out has freed.
        foreach (var i in shown.Where(i => columns[i].Shrinks))
            widths[i] = Math.Min(natural[i], widths[i] - Math.Min(0, Excess()));
    }

    private void WriteRow(TonedWriter writer, List<int> shown, int[] widths, Func<int, Cell> cell)
    {
        writer.Write(new string(' ', Indent));
        for (var position = 0; position < shown.Count; position++)
        {
            var i = shown[position];
            var (text, tone) = cell(i);
            text = VisibleText.Truncate(text, widths[i]);
            var last = position == shown.Count - 1 && !columns[i].RightAligned;
            writer.Write(last ? text : VisibleText.Pad(text, widths[i], columns[i].RightAligned), tone);
            if (position < shown.Count - 1)
                writer.Write(new string(' ', Gap));
        }

        writer.Line();
    }
}
