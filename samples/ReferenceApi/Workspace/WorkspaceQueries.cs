using ReferenceApi.Data;

namespace ReferenceApi.Workspace;

internal sealed class WorkspaceQueries(Database database, TimeProvider time)
{
    /// <summary>Newest first.</summary>
    public async Task<ItemPage> ListItemsAsync(ItemFilter items, int page, int pageSize, CancellationToken cancellationToken)
    {
        var filter = new SqlFilter()
            .When(items.Category is not null, "category = @category")
            .When(items.Status is not null, "status = @status")
            .When(items.Priority is not null, "priority = @priority")
            .When(items.Tag is not null, "id IN (SELECT item_id FROM item_tags WHERE tag = @tag)")
            .When(items.Text is not null, @"search_text LIKE @pattern ESCAPE '\'");
        var parameters = new
        {
            category = items.Category,
            status = items.Status,
            priority = items.Priority,
            tag = items.Tag,
            pattern = items.Text is { } text ? ItemFields.SearchPattern(text) : null,
            rows = pageSize,
            skip = (page - 1) * pageSize,
        };
        await using var session = await database.OpenAsync(cancellationToken);
        var total = await session.QuerySingleAsync<long>("count-items", $"SELECT count(*) FROM items {filter}", parameters);
        var rows = await session.QueryAsync<Item>(
            "list-items",
            $"""
            SELECT id, title, description, category, status, priority, assignee, created_at, updated_at
            FROM items {filter}
            ORDER BY created_at DESC, id DESC
            LIMIT @rows OFFSET @skip
            """,
            parameters);
        return new ItemPage(await WithTagsAsync(session, rows), total, page, pageSize);
    }

    public async Task<Item> CreateItemAsync(NewItem item, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var session = await database.BeginAsync(cancellationToken);
        var id = await session.QuerySingleAsync<long>(
            "insert-item",
            """
            INSERT INTO items (title, description, category, status, priority, assignee, search_text, created_at, updated_at)
            VALUES (@Title, @Description, @Category, @Status, @Priority, @Assignee, @searchText, @now, @now)
            RETURNING id
            """,
            new
            {
                item.Title,
                item.Description,
                item.Category,
                item.Status,
                item.Priority,
                item.Assignee,
                searchText = ItemFields.SearchText(item.Title, item.Description),
                now,
            });
        if (item.Tags.Count > 0)
        {
            await session.ExecuteAsync(
                "insert-item-tags",
                "INSERT INTO item_tags (item_id, tag) VALUES (@id, @tag)",
                item.Tags.Select(tag => new { id, tag }).ToArray());
        }

        await session.CommitAsync();
        var createdAt = DateTimeOffset.FromUnixTimeMilliseconds(now);
        return new Item
        {
            Id = id,
            Title = item.Title,
            Description = item.Description,
            Category = item.Category,
            Status = item.Status,
            Priority = item.Priority,
            Assignee = item.Assignee,
            Tags = item.Tags,
            CreatedAt = createdAt,
            UpdatedAt = createdAt,
        };
    }

    /// <summary>Min, max and mean of each interval that has values, of one series or, without a name, of all.</summary>
    public async Task<IReadOnlyList<SignalHistory>> ReadSignalsAsync(
        string? name, DateTimeOffset since, DateTimeOffset until, TimeSpan interval, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenAsync(cancellationToken);
        var rows = await session.QueryAsync<BucketRow>(
            "sum-signals",
            $"""
            SELECT name, observed_at / @length AS bucket, min(value) AS min, max(value) AS max, avg(value) AS mean, count(*) AS count
            FROM signals
            WHERE {(name is null ? "" : "name = @name AND ")}observed_at >= @since AND observed_at < @until
            GROUP BY name, bucket
            ORDER BY name, bucket
            """,
            new { name, length = (long)interval.TotalMilliseconds, since = since.ToUnixTimeMilliseconds(), until = until.ToUnixTimeMilliseconds() });
        var points = rows.ToLookup(row => row.Name, row => row.ToPoint(interval), StringComparer.Ordinal);
        return
        [
            .. SignalSeries.All
                .Where(series => name is null || series.Name == name)
                .Select(series => new SignalHistory(series.Name, series.Unit, [.. points[series.Name]])),
        ];
    }

    private async Task<IReadOnlyList<Item>> WithTagsAsync(DatabaseSession session, List<Item> items)
    {
        if (items.Count == 0)
            return items;

        var rows = await session.QueryAsync<TagRow>(
            "list-item-tags",
            $"SELECT item_id, tag FROM item_tags WHERE {database.IsAnyOf("item_id", "@ids")} ORDER BY tag",
            new { ids = items.Select(item => item.Id).ToArray() });
        var tags = rows.ToLookup(row => row.ItemId, row => row.Tag);
        return [.. items.Select(item => item with { Tags = [.. tags[item.Id]] })];
    }

    private sealed record TagRow
    {
        public long ItemId { get; init; }

        public string Tag { get; init; } = "";
    }

    private sealed record BucketRow
    {
        public string Name { get; init; } = "";

        public long Bucket { get; init; }

        public double Min { get; init; }

        public double Max { get; init; }

        public double Mean { get; init; }

        public long Count { get; init; }

        public SignalPoint ToPoint(TimeSpan interval) => new(
            DateTimeOffset.FromUnixTimeMilliseconds(Bucket * (long)interval.TotalMilliseconds), Min, Max, Math.Round(Mean, 4), Count);
    }
}
