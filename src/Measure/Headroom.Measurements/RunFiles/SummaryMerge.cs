using System.Globalization;

namespace Headroom.Measurements.RunFiles;

/// <summary>The figures of one run, phase or request name.</summary>
/// <param name="Summary">The figures.</param>
/// <param name="RunName">What to call the run in errors.</param>
/// <param name="Path">Where in the run they stand, as JSON path.</param>
internal sealed record SummaryPart(RequestSummary Summary, string RunName, string Path);

/// <summary>Adds summaries by turning each back into the tally it was made of.</summary>
internal static class SummaryMerge
{
    public static RequestSummary Merge(IReadOnlyList<SummaryPart> parts, double durationSeconds)
    {
        var all = new RequestTally();
        foreach (var part in parts)
            all.Add(TallyOf(part));

        return all.Summarize(durationSeconds, TargetCpuSeconds(parts));
    }

    private static RequestTally TallyOf(SummaryPart part)
    {
        var summary = part.Summary;
        var tally = new RequestTally
        {
            Requests = summary.Requests,
            Errors = summary.Errors,
            BytesReceived = summary.BytesReceived,
            BytesSent = summary.BytesSent,
            BodyBytes = summary.BodyBytes,
            DecodedBodyBytes = summary.DecodedBodyBytes,
            CacheHits = summary.CacheHits,
            CacheMisses = summary.CacheMisses,
            Dropped = summary.Dropped,
            Events = summary.Events,
        };
        tally.Latency.Add(Histogram(part, "latencyHistogram", summary.LatencyHistogram, summary.LatencyMs));
        tally.ServiceTime.Add(Histogram(part, "serviceTimeHistogram", summary.ServiceTimeHistogram, summary.ServiceTimeMs));
        if (summary.TimeToFirstEventMs is { } firstEventMs)
            tally.TimeToFirstEvent.Add(Histogram(part, "timeToFirstEventHistogram", summary.TimeToFirstEventHistogram, firstEventMs));
        foreach (var (status, count) in summary.Statuses)
            tally.StatusCounts[StatusOf(part, status)] += count;
        foreach (var (kind, count) in summary.ErrorsByKind)
            tally.ErrorsByKind[kind] = count;
        return tally;
    }

    private static LatencyHistogram Histogram(SummaryPart part, string field, string? encoded, LatencySummary exact) =>
        encoded is null && part.Summary.Requests == 0
            ? new LatencyHistogram()
            : EncodedHistogram.Decode(encoded, exact, part.RunName, $"{part.Path}.{field}");

    private static int StatusOf(SummaryPart part, string status) =>
        int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code < RequestTally.StatusLimit
            ? code
            : throw new RunFileException(part.RunName, $"{part.Path}.statuses: found \"{status}\"; allowed is a status code from 0 to 999.");

    /// <summary>Known for the sum only where it is known for every part that had requests.</summary>
    private static double? TargetCpuSeconds(IReadOnlyList<SummaryPart> parts)
    {
        var seconds = 0.0;
        foreach (var summary in parts.Select(part => part.Summary).Where(summary => summary.Requests > 0))
        {
            if (summary.TargetCpuMicrosecondsPerRequest is not { } microseconds)
                return null;
            seconds += microseconds * summary.Requests / 1e6;
        }

        return seconds;
    }
}
