using Headroom.Measurements.RunFiles;

namespace Headroom.Measurements;

/// <summary>
/// Makes one run of several rounds of the same plan, as if all requests had been recorded in one: histograms and counts are added, rates
/// and percentiles computed anew from the sums, never averaged.
/// </summary>
public static class RunMerge
{
    /// <summary>What a round says of itself when it has too few requests; together they may have enough.</summary>
    private const string FewSamples = "few-samples";

    /// <summary>Merges rounds in the order of their start. Phases of the same name become one, which begins where the first began.</summary>
    /// <param name="runs">One or more runs of the same plan.</param>
    /// <exception cref="ArgumentException">No run was given.</exception>
    /// <exception cref="RunFileException">The plans differ, or a run lacks a histogram or has a damaged one.</exception>
    public static RunFile Merge(IReadOnlyList<RunFile> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        if (runs.Count == 0)
            throw new ArgumentException("At least one run is needed to merge.", nameof(runs));

        RequireSamePlan(runs);
        var rounds = Rounds(runs);
        var first = rounds[0].Run;
        var durationSeconds = rounds.Sum(round => round.Run.DurationSeconds);
        var merged = first with
        {
            Schema = RunFile.CurrentSchema,
            DurationSeconds = durationSeconds,
            Interrupted = runs.Any(run => run.Interrupted),
            AbortedBy = rounds.Select(round => round.Run.AbortedBy).FirstOrDefault(target => target is not null),
            Summary = SummaryMerge.Merge([.. rounds.Select(round => new SummaryPart(round.Run.Summary, round.Name, "$.summary"))], durationSeconds),
            RequestsByName = Groups(rounds, run => run.RequestsByName, "requestsByName", durationSeconds),
            RequestsByTag = Groups(rounds, run => run.RequestsByTag, "requestsByTag", durationSeconds),
            Iterations = IterationMerge.Iterations(rounds, durationSeconds),
            Checks = IterationMerge.Checks(rounds),
            FailedExtractions = IterationMerge.FailedExtractions(rounds),
            Phases = Phases(rounds),
            Statuses = Sum(rounds, run => run.Statuses),
            ErrorsByKind = Sum(rounds, run => run.ErrorsByKind),
            WarmUp = new WarmUpTotals
            {
                Requests = runs.Sum(run => run.WarmUp.Requests),
                Errors = runs.Sum(run => run.WarmUp.Errors),
                BytesReceived = runs.Sum(run => run.WarmUp.BytesReceived),
            },
            TargetAllocatedBytes = runs.All(run => run.TargetAllocatedBytes is not null) ? runs.Sum(run => run.TargetAllocatedBytes) : null,
            Warnings = [.. rounds.SelectMany(round => round.Run.Warnings).DistinctBy(warning => warning.Code, StringComparer.Ordinal)],
            Series = [.. rounds.SelectMany(round => round.Run.Series.Select(point => point with { Second = round.OffsetSeconds + point.Second }))],
        };

        var requests = merged.Summary.Requests;
        merged = merged with { Generator = UsageMerge.Generator(rounds, requests), Target = UsageMerge.Target(rounds, requests), TargetMetrics = UsageMerge.Metrics(rounds) };
        if (requests >= LatencySummary.RequestsForP99)
            merged = merged with { Warnings = [.. merged.Warnings.Where(warning => warning.Code != FewSamples)] };
        return merged with { Thresholds = [.. first.Thresholds.Select(threshold => Evaluate(threshold.Expression, merged))] };
    }

    private static void RequireSamePlan(IReadOnlyList<RunFile> runs)
    {
        var first = runs[0].Plan;
        for (var i = 1; i < runs.Count; i++)
        {
            var plan = runs[i].Plan;
            var where = $"run {i + 1} of {runs.Count}";
            if (plan.Digest != first.Digest)
                throw new RunFileException(where, $"has the plan digest '{plan.Digest}', the first has '{first.Digest}'; only runs of the same plan can be merged.");
            if (plan.Digest is null && (plan.Name != first.Name || plan.Target != first.Target))
                throw new RunFileException(where, $"has the plan '{plan.Name}' to {plan.Target}, the first has '{first.Name}' to {first.Target}; only runs of the same plan can be merged.");
        }
    }

    private static List<Round> Rounds(IReadOnlyList<RunFile> runs)
    {
        var rounds = new List<Round>(runs.Count);
        var offsetSeconds = 0.0;
        foreach (var (run, name) in runs.Select((run, i) => (run, $"run {i + 1} of {runs.Count}")).OrderBy(named => named.run.StartedAt))
        {
            rounds.Add(new Round(run, name, offsetSeconds));
            offsetSeconds += run.DurationSeconds;
        }

        return rounds;
    }

    private static Dictionary<string, RequestSummary> Groups(
        List<Round> rounds, Func<RunFile, IReadOnlyDictionary<string, RequestSummary>> groups, string field, double durationSeconds)
    {
        var merged = new Dictionary<string, RequestSummary>(StringComparer.Ordinal);
        foreach (var key in rounds.SelectMany(round => groups(round.Run).Keys).Distinct(StringComparer.Ordinal))
        {
            var parts = rounds
                .Where(round => groups(round.Run).ContainsKey(key))
                .Select(round => new SummaryPart(groups(round.Run)[key], round.Name, $"$.{field}[\"{key}\"]"));
            merged.Add(key, SummaryMerge.Merge([.. parts], durationSeconds));
        }

        return merged;
    }

    private static List<RunPhase> Phases(List<Round> rounds)
    {
        var merged = new List<RunPhase>();
        foreach (var group in rounds.SelectMany(round => round.Run.Phases.Select(phase => (round, phase))).GroupBy(pair => pair.phase.Name, StringComparer.Ordinal))
        {
            var durationSeconds = group.Sum(pair => pair.phase.DurationSeconds);
            var (firstRound, firstPhase) = group.First();
            merged.Add(new RunPhase
            {
                Name = group.Key,
                StartSeconds = firstRound.OffsetSeconds + firstPhase.StartSeconds,
                DurationSeconds = durationSeconds,
                Summary = SummaryMerge.Merge(
                    [.. group.Select(pair => new SummaryPart(pair.phase.Summary, pair.round.Name, $"$.phases[\"{group.Key}\"].summary"))], durationSeconds),
            });
        }

        return merged;
    }

    private static SortedDictionary<string, long> Sum(List<Round> rounds, Func<RunFile, IReadOnlyDictionary<string, long>> counts)
    {
        var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (key, count) in rounds.SelectMany(round => counts(round.Run)))
            sums[key] = sums.GetValueOrDefault(key) + count;
        return sums;
    }

    private static ThresholdResult Evaluate(string expression, RunFile merged) =>
        ThresholdExpression.TryParse(expression, out var parsed, out var error)
            ? parsed.Evaluate(merged)
            : new ThresholdResult { Expression = expression, Passed = false, Reason = $"cannot be judged again after merging: {error}" };
}

/// <summary>A run in its place.</summary>
/// <param name="Run">The run.</param>
/// <param name="Name">What to call it in errors.</param>
/// <param name="OffsetSeconds">Measured seconds of all rounds before it.</param>
internal sealed record Round(RunFile Run, string Name, double OffsetSeconds);
