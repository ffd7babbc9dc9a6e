using System.Globalization;

namespace ReferenceApi.Data.DataSets;

/// <summary>Experts (assistants with a field of knowledge), their runs and the reports that they wrote, over 30 days.</summary>
internal static class InsightRows
{
    private const int Days = 30;

    private static readonly string[] Models = ["atlas-large", "atlas-mini", "cinder-1", "cinder-1-fast"];

    private static readonly string[] ReportKinds = ["summary", "incident", "trend", "forecast", "audit"];

    private static readonly string[] Subjects =
    [
        "delivery times", "refund requests", "first replies", "opening hours", "double charges", "late parcels", "agent workload", "unanswered chats",
        "payment errors", "customer mood", "peak hours", "cancelled bookings",
    ];

    private static readonly string[] Findings =
    [
        "rose by a tenth against the month before", "stayed level", "fell for the third week in a row", "peaked on the second Monday",
        "depend on the channel more than on the hour", "come from a tenth of the customers", "follow the delivery times by two days",
    ];

    public static readonly IReadOnlyList<(string Name, string Domain)> Experts =
    [
        ("Router", "triage"), ("Concierge", "bookings"), ("Ledger", "billing"), ("Courier", "delivery"), ("Mender", "returns"), ("Scribe", "summaries"),
        ("Polyglot", "translation"), ("Sentinel", "fraud"), ("Compass", "onboarding"), ("Archivist", "search"), ("Listener", "sentiment"), ("Planner", "scheduling"),
        ("Examiner", "quality"), ("Tutor", "training"), ("Broker", "pricing"), ("Steward", "stock"), ("Herald", "campaigns"), ("Weaver", "integrations"),
        ("Surgeon", "incidents"), ("Oracle", "forecasts"), ("Notary", "contracts"), ("Gardener", "clean-up"), ("Ranger", "monitoring"), ("Cartographer", "maps"),
    ];

    public static void Write(DataSetSpecification specification, RowWriter writer)
    {
        WriteExperts(specification, writer);
        WriteRuns(specification, writer);
        WriteReports(specification, writer);
    }

    private static void WriteExperts(DataSetSpecification specification, RowWriter writer)
    {
        var random = new SeededRandom(specification.Seed, "experts");
        writer.BeginTable("experts", "id", "name", "domain", "model");
        for (var index = 0; index < Experts.Count; index++)
        {
            writer.Write(index + 1L);
            writer.Write(Experts[index].Name);
            writer.Write(Experts[index].Domain);
            writer.Write(random.Pick(Models));
            writer.EndRow();
        }

        writer.EndTable();
    }

    private static void WriteRuns(DataSetSpecification specification, RowWriter writer)
    {
        var random = new SeededRandom(specification.Seed, "runs");
        var experts = new ZipfDistribution(Experts.Count);
        var timeline = new Timeline(Days);
        writer.BeginTable("runs", "id", "expert_id", "status", "input_tokens", "output_tokens", "duration_ms", "started_at");
        for (var index = 0; index < specification.Rows.Runs; index++)
        {
            var expert = experts.Sample(random);
            var status = RunStatus(random.NextDouble());
            var length = random.NextDouble();
            var inputTokens = 150 + (long)(length * length * length * 12_000);
            var outputTokens = status is "succeeded" ? 20 + (long)(random.NextDouble() * random.NextDouble() * 2_400) : random.Next(40);

            writer.Write(index + 1L);
            writer.Write(expert + 1L);
            writer.Write(status);
            writer.Write(inputTokens);
            writer.Write(outputTokens);
            writer.Write(200 + (inputTokens / 20) + (outputTokens * 9) + random.Next(400) + (random.Chance(0.01) ? 20_000 : 0));
            writer.Write(timeline.At(index, specification.Rows.Runs, random));
            writer.EndRow();
        }

        writer.EndTable();
    }

    private static void WriteReports(DataSetSpecification specification, RowWriter writer)
    {
        var random = new SeededRandom(specification.Seed, "reports");
        var experts = new ZipfDistribution(Experts.Count);
        var kinds = new ZipfDistribution(ReportKinds.Length);
        var timeline = new Timeline(Days);
        writer.BeginTable("reports", "id", "expert_id", "kind", "title", "summary", "created_at");
        for (var index = 0; index < specification.Rows.Reports; index++)
        {
            var kind = ReportKinds[kinds.Sample(random)];
            var (subject, other) = (random.Pick(Subjects), random.Pick(Subjects));
            writer.Write(index + 1L);
            writer.Write(experts.Sample(random) + 1L);
            writer.Write(kind);
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{char.ToUpperInvariant(kind[0])}{kind[1..]} {index + 1}: {subject}"));
            writer.Write($"The {subject} {random.Pick(Findings)}; the {other} {random.Pick(Findings)}.");
            writer.Write(timeline.At(index, specification.Rows.Reports, random));
            writer.EndRow();
        }

        writer.EndTable();
    }

    private static string RunStatus(double share) => share switch
    {
        < 0.91 => "succeeded",
        < 0.98 => "failed",
        _ => "cancelled",
    };
}
