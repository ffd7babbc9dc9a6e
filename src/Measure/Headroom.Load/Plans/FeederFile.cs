using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;

namespace Headroom.Load.Plans;

/// <summary>A table that cannot be used, and why, with the file's own line.</summary>
internal sealed class FeederFileException(string message) : Exception(message);

/// <summary>A table read from a file: CSV with a header row (RFC 4180), or a JSON array of objects that all have the same members.</summary>
internal sealed record FeederFile(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>The whole table is held in memory.</summary>
    public const long BytesMax = 256L * 1024 * 1024;

    public const int RowsMax = 10_000_000;

    /// <param name="path">The file.</param>
    /// <param name="name">What the plan calls it.</param>
    /// <param name="isJson">Otherwise CSV.</param>
    /// <param name="delimiter">Between CSV fields.</param>
    /// <exception cref="FeederFileException">It is no table, or too large.</exception>
    public static FeederFile Read(string path, string name, bool isJson, string delimiter)
    {
        var file = new FileInfo(path);
        if (file.Exists && file.Length > BytesMax)
            throw new FeederFileException($"feeder file '{name}' has {file.Length} bytes; allowed are {BytesMax} (256 MiB): keep the rows that the run needs");
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        var table = isJson ? ReadJson(stream, name) : ReadCsv(stream, name, delimiter);
        if (table.Rows.Count == 0)
            throw new FeederFileException($"feeder file '{name}' has no rows{(isJson ? "" : " under its header row")}; write at least one");
        return table;
    }

    private static FeederFile ReadCsv(Stream stream, string name, string delimiter)
    {
        using var text = new StreamReader(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        using var parser = new CsvParser(text, new CsvConfiguration(CultureInfo.InvariantCulture) { Delimiter = delimiter, IgnoreBlankLines = true, BadDataFound = null, DetectColumnCountChanges = false });
        try
        {
            if (!parser.Read())
                throw new FeederFileException($"feeder file '{name}' is empty; its first row names the columns");
            var columns = parser.Record!.Select(column => column.Trim()).ToArray();
            RefuseColumns(columns, name);
            var rows = new List<IReadOnlyList<string>>();
            while (parser.Read())
            {
                var row = parser.Record!;
                if (row.Length != columns.Length)
                    throw new FeederFileException($"{name}:{parser.RawRow}: the row has {row.Length} fields; the header row has {columns.Length} (quote fields that hold '{delimiter}')");
                if (rows.Count == RowsMax)
                    throw TooManyRows(name);
                rows.Add(row);
            }

            return new FeederFile(columns, rows);
        }
        catch (CsvHelperException e)
        {
            throw new FeederFileException($"{name}:{parser.RawRow}: not valid CSV: {e.Message.Split('\n')[0].TrimEnd()}");
        }
        catch (DecoderFallbackException)
        {
            throw new FeederFileException($"{name}:{parser.RawRow + 1}: not UTF-8 from here on; save the file as UTF-8");
        }
    }

    private static FeederFile ReadJson(Stream stream, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(stream);
            if (document.RootElement.ValueKind != JsonValueKind.Array)
                throw new FeederFileException($"feeder file '{name}' must be an array of objects");
            string[]? columns = null;
            var rows = new List<IReadOnlyList<string>>();
            foreach (var element in document.RootElement.EnumerateArray())
            {
                if (element.ValueKind != JsonValueKind.Object)
                    throw new FeederFileException($"feeder file '{name}': row {rows.Count + 1} is not an object");
                string[] members = [.. element.EnumerateObject().Select(member => member.Name)];
                if (columns is null)
                    RefuseColumns(columns = members, name);
                if (rows.Count == RowsMax)
                    throw TooManyRows(name);
                if (members.Length != columns.Length || !columns.All(column => element.TryGetProperty(column, out _)))
                    throw new FeederFileException($"feeder file '{name}': row {rows.Count + 1} has members {string.Join(", ", members)}; the first has {string.Join(", ", columns)}");
                rows.Add([.. columns.Select(column => TextOf(element.GetProperty(column)))]);
            }

            return new FeederFile(columns ?? [], rows);
        }
        catch (JsonException e)
        {
            throw new FeederFileException($"{name}:{(e.LineNumber ?? 0) + 1}: not valid JSON: {e.Message.Split(". ")[0]}");
        }
    }

    private static string TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static void RefuseColumns(string[] columns, string name)
    {
        if (columns.FirstOrDefault(column => column.Length == 0 || column.AsSpan().IndexOfAny("{}|") >= 0) is { } unusable)
            throw new FeederFileException($"{name}:1: a column is called '{unusable}'; give each a name without {{, }} and |");
        if (columns.GroupBy(column => column, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twin)
            throw new FeederFileException($"{name}:1: {twin.Count()} columns are called '{twin.Key}'; names must differ");
    }

    private static FeederFileException TooManyRows(string name) => new($"feeder file '{name}' has more than {RowsMax} rows; keep those that the run needs");
}
