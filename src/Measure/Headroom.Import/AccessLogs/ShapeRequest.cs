using System.Globalization;
using System.Text.Json;
using Headroom.Import.Drafts;

namespace Headroom.Import.AccessLogs;

/// <summary>Makes the request of a shape: a url with variables, and the rows that give them the values that occurred, as often as they occurred.</summary>
internal sealed class ShapeRequest(PlanDraft draft)
{
    // As many rows show the popularity of values well enough and keep the file readable.
    private const int RowsMost = 1000;

    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    public RequestDraft Make(PathShape shape)
    {
        var columns = new List<(string Name, Func<LoggedPath, string> Value)>();
        var feeder = FeederName(shape);
        var path = new List<string>();
        for (var index = 0; index < shape.Segments.Count; index++)
        {
            var at = index;
            path.Add(shape.Segments[at] is { } name ? PlanText.Url(name) : Column(ColumnName(shape, at), logged => logged.Segments[at]));
        }

        var query = new List<string>();
        for (var index = 0; index < shape.QueryNames.Count; index++)
        {
            var at = index;
            var (name, value) = shape.Paths[0].Query[at];
            if (value is null)
                query.Add(PlanText.Url(name));
            else if (Secrets.IsSecretField(name))
                query.Add($"{PlanText.Url(name)}={draft.Secrets.Field(name, value)}");
            else if (shape.Paths.All(other => other.Query[at].Value == value))
                query.Add($"{PlanText.Url(name)}={PlanText.Url(value)}");
            else
                query.Add($"{PlanText.Url(name)}={Column(PlanText.Identifier(name, "value"), logged => logged.Query[at].Value ?? "")}");
        }

        if (columns.Count > 0)
            AddFeeder(feeder, shape, columns);
        var request = new RequestDraft
        {
            Method = shape.Method,
            Name = $"{shape.Method} /{string.Join('/', shape.Segments.Select(static segment => segment ?? "{id}"))}{(query.Count > 0 && columns.Count > 0 ? "?" + string.Join('&', shape.QueryNames) : "")}",
            Url = "/" + string.Join('/', path) + (query.Count > 0 ? "?" + string.Join('&', query) : ""),
            Weight = shape.Count,
        };
        request.Comments.Add(string.Create(CultureInfo.InvariantCulture, $"{shape.Count:N0} times, {shape.Paths.Count:N0} different"));
        return request;

        string Column(string name, Func<LoggedPath, string> value)
        {
            var unique = name;
            for (var number = 2; columns.Exists(column => column.Name == unique); number++)
                unique = string.Create(CultureInfo.InvariantCulture, $"{name}_{number}");
            columns.Add((unique, value));
            return $"${{{feeder}.{unique} | raw}}";
        }
    }

    private void AddFeeder(string name, PathShape shape, List<(string Name, Func<LoggedPath, string> Value)> columns)
    {
        var rows = Sample(shape.Paths).Select(path => columns.ToDictionary(static column => column.Name, column => PlanText.Url(column.Value(path)).Replace("$${", "${", StringComparison.Ordinal)));
        var file = draft.AddFile($"{name}.json", "[\n" + string.Join(",\n", rows.Select(row => JsonSerializer.Serialize(row, Readable))) + "\n]\n");
        draft.Feeders.Add(name, new DraftMap(OneLine: true).Add("file", file).Add("order", "random"));
    }

    // Every k-th of all occurrences, in the order of their paths: a value that came twice as often has twice as many rows.
    private static IEnumerable<LoggedPath> Sample(IReadOnlyList<LoggedPath> paths)
    {
        var total = paths.Sum(static path => (long)path.Count);
        var step = Math.Max(1.0, (double)total / RowsMost);
        var next = step / 2;
        long passed = 0;
        foreach (var path in paths)
        {
            passed += path.Count;
            for (; next <= passed; next += step)
                yield return path;
        }
    }

    private string FeederName(PathShape shape)
    {
        var name = PlanText.Identifier(string.Join('_', shape.Segments.Where(static segment => segment is not null)), "paths");
        name = char.IsAsciiLetter(name[0]) ? name : "paths_" + name;
        var unique = name;
        for (var number = 2; !_names.Add(unique); number++)
            unique = string.Create(CultureInfo.InvariantCulture, $"{name}_{number}");
        return unique;
    }

    private static string ColumnName(PathShape shape, int index)
    {
        var before = index > 0 ? shape.Segments[index - 1] : null;
        return before is null ? "id" : PlanText.Identifier(before.EndsWith('s') && before.Length > 3 ? before[..^1] : before, "path") + "_id";
    }
}
