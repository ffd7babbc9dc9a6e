using Headroom.Load.Results;
using Headroom.Measurements;

namespace Headroom.Load;

/// <summary>What came back from a run, to ask and to judge (docs/library.md). Made by <see cref="LoadPlanBuilder.RunAsync"/>, or from a run file.</summary>
public sealed class LoadResult
{
    private readonly RequestFigures _all;

    internal LoadResult(RunFile run)
    {
        RunFile = run;
        _all = new RequestFigures(run.Summary);
        PerRequest = run.RequestsByName.ToDictionary(entry => entry.Key, entry => new RequestFigures(entry.Value), StringComparer.Ordinal);
    }

    /// <summary>Everything that was measured (docs/run-file.md).</summary>
    public RunFile RunFile { get; }

    /// <inheritdoc cref="RequestFigures.Requests"/>
    public long Requests => _all.Requests;

    /// <inheritdoc cref="RequestFigures.Throughput"/>
    public double Throughput => _all.Throughput;

    /// <inheritdoc cref="RequestFigures.Errors"/>
    public long Errors => _all.Errors;

    /// <inheritdoc cref="RequestFigures.ErrorRate"/>
    public double ErrorRate => _all.ErrorRate;

    /// <inheritdoc cref="RequestFigures.Latency"/>
    public LatencyFigures Latency => _all.Latency;

    /// <inheritdoc cref="RequestFigures.ServiceTime"/>
    public LatencyFigures ServiceTime => _all.ServiceTime;

    /// <inheritdoc cref="RequestFigures.StatusCodes"/>
    public IReadOnlyDictionary<int, long> StatusCodes => _all.StatusCodes;

    /// <inheritdoc cref="RequestFigures.ErrorsByKind"/>
    public IReadOnlyDictionary<string, long> ErrorsByKind => _all.ErrorsByKind;

    /// <inheritdoc cref="RequestFigures.CompressionRatio"/>
    public double? CompressionRatio => _all.CompressionRatio;

    /// <summary>The same figures for each request name: <c>PerRequest["GET /chats"].Latency.P99</c>.</summary>
    public IReadOnlyDictionary<string, RequestFigures> PerRequest { get; }

    /// <summary>How often each check held.</summary>
    public IReadOnlyList<CheckSummary> Checks => RunFile.Checks;

    /// <summary>The plan's thresholds, with what was seen.</summary>
    public IReadOnlyList<ThresholdResult> Thresholds => RunFile.Thresholds;

    /// <summary>What makes the figures doubtful, such as a generator that was late.</summary>
    public IReadOnlyList<Finding> Warnings => RunFile.Warnings;

    /// <summary>True when it was cancelled; the figures are of what was measured until then.</summary>
    public bool Interrupted => RunFile.Interrupted;

    /// <summary>
    /// False when a threshold was missed, when a threshold or a feeder ended the run early, or when no request could connect: when <c>headroom load</c> would exit with 1 or 3.
    /// A threshold that the run cannot decide (docs/targets.md) is not missed.
    /// </summary>
    public bool Passed => Thresholds.All(IsNotMissed) && FailureText.WhyCutShort(RunFile) is null;

    /// <summary>A run that was made elsewhere: <c>LoadResult.Of(RunFileJson.Read("run.json"))</c>.</summary>
    public static LoadResult Of(RunFile run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new LoadResult(run);
    }

    /// <summary>Throws unless the run <see cref="Passed"/>.</summary>
    /// <returns>This result.</returns>
    /// <exception cref="LoadAssertionException">Its message is a table: each threshold, what was wanted, what was seen, and where.</exception>
    public LoadResult ThrowIfFailed() => Passed ? this : throw new LoadAssertionException(this, Thresholds);

    /// <summary>Judges the run by further thresholds, such as <c>p99{send}&lt;200ms</c>, and throws unless it meets all of them.</summary>
    /// <returns>This result.</returns>
    /// <exception cref="LoadAssertionException">Its message is a table: each threshold, what was wanted, what was seen, and where.</exception>
    /// <exception cref="ArgumentException">An expression cannot be read; all such are told.</exception>
    public LoadResult Assert(params string[] thresholds)
    {
        ArgumentNullException.ThrowIfNull(thresholds);
        var (expressions, mistakes) = (new List<ThresholdExpression>(), new List<string>());
        foreach (var text in thresholds)
        {
            if (ThresholdExpression.TryParse(text, out var expression, out var error))
                expressions.Add(expression);
            else
                mistakes.Add(error);
        }

        if (mistakes.Count > 0)
            throw new ArgumentException(string.Join('\n', mistakes), nameof(thresholds));
        ThresholdResult[] results = [.. expressions.Select(expression => expression.Evaluate(RunFile))];
        return results.All(IsNotMissed) ? this : throw new LoadAssertionException(this, results);
    }

    /// <summary>Writes the run file, which <c>headroom report</c>, <c>compare</c> and <c>trend</c> read.</summary>
    /// <returns>This result.</returns>
    /// <exception cref="RunFileException">It cannot be written; a file that was there stays as it was.</exception>
    public LoadResult Save(string path)
    {
        RunFileJson.Write(path, RunFile);
        return this;
    }

    /// <summary>A few lines: the whole, each request name, and the thresholds.</summary>
    public override string ToString() => ResultText.Of(this);

    internal static bool IsNotMissed(ThresholdResult threshold) => threshold.Passed || threshold.Undecided;
}
