using System.Text;
using Headroom.Measurements;

namespace Headroom.Load.Results;

/// <summary>Why a run failed, as the message of an assertion.</summary>
internal static class FailureText
{
    /// <param name="result">The run.</param>
    /// <param name="thresholds">What it was judged by.</param>
    public static string Of(LoadResult result, IReadOnlyList<ThresholdResult> thresholds)
    {
        var run = result.RunFile;
        var missed = thresholds.Count(threshold => !LoadResult.IsNotMissed(threshold));
        var text = new StringBuilder();
        text.Append('\'').Append(run.Plan.Name).Append("' ");
        text.Append(missed > 0 ? FormattableString.Invariant($"missed {missed} of {thresholds.Count} thresholds") : "did not run to its end").AppendLine(".");
        if (WhyCutShort(run) is { } reason)
            text.AppendLine(reason);
        if (thresholds.Count > 0)
        {
            text.AppendLine();
            TextColumns.Write(text, ThresholdRows.Of(run, thresholds), leftAligned: int.MaxValue);
        }

        text.AppendLine().Append(ResultText.Whole(result));
        foreach (var warning in run.Warnings.Where(warning => warning.Severity == FindingSeverity.Critical))
            text.AppendLine().Append(warning.Summary).Append(' ').Append(warning.Remedy);
        return text.ToString();
    }

    /// <summary>What failed beside thresholds, or null.</summary>
    public static string? WhyCutShort(RunFile run) =>
        LoadRun.NeverConnected(run) ? $"{run.Plan.Target} could not be reached: every request failed to connect ({string.Join(", ", run.ErrorsByKind.Keys)})."
        : run.AbortedBy is { } threshold ? $"The run was ended by '{threshold}'."
        : LoadRun.WasCutOff(run) ? "A feeder ran out of rows, which ended the run."
        : null;
}
