namespace Headroom.Measurements.RunFiles;

/// <summary>Adds what the rounds' iterations, checks and extractions came to.</summary>
internal static class IterationMerge
{
    /// <summary>Null when a round did not count them: a sum over the others would look like all.</summary>
    public static IterationSummary? Iterations(IReadOnlyList<Round> rounds, double durationSeconds)
    {
        var all = new IterationTally();
        foreach (var round in rounds)
        {
            if (round.Run.Iterations is not { } iterations)
                return null;
            all.Add(TallyOf(iterations, round.Name));
        }

        return all.Summarize(durationSeconds);
    }

    /// <summary>In the order of their first appearance, which is the plan's.</summary>
    public static IReadOnlyList<CheckSummary> Checks(IReadOnlyList<Round> rounds) =>
        [.. rounds.SelectMany(round => round.Run.Checks).GroupBy(check => (check.Request, check.Name)).Select(same => same.First() with
        {
            Passes = same.Sum(check => check.Passes),
            Fails = same.Sum(check => check.Fails),
        })];

    public static IReadOnlyList<FailedExtraction> FailedExtractions(IReadOnlyList<Round> rounds) =>
        [.. rounds.SelectMany(round => round.Run.FailedExtractions).GroupBy(failed => (failed.Request, failed.Variable)).Select(same => same.First() with
        {
            Count = same.Sum(failed => failed.Count),
        })];

    private static IterationTally TallyOf(IterationSummary summary, string runName)
    {
        var tally = new IterationTally
        {
            Count = summary.Count,
            CutShort = summary.CutShort,
            RequestsSkipped = summary.RequestsSkipped,
            Interrupted = summary.Interrupted,
            Dropped = summary.Dropped,
        };
        if (summary.DurationHistogram is not null || summary.Count > summary.CutShort)
            tally.Duration.Add(EncodedHistogram.Decode(summary.DurationHistogram, summary.DurationMs, runName, "$.iterations.durationHistogram"));
        return tally;
    }
}
