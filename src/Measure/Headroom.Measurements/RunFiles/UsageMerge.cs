namespace Headroom.Measurements.RunFiles;

/// <summary>Adds what generator and target used in each round.</summary>
internal static class UsageMerge
{
    public static GeneratorUsage Generator(IReadOnlyList<Round> rounds, long requests)
    {
        var parts = rounds.Select(round => round.Run.Generator).ToArray();
        var cpuSeconds = parts.Sum(part => part.CpuSeconds);
        var lag = LagHistogram(rounds);
        return new GeneratorUsage
        {
            CpuSeconds = cpuSeconds,
            CpuMicrosecondsPerRequest = PerRequest(cpuSeconds, requests),
            PeakRssBytes = parts.Max(part => part.PeakRssBytes),
            RssGrowthBytesPerHour = Growth(rounds, run => run.Generator.RssGrowthBytesPerHour),
            LagMs = lag?.Summarize() ?? Worst(parts.Select(part => part.LagMs)),
            LagHistogram = lag?.Encode(),
            Workers = parts.Max(part => part.Workers),
            GarbageCollections = parts.Sum(part => part.GarbageCollections),
            GarbageCollectionPauseMs = parts.Sum(part => part.GarbageCollectionPauseMs),
        };
    }

    /// <returns>Null unless every round saw the target: a part of its CPU over all requests would be a wrong figure.</returns>
    public static TargetUsage? Target(IReadOnlyList<Round> rounds, long requests)
    {
        var parts = rounds.Select(round => round.Run.Target).OfType<TargetUsage>().ToArray();
        if (parts.Length < rounds.Count)
            return null;

        var cpuSeconds = parts.Sum(part => part.CpuSeconds);
        return new TargetUsage
        {
            ProcessIds = [.. parts.SelectMany(part => part.ProcessIds).Distinct()],
            ProcessName = parts[0].ProcessName,
            CpuSeconds = cpuSeconds,
            CpuMicrosecondsPerRequest = PerRequest(cpuSeconds, requests),
            RssBytes = Gauges(parts.Select(part => part.RssBytes))!,
            RssGrowthBytesPerHour = Growth(rounds, run => run.Target!.RssGrowthBytesPerHour) ?? 0,
            RssGrowthMarginBytesPerHour = GrowthMargin(rounds),
            OpenHandles = Gauges(parts.Select(part => part.OpenHandles)),
            Threads = Gauges(parts.Select(part => part.Threads)),
            Connections = Gauges(parts.Select(part => part.Connections)),
            AcceptQueue = Gauges(parts.Select(part => part.AcceptQueue)),
            CpuCoresMax = parts[0].CpuCoresMax,
            OpenHandlesMax = parts[0].OpenHandlesMax,
        };
    }

    private static LatencyHistogram? LagHistogram(IReadOnlyList<Round> rounds)
    {
        var merged = new LatencyHistogram();
        foreach (var round in rounds)
        {
            if (round.Run.Generator.LagHistogram is not { } encoded)
                return null;

            try
            {
                var lag = LatencyHistogram.Decode(encoded);
                lag.RestoreExtremes((long)Math.Round(round.Run.Generator.LagMs.Min * 1e6), (long)Math.Round(round.Run.Generator.LagMs.Max * 1e6));
                merged.Add(lag);
            }
            catch (FormatException e)
            {
                throw new RunFileException(round.Name, $"$.generator.lagHistogram: {e.Message}", e);
            }
        }

        return merged;
    }

    /// <summary>Percentiles cannot be merged without their histograms; the worst of each is an honest upper bound.</summary>
    private static LatencySummary Worst(IEnumerable<LatencySummary> lags) => lags.Aggregate((worst, lag) => new LatencySummary
    {
        Min = Math.Min(worst.Min, lag.Min),
        P50 = Math.Max(worst.P50, lag.P50),
        P75 = Math.Max(worst.P75, lag.P75),
        P90 = Math.Max(worst.P90, lag.P90),
        P95 = Math.Max(worst.P95, lag.P95),
        P99 = Math.Max(worst.P99, lag.P99),
        P999 = Math.Max(worst.P999, lag.P999),
        Max = Math.Max(worst.Max, lag.Max),
        Mean = Math.Max(worst.Mean, lag.Mean),
        StdDev = Math.Max(worst.StdDev, lag.StdDev),
    });

    /// <summary>Start of the first round, highest peak, end of the last; null unless every round has it.</summary>
    private static Gauge? Gauges(IEnumerable<Gauge?> gauges) => gauges.Aggregate((before, gauge) => before is null || gauge is null
        ? null
        : new Gauge { Start = before.Start, Peak = Math.Max(before.Peak, gauge.Peak), End = gauge.End });

    /// <summary>The rounds' slopes, each counting as long as its round took; null unless every round has one.</summary>
    private static double? Growth(IReadOnlyList<Round> rounds, Func<RunFile, double?> slope)
    {
        var seconds = rounds.Sum(round => round.Run.DurationSeconds);
        return seconds > 0 && rounds.All(round => slope(round.Run) is not null)
            ? rounds.Sum(round => slope(round.Run)!.Value * round.Run.DurationSeconds) / seconds
            : null;
    }

    /// <summary>The margin of that mean: margins of independent rounds add up as squares; null unless every round has one.</summary>
    private static double? GrowthMargin(IReadOnlyList<Round> rounds)
    {
        var seconds = rounds.Sum(round => round.Run.DurationSeconds);
        return seconds > 0 && rounds.All(round => round.Run.Target!.RssGrowthMarginBytesPerHour is not null)
            ? Math.Sqrt(rounds.Sum(round => Math.Pow(round.Run.Target!.RssGrowthMarginBytesPerHour!.Value * round.Run.DurationSeconds, 2))) / seconds
            : null;
    }

    /// <summary>Counters' increases are added, and divided anew; of a gauge the last round's value is the one at the end.</summary>
    public static IReadOnlyList<TargetMetric> Metrics(IReadOnlyList<Round> rounds) =>
    [
        .. rounds[0].Run.TargetMetrics.Select(first =>
        {
            TargetMetric[] parts = [.. rounds.Select(round => round.Run.TargetMetrics.FirstOrDefault(metric => metric.Name == first.Name)).OfType<TargetMetric>()];
            if (parts.Length < rounds.Count)
                return new TargetMetric { Name = first.Name, Reason = "not every round has it" };
            if (parts.FirstOrDefault(part => part.Value is null && part.Increase is null) is { } missing)
                return missing;
            if (first.Increase is null)
                return parts[^1];
            var increase = parts.Sum(part => part.Increase ?? 0);
            if (first.Over is null)
                return first with { Value = increase, Increase = increase, Reason = null };
            var over = parts.Sum(part => part.Over ?? 0);
            return first with { Increase = increase, Over = over, Value = over > 0 ? increase / over : null, Reason = over > 0 ? null : first.Reason };
        }),
    ];

    private static double PerRequest(double cpuSeconds, long requests) => requests > 0 ? cpuSeconds * 1e6 / requests : 0;
}
