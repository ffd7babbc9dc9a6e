using ReferenceApi.Data;

namespace ReferenceApi.Insight;

internal sealed class InsightQueries(Database database)
{
    private const long DayMs = 24 * 60 * 60 * 1_000;
    private const int LatestReports = 10;

    public async Task<Overview> ReadOverviewAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenAsync(cancellationToken);
        var experts = await ReadExpertsAsync(session);
        var models = await session.QueryAsync<ModelTokens>(
            "sum-tokens",
            """
            SELECT e.model, count(*) AS runs, CAST(sum(r.input_tokens) AS BIGINT) AS input, CAST(sum(r.output_tokens) AS BIGINT) AS output
            FROM runs r JOIN experts e ON e.id = r.expert_id
            GROUP BY e.model
            ORDER BY e.model
            """);
        var (input, output) = (models.Sum(model => model.Input), models.Sum(model => model.Output));
        return new Overview(
            new TokenTotals(input, output, input + output, models),
            await ReadRunsAsync(session),
            experts,
            await ReadReportsAsync(session));
    }

    private static async Task<List<ExpertStatistics>> ReadExpertsAsync(DatabaseSession session)
    {
        var experts = await session.QueryAsync<ExpertStatistics>(
            "sum-experts",
            """
            SELECT e.id, e.name, e.domain, e.model, count(r.id) AS runs,
                   CAST(coalesce(sum(CASE WHEN r.status = 'succeeded' THEN 1 ELSE 0 END), 0) AS BIGINT) AS succeeded,
                   CAST(coalesce(sum(r.input_tokens + r.output_tokens), 0) AS BIGINT) AS tokens,
                   CAST(coalesce(avg(r.duration_ms), 0) AS DOUBLE PRECISION) AS mean_duration_ms
            FROM experts e LEFT JOIN runs r ON r.expert_id = e.id
            GROUP BY e.id, e.name, e.domain, e.model
            ORDER BY runs DESC, e.id
            """);
        return [.. experts.Select(expert => expert with { MeanDurationMs = Math.Round(expert.MeanDurationMs, 1) })];
    }

    private static async Task<RunStatistics> ReadRunsAsync(DatabaseSession session)
    {
        var totals = await session.QuerySingleAsync<RunTotals>(
            "sum-runs",
            """
            SELECT count(*) AS total,
                   CAST(coalesce(sum(CASE WHEN status = 'succeeded' THEN 1 ELSE 0 END), 0) AS BIGINT) AS succeeded,
                   CAST(coalesce(sum(CASE WHEN status = 'failed' THEN 1 ELSE 0 END), 0) AS BIGINT) AS failed,
                   CAST(coalesce(avg(duration_ms), 0) AS DOUBLE PRECISION) AS mean,
                   coalesce(max(duration_ms), 0) AS max
            FROM runs
            """);
        var days = await session.QueryAsync<DayRow>(
            "sum-runs-by-day",
            $"""
            SELECT started_at / {DayMs} AS day, count(*) AS runs, CAST(sum(CASE WHEN status = 'failed' THEN 1 ELSE 0 END) AS BIGINT) AS failed
            FROM runs
            GROUP BY started_at / {DayMs}
            ORDER BY 1
            """);
        return new RunStatistics(
            totals.Total,
            totals.Succeeded,
            totals.Failed,
            totals.Total - totals.Succeeded - totals.Failed,
            totals.Total == 0 ? 0 : Math.Round((double)totals.Succeeded / totals.Total, 4),
            new RunDurations(
                Math.Round(totals.Mean, 1),
                await ReadDurationAtAsync(session, totals.Total, percent: 50),
                await ReadDurationAtAsync(session, totals.Total, percent: 95),
                totals.Max),
            [.. days.Select(day => new RunsOfDay(DateOnly.FromDateTime(DateTime.UnixEpoch.AddDays(day.Day)), day.Runs, day.Failed))]);
    }

    /// <summary>The percentile by the nearest rank: the smallest duration that at least so many percent of the runs did not exceed.</summary>
    private static Task<long> ReadDurationAtAsync(DatabaseSession session, long runs, int percent) => session.QueryFirstOrDefaultAsync<long>(
        "find-run-percentile",
        "SELECT duration_ms FROM runs ORDER BY duration_ms LIMIT 1 OFFSET @before",
        new { before = Math.Max(0, ((runs * percent) + 99) / 100 - 1) });

    private static async Task<ReportStatistics> ReadReportsAsync(DatabaseSession session)
    {
        var kinds = await session.QueryAsync<KindRow>("count-reports", "SELECT kind, count(*) AS count FROM reports GROUP BY kind ORDER BY kind");
        var latest = await session.QueryAsync<Report>(
            "list-reports",
            """
            SELECT r.id, r.kind, r.title, r.summary, e.name AS expert, r.created_at
            FROM reports r JOIN experts e ON e.id = r.expert_id
            ORDER BY r.created_at DESC, r.id DESC
            LIMIT @rows
            """,
            new { rows = LatestReports });
        return new ReportStatistics(
            kinds.Sum(kind => kind.Count),
            kinds.ToDictionary(kind => kind.Kind, kind => kind.Count, StringComparer.Ordinal),
            latest);
    }

    private sealed record RunTotals
    {
        public long Total { get; init; }

        public long Succeeded { get; init; }

        public long Failed { get; init; }

        public double Mean { get; init; }

        public long Max { get; init; }
    }

    private sealed record DayRow
    {
        public long Day { get; init; }

        public long Runs { get; init; }

        public long Failed { get; init; }
    }

    private sealed record KindRow
    {
        public string Kind { get; init; } = "";

        public long Count { get; init; }
    }
}
