using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Headroom.Load.Plans;

namespace Headroom.Load.Building;

/// <summary>The rows of a sequence as a plan's table: columns are the properties of what it holds, or <see cref="ValueColumn"/> where that has none.</summary>
internal static class FeederRows
{
    public const string ValueColumn = "value";

    /// <summary>Columns are called what the properties are called in the code.</summary>
    private static readonly JsonSerializerOptions AsNamed = new() { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    /// <param name="name">Of the feeder.</param>
    /// <param name="rows">Taken now, once. A sequence without end is cut off with a mistake.</param>
    /// <param name="order">Which row an iteration takes.</param>
    /// <param name="atEnd">What happens when there is none left.</param>
    /// <param name="problems">What is wrong with it, if anything.</param>
    public static Feeder? Read<T>(string name, IEnumerable<T> rows, FeederOrder order, FeederEnd atEnd, List<string> problems)
    {
        IReadOnlyList<string>? columns = null;
        var table = new List<IReadOnlyList<string>>();
        foreach (var row in rows)
        {
            if (table.Count == FeederFile.RowsMax)
                return Refuse($"has more than {FeederFile.RowsMax} rows; take those that the run needs, .Take(1000)");
            List<(string Column, string Text)> cells;
            try
            {
                cells = CellsOf(row);
            }
            catch (Exception e) when (e is NotSupportedException or JsonException or InvalidOperationException or ArgumentException)
            {
                return Refuse($"has a row that cannot be read: {e.Message}");
            }

            columns ??= [.. cells.Select(cell => cell.Column)];
            if (columns.Count == 0)
                return Refuse("has rows without a property; write new { id = 1 } or a plain value");
            if (!columns.SequenceEqual(cells.Select(cell => cell.Column), StringComparer.Ordinal))
                return Refuse($"has a row of the columns {string.Join(", ", cells.Select(cell => cell.Column))}; the first row has {string.Join(", ", columns)}");
            table.Add([.. cells.Select(cell => cell.Text)]);
        }

        return columns is null
            ? Refuse("has no rows; give it at least one")
            : new Feeder { Name = name, Columns = columns, Rows = table, Order = order, AtEnd = atEnd };

        Feeder? Refuse(string what)
        {
            problems.Add($"feeder '{name}' {what}");
            return null;
        }
    }

    private static List<(string Column, string Text)> CellsOf<T>(T row)
    {
        var value = JsonSerializer.SerializeToElement(row, row?.GetType() ?? typeof(object), AsNamed);
        return value.ValueKind == JsonValueKind.Object
            ? [.. value.EnumerateObject().Select(property => (property.Name, TextOf(property.Value)))]
            : [(ValueColumn, TextOf(value))];
    }

    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Null => "",
        _ => value.GetRawText(),
    };
}
