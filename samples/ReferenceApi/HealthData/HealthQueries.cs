using ReferenceApi.Data;
using ReferenceApi.Paging;

namespace ReferenceApi.HealthData;

internal sealed class HealthQueries(Database database)
{
    public const string ReadingOrder = "-recordedAt";
    public const string ExportOrder = "recordedAt";

    /// <summary>Stores all points or, when one fails, none.</summary>
    public async Task IngestAsync(IReadOnlyList<NewPoint> points, CancellationToken cancellationToken)
    {
        await using var session = await database.BeginAsync(cancellationToken);
        await session.ExecuteAsync(
            "insert-points",
            "INSERT INTO health_points (metric, source, recorded_at, value) VALUES (@Metric, @Source, @RecordedAt, @Value)",
            points.Select(point => new { point.Metric, point.Source, RecordedAt = point.RecordedAt.ToUnixTimeMilliseconds(), point.Value }).ToArray());
        await session.CommitAsync();
    }

    public async Task<MetricData> ReadAsync(
        HealthMetric metric, string? source, DateTimeOffset? since, DateTimeOffset? until, int limit, Cursor? after, CancellationToken cancellationToken)
    {
        var filter = Filter(metric.Name, source, since, until);
        var parameters = new
        {
            metric = metric.Name,
            source,
            since = since?.ToUnixTimeMilliseconds(),
            until = until?.ToUnixTimeMilliseconds(),
            key = after?.NumericKey,
            id = after?.Id,
            rows = limit + 1,
        };
        await using var session = await database.OpenAsync(cancellationToken);
        var summary = await session.QuerySingleAsync<MetricSummary>(
            "sum-points",
            $"SELECT count(*) AS count, min(value) AS min, max(value) AS max, avg(value) AS mean FROM health_points {filter}",
            parameters);
        var rows = await session.QueryAsync<MetricReading>(
            "list-points",
            $"""
            SELECT id, recorded_at, value, source FROM health_points
            {filter.When(after is not null, "(recorded_at, id) < (@key, @id)")}
            ORDER BY recorded_at DESC, id DESC
            LIMIT @rows
            """,
            parameters);
        var page = Page<MetricReading>.From(rows, limit, row => Cursor.Of(ReadingOrder, row.RecordedAt.ToUnixTimeMilliseconds(), row.Id));

        // The databases add the values up in different orders; their means differ in the last digits of a double.
        var mean = summary.Mean is { } value ? Math.Round(value, 4) : (double?)null;
        return new MetricData(metric.Name, metric.Unit, summary with { Mean = mean }, page.Items, page.Next);
    }

    /// <summary>Points of one or all metrics, oldest first.</summary>
    public async Task<Page<ExportedPoint>> ExportAsync(
        string? metric, DateTimeOffset? since, DateTimeOffset? until, int limit, Cursor? after, CancellationToken cancellationToken)
    {
        var filter = Filter(metric, source: null, since, until).When(after is not null, "(recorded_at, id) > (@key, @id)");
        await using var session = await database.OpenAsync(cancellationToken);
        var rows = await session.QueryAsync<ExportedPoint>(
            "export-points",
            $"SELECT id, metric, source, recorded_at, value FROM health_points {filter} ORDER BY recorded_at, id LIMIT @rows",
            new
            {
                metric,
                since = since?.ToUnixTimeMilliseconds(),
                until = until?.ToUnixTimeMilliseconds(),
                key = after?.NumericKey,
                id = after?.Id,
                rows = limit + 1,
            });
        return Page<ExportedPoint>.From(rows, limit, row => Cursor.Of(ExportOrder, row.RecordedAt.ToUnixTimeMilliseconds(), row.Id));
    }

    private static SqlFilter Filter(string? metric, string? source, DateTimeOffset? since, DateTimeOffset? until) => new SqlFilter()
        .When(metric is not null, "metric = @metric")
        .When(source is not null, "source = @source")
        .When(since is not null, "recorded_at >= @since")
        .When(until is not null, "recorded_at < @until");
}
