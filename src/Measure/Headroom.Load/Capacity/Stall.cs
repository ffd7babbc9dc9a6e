using Headroom.Measurements;

namespace Headroom.Load.Capacity;

/// <summary>
/// Whether an objective was missed by one stall alone: without the worst second (or two in a row, when there are enough) of the step it holds. An overload goes on through the
/// step; what lasts a second may be a pause of the target, or of the machine, at any rate.
/// </summary>
internal static class Stall
{
    /// <summary>From so many seconds on, two may be left out.</summary>
    private const int SecondsForTwo = 4;

    public static bool Explains(RunFile run, Objectives objectives)
    {
        var seconds = run.Series.Where(point => point is { Requests: > 0, LatencyHistogram: not null }).ToArray();
        if (seconds.Length < 2)
            return false;
        var length = seconds.Length >= SecondsForTwo ? 2 : 1;
        return Enumerable.Range(0, seconds.Length - length + 1)
            .Any(first => objectives.Judge(Of(run, [.. seconds.Take(first), .. seconds.Skip(first + length)])).All(result => result.Holds));
    }

    /// <summary>The run of these seconds alone, as far as objectives on all requests look at it.</summary>
    private static RunFile Of(RunFile run, SeriesPoint[] seconds)
    {
        var latency = new LatencyHistogram();
        foreach (var second in seconds)
            latency.Add(LatencyHistogram.Decode(second.LatencyHistogram!));
        var (requests, errors) = (seconds.Sum(second => second.Requests), seconds.Sum(second => second.Errors));
        return run with
        {
            Summary = run.Summary with
            {
                Requests = requests,
                Errors = errors,
                ErrorRate = (double)errors / requests,
                LatencyMs = latency.Summarize(),
                LatencyHistogram = latency.Encode(),
            },
        };
    }
}
