using System.Buffers;
using System.Globalization;
using System.Text;
using Headroom.Reports.Tables;

namespace Headroom.Reports.Csv;

/// <summary>Builds RFC 4180 text: lines end in CRLF, a cell with a comma or a quote is quoted, every row is one line.</summary>
internal sealed class CsvText
{
    /// <summary>
    /// With any of these first, spreadsheets take a cell for a formula, also in quotes, and the full-width forms too (OWASP, "CSV Injection").
    /// </summary>
    private static readonly SearchValues<char> FormulaStarts = SearchValues.Create("=+-@\t\r＝＋－＠");

    private static readonly SearchValues<char> NeedsQuotes = SearchValues.Create(",\"\r\n");

    private readonly StringBuilder _text = new();
    private bool _rowHasCells;

    public CsvText(IEnumerable<string> headings) => _text.AppendJoin(',', headings).Append("\r\n");

    /// <summary>A name as text, whatever it begins with: what would be a formula gets an apostrophe before it.</summary>
    public CsvText Text(string? value)
    {
        var visible = VisibleText.Of(value ?? "");
        if (visible.Length > 0 && FormulaStarts.Contains(visible[0]))
            visible = "'" + visible;
        if (visible.AsSpan().ContainsAny(NeedsQuotes))
            visible = $"\"{visible.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        return Cell(visible);
    }

    public CsvText Number(double? value) => Cell(value is { } number && double.IsFinite(number) ? number.ToString("0.######", CultureInfo.InvariantCulture) : "");

    public CsvText Number(long? value) => Cell(value?.ToString(CultureInfo.InvariantCulture) ?? "");

    public void EndRow()
    {
        _text.Append("\r\n");
        _rowHasCells = false;
    }

    public override string ToString() => _text.ToString();

    private CsvText Cell(string value)
    {
        if (_rowHasCells)
            _text.Append(',');
        _text.Append(value);
        _rowHasCells = true;
        return this;
    }
}
