namespace Headroom.Measurements.Thresholds;

/// <summary>Reads figures from a run for thresholds of either notation. What a run does not have never passes: it comes back with the reason.</summary>
internal static class RunFigures
{
    private const string NoRequests = "no request ended";
    private const string NoTarget = "the target's process could not be seen; name it with --pid, or run headroom on the target's machine";

    public static ThresholdFigure Requests(RunFile run, ThresholdSelector? selector, Func<RequestSummary, ThresholdFigure> read)
    {
        var (summary, missing) = ThresholdSelector.Requests(run, selector);
        return summary is not null ? read(summary) : ThresholdFigure.None(missing!);
    }

    public static ThresholdFigure Latency(RequestSummary summary, LatencyAggregation aggregation) =>
        summary.Requests == 0 ? ThresholdFigure.None(NoRequests)

        // A connection that breaks has no latency, and the percentiles of nothing are 0: that must not pass.
        : summary.LatencyMs.Max <= 0 ? ThresholdFigure.None("no request has a latency: all of them broke off")
        : aggregation.Of(summary.LatencyMs, summary.LatencyHistogram);

    public static ThresholdFigure ErrorRate(RequestSummary summary) =>
        summary.Requests > 0 ? ThresholdFigure.Of(summary.ErrorRate) : ThresholdFigure.None(NoRequests);

    public static ThresholdFigure CacheHitRate(RequestSummary summary) =>
        summary.CacheHitRate is { } rate ? ThresholdFigure.Of(rate) : ThresholdFigure.None("no response told its cache outcome (Cache-Status, X-Cache or Age)");

    public static ThresholdFigure Target(RunFile run, Func<TargetUsage, double> read) =>
        run.Target is { } target ? ThresholdFigure.Of(read(target)) : ThresholdFigure.None(NoTarget);

    /// <summary>CPU for each request: of nothing without requests.</summary>
    public static ThresholdFigure TargetCpu(RunFile run) =>
        run is { Target: not null, Summary.Requests: 0 } ? ThresholdFigure.None(NoRequests) : Target(run, target => target.CpuMicrosecondsPerRequest);

    /// <summary>CPU time over the time of the run and the machine's processors, as OpenTelemetry's <c>process.cpu.utilization</c>.</summary>
    public static ThresholdFigure TargetCpuUtilization(RunFile run) => run.DurationSeconds > 0
        ? Target(run, target => target.CpuSeconds / (run.DurationSeconds * Math.Max(1, run.Environment.ProcessorCount)))
        : ThresholdFigure.None("the run took no time");

    public static ThresholdFigure TargetMetric(RunFile run, string name) => run.TargetMetrics.FirstOrDefault(metric => metric.Name == name) switch
    {
        { Value: { } value } => ThresholdFigure.Of(value),
        { } metric => ThresholdFigure.None(metric.Reason ?? "the target did not tell"),
        null => ThresholdFigure.None(ThresholdSelector.NotFound("metric named", name, run.TargetMetrics.Select(metric => metric.Name))),
    };

    /// <summary>How many of the checks held, as a fraction; of the checks of one request or of one name where that is given.</summary>
    public static ThresholdFigure Checks(RunFile run, string? request = null, string? name = null)
    {
        if (run.Checks.Count == 0)
            return ThresholdFigure.None("the plan has no checks");

        var checks = run.Checks.Where(check => (request is null || check.Request == request) && (name is null || check.Name == name)).ToArray();
        if (checks.Length == 0)
        {
            return ThresholdFigure.None(name is not null
                ? ThresholdSelector.NotFound("check named", name, run.Checks.Select(check => check.Name))
                : ThresholdSelector.NotFound("checked request named", request!, run.Checks.Select(check => check.Request)));
        }

        var passes = checks.Sum(check => check.Passes);
        var all = passes + checks.Sum(check => check.Fails);
        return all > 0 ? ThresholdFigure.Of((double)passes / all) : ThresholdFigure.None("no response was checked");
    }

    public static ThresholdFigure Iterations(RunFile run, Func<IterationSummary, ThresholdFigure> read) =>
        run.Iterations is { } iterations ? read(iterations) : ThresholdFigure.None("the run did not count its iterations");

    public static ThresholdFigure IterationDuration(IterationSummary iterations, LatencyAggregation aggregation) =>
        iterations.Count > iterations.CutShort
            ? aggregation.Of(iterations.DurationMs, iterations.DurationHistogram)
            : ThresholdFigure.None("no iteration came to its end");

    /// <summary>Runs from before iterations were counted have their dropped arrivals beside the requests.</summary>
    public static double DroppedIterations(RunFile run) => run.Iterations?.Dropped ?? run.Summary.Dropped;

    public static ThresholdFigure LastVus(RunFile run) =>
        run.Series.LastOrDefault(point => point.Vus is not null)?.Vus is { } vus ? ThresholdFigure.Of(vus) : ThresholdFigure.None("the run did not count its VUs");

    /// <summary>Bytes over the seconds that these requests were measured for.</summary>
    public static double BytesPerSecond(RequestSummary summary, long bytes) =>
        summary.Requests > 0 ? bytes * summary.RequestsPerSecond / summary.Requests : 0;
}
