using System.Globalization;
using ReferenceApi.Workspace;

namespace ReferenceApi.Data.DataSets;

/// <summary>Tasks of a team over a year, with none to five tags each.</summary>
internal static class ItemRows
{
    private const int Days = 365;

    private static readonly string[] Verbs = ["Fix", "Review", "Plan", "Write", "Measure", "Migrate", "Test", "Document", "Clean up", "Automate", "Discuss", "Ship"];

    private static readonly string[] Things =
    [
        "the login page", "the payment retries", "the nightly export", "the search index", "the onboarding mails", "the invoice template", "the mobile release",
        "the connection pool", "the dashboard for support", "the rate limits", "the translation files", "the backup job", "the audit log", "the order API",
        "the error budget", "the database upgrade", "the cache keys", "the accessibility report", "the press kit", "the team offsite",
    ];

    private static readonly string[] Reasons =
    [
        "Customers in two countries have asked for it.", "It has failed three times this month, each time on a Monday.", "Blocked by the new contract until legal has answered.",
        "Small change, but it touches every page; agree on the wording first.", "See the thread in the support channel for the details.",
        "The numbers from last week look wrong: compare them with the raw data before anything else.", "Needs a second pair of eyes.",
        "Must be done before the freeze.", "Nice to have. Take it when the queue is short.", "Left over from the last sprint.",
    ];

    private static readonly string[] Tags =
    [
        "backend", "frontend", "customer", "bug", "performance", "security", "design", "data", "mobile", "api", "billing", "urgent-fix", "docs", "infra", "quick-win",
        "research", "legal", "support", "growth", "quality", "refactoring", "release", "monitoring", "translation", "onboarding", "testing", "partner", "compliance",
        "hiring", "events", "analytics", "search", "email", "export", "migration", "cost", "roadmap", "idea", "followup", "hardware",
    ];

    public static void Write(DataSetSpecification specification, RowWriter writer)
    {
        WriteItems(specification, writer);
        WriteTags(specification, writer);
    }

    private static void WriteItems(DataSetSpecification specification, RowWriter writer)
    {
        var random = new SeededRandom(specification.Seed, "items");
        var categories = new ZipfDistribution(ItemFields.Categories.Count);
        var timeline = new Timeline(Days);
        var takenAt = DataSetSpecification.TakenAt.ToUnixTimeMilliseconds();
        writer.BeginTable("items", "id", "title", "description", "category", "status", "priority", "assignee", "search_text", "created_at", "updated_at");
        for (var index = 0; index < specification.Rows.Items; index++)
        {
            var createdAt = timeline.At(index, specification.Rows.Items, random);
            var title = string.Create(CultureInfo.InvariantCulture, $"{random.Pick(Verbs)} {random.Pick(Things)}");
            var description = string.Join(' ', Enumerable.Range(0, random.Between(1, 3)).Select(_ => random.Pick(Reasons)));
            var touched = random.NextDouble();

            writer.Write(index + 1L);
            writer.Write(title);
            writer.Write(description);
            writer.Write(ItemFields.Categories[categories.Sample(random)]);
            writer.Write(Status(random.NextDouble()));
            writer.Write(Priority(random.NextDouble()));
            writer.Write(UserRows.Name(random));
            writer.Write(ItemFields.SearchText(title, description));
            writer.Write(createdAt);
            writer.Write(createdAt + (long)(touched * touched * (takenAt - 1 - createdAt)));
            writer.EndRow();
        }

        writer.EndTable();
    }

    private static void WriteTags(DataSetSpecification specification, RowWriter writer)
    {
        var random = new SeededRandom(specification.Seed, "item-tags");
        var popularity = new ZipfDistribution(Tags.Length);
        var tags = new SortedSet<int>();
        writer.BeginTable("item_tags", "item_id", "tag");
        for (var index = 0; index < specification.Rows.Items; index++)
        {
            tags.Clear();
            for (var draws = random.Next(6); draws > 0; draws--)
                tags.Add(popularity.Sample(random));

            foreach (var tag in tags)
            {
                writer.Write(index + 1L);
                writer.Write(Tags[tag]);
                writer.EndRow();
            }
        }

        writer.EndTable();
    }

    private static string Status(double share) => share switch
    {
        < 0.46 => "done",
        < 0.76 => "open",
        < 0.90 => "in_progress",
        < 0.95 => "blocked",
        _ => "archived",
    };

    private static string Priority(double share) => share switch
    {
        < 0.25 => "low",
        < 0.75 => "medium",
        < 0.95 => "high",
        _ => "urgent",
    };
}
