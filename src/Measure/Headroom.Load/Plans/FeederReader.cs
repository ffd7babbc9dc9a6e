using YamlDotNet.RepresentationModel;

namespace Headroom.Load.Plans;

/// <summary>Reads <c>feeders</c>: tables from a CSV or JSON file, or written in the plan.</summary>
internal sealed class FeederReader(PlanProblems problems, PlanFolder folder)
{
    private static readonly string[] Orders = ["sequential", "random", "unique"];
    private static readonly string[] Ends = ["recycle", "stop", "error"];

    public IReadOnlyList<Feeder> Read(PlanMap? feeders)
    {
        var read = new List<Feeder>();
        foreach (var (name, node) in feeders?.Entries() ?? [])
        {
            if (PlanMap.From(node, $"feeder '{name}'", problems) is not { } map)
                continue;
            if (RequestValidation.NameMistake(name) is { } mistake)
                problems.Add(node, mistake);
            if (ReadOne(name, map) is { } feeder)
                read.Add(feeder);
        }

        return read;
    }

    private Feeder? ReadOne(string name, PlanMap map)
    {
        var order = map.Choice("order", Orders, required: false);
        var atEnd = order == "random" ? null : map.Choice("atEnd", Ends, required: false);
        if (map.Has("file") && map.Has("rows"))
            problems.Add(map.Value("rows")!, "'file' and 'rows' are both given; keep one");
        else if (!map.Has("file") && !map.Has("rows"))
            problems.Add(map.Node, $"feeder '{name}' has neither 'file' nor 'rows'; write file: users.csv");
        var table = map.Has("rows") ? ReadRows(map) : ReadFile(map);
        map.Value("file");
        map.Value("rows");
        map.RefuseUnknown(
            ["atEnd", "delimiter"],
            order == "random" && map.Has("atEnd") ? "'{0}' does not go with 'order: random', which never ends" : "'{0}' goes with a CSV file");
        return table is null ? null : new Feeder
        {
            Name = name,
            Columns = table.Columns,
            Rows = table.Rows,
            Order = order switch { "random" => FeederOrder.Random, "unique" => FeederOrder.UniquePerVu, _ => FeederOrder.Sequential },
            AtEnd = atEnd switch { "stop" => FeederEnd.Stop, "error" => FeederEnd.Error, _ => FeederEnd.Recycle },
        };
    }

    private FeederFile? ReadFile(PlanMap map)
    {
        if (map.Text("file") is not { } file)
            return null;
        var isJson = Path.GetExtension(file).Equals(".json", StringComparison.OrdinalIgnoreCase);
        var delimiter = isJson ? null : map.Text("delimiter");
        if (delimiter is "tab" or "\\t")
            delimiter = "\t";
        if (delimiter is { Length: > 1 } or "\"" or "\n" or "\r")
        {
            problems.Add(map.Value("delimiter")!, $"'delimiter' is '{delimiter}'; write one character such as ';', or tab");
            return null;
        }

        try
        {
            return FeederFile.Read(folder.PathOf(file), file, isJson, delimiter ?? ",");
        }
        catch (FeederFileException e)
        {
            problems.Add(map.Value("file")!, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(map.Value("file")!, $"feeder file '{file}' cannot be read: {e.Message}");
        }

        return null;
    }

    private FeederFile? ReadRows(PlanMap map)
    {
        IReadOnlyList<string>? columns = null;
        var rows = new List<IReadOnlyList<string>>();
        var nodes = map.Items("rows", required: true);
        if (map.Value("rows") is YamlSequenceNode { Children.Count: 0 } empty)
            problems.Add(empty, "'rows' is empty; write at least one");
        foreach (var node in nodes)
        {
            if (PlanMap.From(node, "a row", problems) is not { } row)
                return null;
            columns ??= [.. row.Entries().Select(entry => entry.Name)];
            if (columns.Count == 0 || !columns.Order(StringComparer.Ordinal).SequenceEqual(row.Entries().Select(entry => entry.Name).Order(StringComparer.Ordinal), StringComparer.Ordinal))
            {
                problems.Add(node, $"the row has columns {string.Join(", ", row.Entries().Select(entry => entry.Name))}; the first row has {string.Join(", ", columns)}");
                return null;
            }

            rows.Add([.. columns.Select(column => CellOf(row, column))]);
        }

        return rows.Count == 0 ? null : new FeederFile(columns!, rows);
    }

    private string CellOf(PlanMap row, string column)
    {
        var node = row.Value(column)!;
        if (node is YamlScalarNode scalar)
            return PlanMap.PlainText(scalar);
        problems.Add(node, $"column '{column}' must be text; found {PlanMap.Kind(node)}");
        return "";
    }
}
