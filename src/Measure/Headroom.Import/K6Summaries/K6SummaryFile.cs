using System.Text.Json;

namespace Headroom.Import.K6Summaries;

/// <summary>A metric of a summary.</summary>
/// <param name="Name">With its selector: <c>http_req_duration{name:list}</c>.</param>
/// <param name="Values">By k6's names: <c>count</c>, <c>rate</c>, <c>p(95)</c>.</param>
/// <param name="Thresholds">By their condition; true when met.</param>
internal sealed record K6SummaryMetric(string Name, IReadOnlyDictionary<string, double> Values, IReadOnlyList<(string Condition, bool IsMet)> Thresholds);

/// <summary>A check of a summary, of all requests that have it.</summary>
internal sealed record K6SummaryCheck(string Name, long Passes, long Fails);

/// <summary>
/// k6's summary in either of its forms: the data that <c>handleSummary</c> gets, whose metrics have <c>values</c>, and what <c>--summary-export</c> writes, where the numbers stand beside the
/// thresholds, and a threshold is true when it was missed.
/// </summary>
internal sealed class K6SummaryFile
{
    private static readonly string[] NotValues = ["thresholds", "type", "contains", "values"];

    private readonly Dictionary<string, K6SummaryMetric> _metrics = new(StringComparer.Ordinal);

    private K6SummaryFile()
    {
    }

    public IReadOnlyDictionary<string, K6SummaryMetric> Metrics => _metrics;

    /// <summary>Checks of all groups, in their order.</summary>
    public List<K6SummaryCheck> Checks { get; } = [];

    /// <summary>Length of the whole test; null where the form does not say it.</summary>
    public double? DurationSeconds { get; private set; }

    /// <summary>What a script of <c>headroom export k6</c> adds; null of other scripts.</summary>
    public JsonElement? Parts { get; private set; }

    /// <exception cref="ImportException">It is no such summary.</exception>
    public static K6SummaryFile Parse(string text, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(text.TrimStart('\uFEFF'));
            return Read(document.RootElement.Clone(), source);
        }
        catch (JsonException e)
        {
            throw new ImportException($"{source}:{(e.LineNumber ?? 0) + 1}: is not JSON; write the summary with 'k6 run --summary-export FILE', or by handleSummary", e);
        }
    }

    private static K6SummaryFile Read(JsonElement json, string source)
    {
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("metrics", out var metrics) || metrics.ValueKind != JsonValueKind.Object)
        {
            throw new ImportException($"{source}: is JSON without 'metrics', so it is no summary of k6; it is written by 'k6 run --summary-export FILE' or handleSummary "
                + "(--out json=FILE writes single samples, which are not read, and --new-machine-readable-summary another form)");
        }

        var file = new K6SummaryFile();
        foreach (var metric in metrics.EnumerateObject())
        {
            if (metric.Value.ValueKind == JsonValueKind.Object)
                file._metrics[metric.Name] = ReadMetric(metric.Name, metric.Value);
        }

        if (json.TryGetProperty("root_group", out var group))
            file.ReadChecks(group);
        if (Member(json, "state", JsonValueKind.Object) is { } state && Member(state, "testRunDurationMs", JsonValueKind.Number) is { } duration)
            file.DurationSeconds = duration.GetDouble() / 1000;
        file.Parts = Member(json, "headroom", JsonValueKind.Object);
        return file;
    }

    private static K6SummaryMetric ReadMetric(string name, JsonElement json)
    {
        var isData = Member(json, "values", JsonValueKind.Object) is not null;
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var value in (isData ? json.GetProperty("values") : json).EnumerateObject())
        {
            if (value.Value.ValueKind == JsonValueKind.Number && (isData || !NotValues.Contains(value.Name)) && value.Value.GetDouble() is var number && double.IsFinite(number))
                values[value.Name] = number;
        }

        var thresholds = new List<(string, bool)>();
        if (Member(json, "thresholds", JsonValueKind.Object) is { } judged)
        {
            foreach (var threshold in judged.EnumerateObject())
            {
                if (Member(threshold.Value, "ok") is { ValueKind: JsonValueKind.True or JsonValueKind.False } ok)
                    thresholds.Add((threshold.Name, ok.GetBoolean()));
                else if (threshold.Value.ValueKind is JsonValueKind.True or JsonValueKind.False)
                    thresholds.Add((threshold.Name, !threshold.Value.GetBoolean()));
            }
        }

        return new K6SummaryMetric(name, values, thresholds);
    }

    // A list in the one form, a mapping in the other.
    private void ReadChecks(JsonElement group)
    {
        foreach (var check in Items(group, "checks"))
        {
            if (Member(check, "name", JsonValueKind.String) is { } name && Count(check, "passes") is { } passes && Count(check, "fails") is { } fails)
                Checks.Add(new K6SummaryCheck(name.GetString()!, passes, fails));
        }

        foreach (var inner in Items(group, "groups"))
            ReadChecks(inner);
    }

    private static IEnumerable<JsonElement> Items(JsonElement json, string name) => Member(json, name) switch
    {
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray(),
        { ValueKind: JsonValueKind.Object } map => map.EnumerateObject().Select(static member => member.Value),
        _ => [],
    };

    private static long? Count(JsonElement json, string name) => Member(json, name, JsonValueKind.Number) is { } number && number.TryGetInt64(out var count) ? count : null;

    private static JsonElement? Member(JsonElement json, string name, JsonValueKind? kind = null) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) && (kind is null || member.ValueKind == kind) ? member : null;
}
