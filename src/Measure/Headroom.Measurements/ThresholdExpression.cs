using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Headroom.Measurements.RunFiles;
using Headroom.Measurements.Thresholds;

namespace Headroom.Measurements;

/// <summary>
/// A target that a run must meet: <c>METRIC[{request name}] OP VALUE[UNIT]</c>, such as <c>p95&lt;150ms</c>, <c>errors&lt;=0.1%</c>,
/// <c>p99{GET /users/{id}}&lt;200ms</c>. docs/run-file.md lists the metrics, their units and what a bare number means.
/// </summary>
public sealed class ThresholdExpression
{
    private readonly ThresholdMetric _metric;
    private readonly ThresholdComparison _comparison;
    private readonly ThresholdUnit _unit;
    private readonly double _limit;

    internal ThresholdExpression(
        string text, ThresholdMetric metric, string? requestName, ThresholdComparison comparison, decimal value, ThresholdUnit unit)
    {
        Text = text;
        RequestName = requestName;
        _metric = metric;
        _comparison = comparison;
        _unit = unit;
        _limit = (double)(value * unit.Factor);
    }

    /// <summary>The expression as it was written, without white space around it.</summary>
    public string Text { get; }

    /// <summary>The metric's name as docs/run-file.md lists it.</summary>
    public string Metric => _metric.Name;

    /// <summary>The request name it is about; null for all requests.</summary>
    public string? RequestName { get; }

    /// <summary>Reads an expression. Numbers have a point, whatever the culture of the machine.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="expression">What was read; null on an error.</param>
    /// <param name="error">What was found, what is allowed, and the nearest name; null on success.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ThresholdExpression? expression, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parser = new ThresholdParser(text);
        expression = parser.Parse();
        error = expression is null ? parser.Error! : null;
        return expression is not null;
    }

    /// <summary>What the run showed of it. A figure that the run does not have counts as not passed, with the reason.</summary>
    public ThresholdResult Evaluate(RunFile run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var figure = _metric.FigureOf(run, RequestName);
        if (figure.Value is not { } observed)
            return new ThresholdResult { Expression = Text, Passed = false, Reason = figure.Missing };

        return new ThresholdResult
        {
            Expression = Text,
            Observed = RoundedDoubleConverter.Round(observed / (double)_unit.Factor),
            ObservedText = Describe(observed),
            Passed = _comparison switch
            {
                ThresholdComparison.Below => observed < _limit,
                ThresholdComparison.AtMost => observed <= _limit,
                ThresholdComparison.Above => observed > _limit,
                _ => observed >= _limit,
            },
        };
    }

    public override string ToString() => Text;

    /// <summary>In the unit of the expression, but fractions as percentages and bare bytes as megabytes.</summary>
    private string Describe(double observed)
    {
        if (_metric.Units == ThresholdUnits.Rate)
            return Number(observed * 100) + " %";
        if (_metric.Units == ThresholdUnits.Size && _unit.Factor == 1)
            return Number(observed / 1e6) + " MB";

        var number = Number(observed / (double)_unit.Factor);
        return _unit.Name.Length == 0 ? number : $"{number} {_unit.Name}";
    }

    private static string Number(double value)
    {
        var format = Math.Abs(value) switch
        {
            >= 1 => "0.##",
            >= 0.0001 => "G3",
            _ => "0.#########",
        };
        return value.ToString(format, CultureInfo.InvariantCulture);
    }
}

internal enum ThresholdComparison
{
    Below,
    AtMost,
    Above,
    AtLeast,
}
