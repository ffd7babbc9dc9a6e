using Headroom.Measurements;

namespace Headroom.Load.Capacity;

/// <summary>What has to hold at a rate, and what follows from it for how a step is sent.</summary>
internal sealed class Objectives
{
    /// <summary>Where no objective bounds latency: what takes longer is not served well by any measure.</summary>
    private static readonly TimeSpan LatencyDefault = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<ThresholdExpression> _expressions;

    /// <param name="texts">Valid expressions.</param>
    public Objectives(IEnumerable<string> texts)
    {
        _expressions = [.. texts.Select(Parse)];
        var latencies = _expressions.Where(expression => expression is { IsLatency: true, IsUpperBound: true }).Select(expression => TimeSpan.FromMilliseconds(expression.Limit)).ToArray();
        LatencyMax = latencies.Length > 0 ? latencies.Max() : LatencyDefault;
    }

    /// <summary>The longest that any objective allows.</summary>
    public TimeSpan LatencyMax { get; }

    /// <summary>Each objective on a step.</summary>
    public IReadOnlyList<ObjectiveResult> Judge(RunFile run) => [.. _expressions.Select(expression => Judge(expression, run))];

    private static ObjectiveResult Judge(ThresholdExpression expression, RunFile run)
    {
        var result = expression.Evaluate(run);
        return new ObjectiveResult(result, result.Passed || WasNotAsked(expression, run) || RareEvents.AreTooFew(expression, run));
    }

    /// <summary>A request of little weight may have no turn in a short step: that is nothing against the rate.</summary>
    private static bool WasNotAsked(ThresholdExpression expression, RunFile run) =>
        expression.RequestName is { } name && run.Summary.Requests > 0 && (!run.RequestsByName.TryGetValue(name, out var row) || row.Requests == 0);

    private static ThresholdExpression Parse(string text) =>
        ThresholdExpression.TryParse(text, out var expression, out var error) ? expression : throw new ArgumentException(error, nameof(text));
}

/// <summary>An objective on a step.</summary>
/// <param name="Result">As any target is judged.</param>
/// <param name="Holds">Whether the step leaves it standing: it was met, or missed by fewer requests than show anything.</param>
internal sealed record ObjectiveResult(ThresholdResult Result, bool Holds);
