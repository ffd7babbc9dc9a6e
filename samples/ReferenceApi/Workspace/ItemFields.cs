namespace ReferenceApi.Workspace;

/// <summary>What the fields of an item may hold.</summary>
internal static class ItemFields
{
    public const int LongestTitle = 200;
    public const int LongestDescription = 4_000;
    public const int LongestAssignee = 100;
    public const int LongestTag = 40;
    public const int MostTags = 10;

    /// <summary>The first are the most used.</summary>
    public static IReadOnlyList<string> Categories { get; } = ["engineering", "support", "product", "operations", "marketing", "finance", "people", "legal"];

    public static IReadOnlyList<string> Statuses { get; } = ["open", "in_progress", "blocked", "done", "archived"];

    public static IReadOnlyList<string> Priorities { get; } = ["low", "medium", "high", "urgent"];

    /// <summary>What the text search looks through, in lower case, since the databases fold letters differently.</summary>
    public static string SearchText(string title, string description) => Fold($"{title}\n{description}");

    /// <summary>A pattern for LIKE that finds <paramref name="text"/> anywhere, with its own wildcards taken literally.</summary>
    public static string SearchPattern(string text) =>
        $"%{Fold(text).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";

    private static string Fold(string text) => text.ToLowerInvariant();
}
