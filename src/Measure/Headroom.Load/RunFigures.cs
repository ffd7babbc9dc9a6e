using Headroom.Load.Flows;
using Headroom.Measurements;

namespace Headroom.Load;

/// <summary>Turns the tallies of rows into the figures of a run file: one entry a name, one a tag, one a check.</summary>
internal static class RunFigures
{
    public static RequestTally Sum(IEnumerable<RequestTally> tallies)
    {
        var sum = new RequestTally();
        foreach (var tally in tallies)
            sum.Add(tally);
        return sum;
    }

    /// <param name="plan">Names the rows.</param>
    /// <param name="rows">By number of the row; null for those that never ran.</param>
    /// <param name="seconds">For the rates.</param>
    public static IReadOnlyDictionary<string, RequestSummary> ByName(CompiledPlan plan, IReadOnlyList<RequestTally?> rows, double seconds) =>
        Grouped(plan.Rows.Select((row, i) => (row.Name, Tally: rows[i])), seconds);

    /// <inheritdoc cref="ByName"/>
    public static IReadOnlyDictionary<string, RequestSummary> ByTag(CompiledPlan plan, IReadOnlyList<RequestTally?> rows, double seconds) =>
        Grouped(plan.Rows.SelectMany((row, i) => row.Tags.Select(tag => ($"{tag.Key}:{tag.Value}", rows[i]))), seconds);

    /// <param name="plan">Names the checks.</param>
    /// <param name="counts">By number of the check.</param>
    public static IReadOnlyList<CheckSummary> Checks(CompiledPlan plan, Func<int, (long Passes, long Fails)> counts) =>
    [
        .. plan.Checks.Select((check, i) => (check, counts: counts(i)))
            .GroupBy(entry => entry.check)
            .Select(group => new CheckSummary
            {
                Name = group.Key.Name,
                Request = group.Key.Request,
                Passes = group.Sum(entry => entry.counts.Passes),
                Fails = group.Sum(entry => entry.counts.Fails),
            })
            .Where(check => check.Passes + check.Fails > 0),
    ];

    private static Dictionary<string, RequestSummary> Grouped(IEnumerable<(string Name, RequestTally? Tally)> rows, double seconds) =>
        rows.Where(row => row.Tally is not null)
            .GroupBy(row => row.Name, row => row.Tally!, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => Sum(group).Summarize(seconds), StringComparer.Ordinal);
}
