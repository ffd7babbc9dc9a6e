using System.Globalization;
using System.Text;
using System.Text.Json;
using ReferenceApi.Caching;
using ReferenceApi.Input;
using ReferenceApi.Paging;

namespace ReferenceApi.HealthData;

/// <summary>Readings from watches and scales: in one by one or by the hundred, out by metric or as an export.</summary>
internal static class HealthEndpoints
{
    private const int MostPoints = 1_000;
    private const int LongestSource = 100;

    // Clocks of devices run fast at times; a reading from next week is a mistake.
    private static readonly TimeSpan FastestClock = TimeSpan.FromDays(1);

    private static readonly string[] Formats = ["json", "csv"];

    public static void MapHealthData(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/v1/ingest", Ingest);
        app.MapGet("/api/v1/data/{metric}", GetData)
            .KeepAnswers(ResponseCacheTags.HealthData, static http => TagOf(http.GetRouteValue("metric") as string), TimeSpan.FromSeconds(60), "source", "since", "until", "limit", "cursor");
        app.MapGet("/api/v1/export", Export)
            .KeepAnswers(ResponseCacheTags.HealthData, static http => TagOf(http.Request.Query["metric"] is [var metric] ? metric : null), TimeSpan.FromSeconds(300), "format", "metric", "since", "until", "limit", "cursor");
    }

    /// <summary>Of one metric, or of all.</summary>
    private static string TagOf(string? metric) => HealthMetric.Find(metric) is { } known ? ResponseCacheTags.OfMetric(known.Name) : ResponseCacheTags.HealthData;

    private static async Task<IResult> Ingest(HttpContext http, HealthQueries health, ResponseCacheTags cache, TimeProvider time, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, cancellationToken);
        if (body.Refusal is { } refusal)
            return refusal;

        var problem = new InputProblem();
        var fields = new JsonFields(body.Root, problem);
        var source = fields.Text("source", LongestSource);
        var now = time.GetUtcNow();
        var points = new List<NewPoint>();
        foreach (var element in fields.Array("points", fewest: 1, MostPoints))
            points.Add(ReadPoint(element, string.Create(CultureInfo.InvariantCulture, $"points[{points.Count}]"), source, now, problem));

        if (problem.Answer() is { } invalid)
            return invalid;

        await health.IngestAsync(points, cancellationToken);
        await cache.InvalidateAsync([ResponseCacheTags.HealthData, .. points.Select(point => point.Metric).Distinct(StringComparer.Ordinal).Select(ResponseCacheTags.OfMetric)]);
        return TypedResults.Ok(new Ingested(points.Count));
    }

    private static NewPoint ReadPoint(JsonElement element, string place, string source, DateTimeOffset now, InputProblem problem)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            problem.Add(place, $"Is {JsonBody.Name(element.ValueKind)}; write an object with metric, value and recordedAt.");
            return new NewPoint("", source, now, 0);
        }

        var fields = new JsonFields(element, problem, place + ".");
        var metric = fields.OneOf("metric", HealthMetric.Names);
        var (from, to) = HealthMetric.Find(metric) is { } known ? (known.Minimum, known.Maximum) : (double.MinValue, double.MaxValue);
        var value = fields.Number("value", from, to);
        var recordedAt = fields.Time("recordedAt", fallback: now);
        if (recordedAt > now + FastestClock)
            problem.Add(place + ".recordedAt", "Is more than a day in the future.");

        return new NewPoint(metric, source, recordedAt, value);
    }

    private static async Task<IResult> GetData(string metric, HttpContext http, HealthQueries health, CancellationToken cancellationToken)
    {
        var query = new QueryParameters(http.Request.Query);
        var source = query.Text("source", LongestSource);
        var (since, until) = query.Span();
        var limit = query.Integer("limit", fallback: 200, from: 1, to: 2_000);
        var after = query.Cursor(HealthQueries.ReadingOrder);
        if (query.Problem() is { } invalid)
            return invalid;

        if (HealthMetric.Find(metric) is not { } known)
        {
            return TypedResults.Problem(
                $"There is no metric '{TextRules.Shown(metric)}'; the metrics are {string.Join(", ", HealthMetric.Names)}.",
                statusCode: StatusCodes.Status404NotFound);
        }

        var data = await health.ReadAsync(known, source, since, until, limit, after, cancellationToken);
        PageLink.SetNext(http, data.Next);
        return TypedResults.Ok(data);
    }

    private static async Task<IResult> Export(HttpContext http, HealthQueries health, CancellationToken cancellationToken)
    {
        var query = new QueryParameters(http.Request.Query);
        var format = query.OneOf("format", Formats) ?? Formats[0];
        var metric = query.OneOf("metric", HealthMetric.Names);
        var (since, until) = query.Span();
        var limit = query.Integer("limit", fallback: 2_000, from: 1, to: 50_000);
        var after = query.Cursor(HealthQueries.ExportOrder);
        if (query.Problem() is { } invalid)
            return invalid;

        var page = await health.ExportAsync(metric, since, until, limit, after, cancellationToken);
        PageLink.SetNext(http, page.Next);
        if (format == "json")
            return TypedResults.Ok(page);

        http.Response.Headers.ContentDisposition = "attachment; filename=\"health-data.csv\"";
        return TypedResults.Text(ToCsv(page.Items), "text/csv", Encoding.UTF8);
    }

    /// <summary>RFC 4180: a header line, CRLF at line ends, and quotes around what contains a separator or a quote.</summary>
    private static string ToCsv(IReadOnlyList<ExportedPoint> points)
    {
        var csv = new StringBuilder("id,metric,source,recordedAt,value\r\n");
        foreach (var point in points)
        {
            csv.Append(CultureInfo.InvariantCulture, $"{point.Id},{point.Metric},{Field(point.Source)},{point.RecordedAt.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ},{point.Value:R}");
            csv.Append("\r\n");
        }

        return csv.ToString();
    }

    private static string Field(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
