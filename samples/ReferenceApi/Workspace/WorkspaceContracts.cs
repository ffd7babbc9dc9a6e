namespace ReferenceApi.Workspace;

internal sealed record Item
{
    public long Id { get; init; }

    public string Title { get; init; } = "";

    public string Description { get; init; } = "";

    public string Category { get; init; } = "";

    public string Status { get; init; } = "";

    public string Priority { get; init; } = "";

    public string Assignee { get; init; } = "";

    public IReadOnlyList<string> Tags { get; init; } = [];

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>A numbered page of items, with how many there are in all.</summary>
internal sealed record ItemPage(IReadOnlyList<Item> Items, long Total, int Page, int PageSize);

/// <summary>What a list of items is narrowed to; null means any.</summary>
internal sealed record ItemFilter(string? Category, string? Status, string? Priority, string? Tag, string? Text);

/// <summary>An item that a client creates.</summary>
internal sealed record NewItem(
    string Title, string Description, string Category, string Status, string Priority, string Assignee, IReadOnlyList<string> Tags);

internal sealed record SignalReport(DateTimeOffset Since, DateTimeOffset Until, string Interval, IReadOnlyList<SignalHistory> Series);

internal sealed record SignalHistory(string Name, string Unit, IReadOnlyList<SignalPoint> Points);

/// <summary>The values of one interval.</summary>
internal sealed record SignalPoint(DateTimeOffset At, double Min, double Max, double Mean, long Count);
