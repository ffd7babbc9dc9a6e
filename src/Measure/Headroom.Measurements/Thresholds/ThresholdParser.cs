using System.Buffers;
using System.Globalization;

namespace Headroom.Measurements.Thresholds;

/// <summary>
/// <c>METRIC[{request name}] OP VALUE[UNIT]</c>, white space free. Reads from left to right, one method a part; the first part that is
/// wrong gives the error. Nothing depends on the culture of the machine.
/// </summary>
internal ref struct ThresholdParser(string text)
{
    private const string OperatorCharacters = "<>=!≤≥";

    private static readonly SearchValues<char> Operators = SearchValues.Create(OperatorCharacters);
    private static readonly SearchValues<char> Numbers = SearchValues.Create("+-.,0123456789");

    private readonly string _text = text.Trim();
    private ReadOnlySpan<char> _rest = text.AsSpan().Trim();

    public string? Error { get; private set; }

    public ThresholdExpression? Parse()
    {
        if (_rest.IsEmpty)
            return Fail("a target is empty; write METRIC OP VALUE, such as 'p95<150ms'.", quoted: false);

        var metric = ReadMetric();
        if (metric is null || !TryReadRequestName(metric, out var requestName) || !TryReadComparison(metric, out var comparison))
            return null;

        return TryReadValue(metric, out var value, out var unit)
            ? new ThresholdExpression(_text, metric, requestName, comparison, value, unit)
            : null;
    }

    private ThresholdMetric? ReadMetric()
    {
        var name = Take(IndexOrEnd(_rest.IndexOfAny("{" + OperatorCharacters))).TrimEnd().ToString();
        var metric = ThresholdMetric.Find(name);
        if (metric is not null)
            return metric;

        Fail(name.Length == 0
            ? $"has no metric; allowed: {ThresholdMetric.AllNames}, as in 'p95<150ms'."
            : $"unknown metric '{name}'; allowed: {ThresholdMetric.AllNames}{NearestName.Hint(name, ThresholdMetric.All.Select(metric => metric.Name))}");
        return null;
    }

    /// <summary>Names of requests may hold braces of their own, as in <c>p95{GET /users/{id}}</c>; the ones around are matched to each other.</summary>
    private bool TryReadRequestName(ThresholdMetric metric, out string? requestName)
    {
        requestName = null;
        if (!_rest.StartsWith("{"))
            return true;

        var depth = 0;
        var end = -1;
        for (var i = 0; i < _rest.Length && end < 0; i++)
        {
            depth += _rest[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0)
                end = i;
        }

        if (end < 0)
            return FailWith($"the request name has no closing '}}'; write '{metric.Name}{{NAME}}<{metric.Units.Example}'.");

        requestName = _rest[1..end].Trim().ToString();
        _rest = _rest[(end + 1)..].TrimStart();
        if (requestName.Length == 0)
            return FailWith($"the request name is empty; write '{metric.Name}{{NAME}}<{metric.Units.Example}', or leave the braces out for all requests.");
        if (metric.OfRequests is null)
            return FailWith($"'{metric.Name}' is of the target's process and not known for one request name; write it without '{{{requestName}}}'.");
        return true;
    }

    private bool TryReadComparison(ThresholdMetric metric, out ThresholdComparison comparison)
    {
        var found = Take(IndexOrEnd(_rest.IndexOfAnyExcept(Operators))).ToString();
        ThresholdComparison? known = found switch
        {
            "<" => ThresholdComparison.Below,
            "<=" => ThresholdComparison.AtMost,
            ">" => ThresholdComparison.Above,
            ">=" => ThresholdComparison.AtLeast,
            _ => null,
        };

        comparison = known ?? default;
        if (known is not null)
            return true;

        var example = $"as in '{metric.Name}<{metric.Units.Example}'.";
        return FailWith(found.Length == 0
            ? $"has no comparison after '{metric.Name}'; allowed: <, <=, >, >=, {example}"
            : $"unknown comparison '{found}'; allowed: <, <=, >, >=, {example}");
    }

    private bool TryReadValue(ThresholdMetric metric, out decimal value, out ThresholdUnit unit)
    {
        value = 0;
        unit = metric.Units.Default;
        _rest = _rest.TrimStart();
        var number = Take(IndexOrEnd(_rest.IndexOfAnyExcept(Numbers))).ToString();
        var unitName = _rest.Trim().ToString();
        var example = $"'{metric.Name}<{metric.Units.Example}'";

        if (number.Length == 0)
        {
            return FailWith(unitName.Length == 0
                ? $"has no value; write a number, as in {example}."
                : $"'{unitName}' is not a number; write one, as in {example}.");
        }

        if (number.Contains(',', StringComparison.Ordinal))
            return FailWith($"'{number}' has a comma; decimals have a point and thousands no separator, as in 1500.5.");
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
            || Math.Abs(value) > 1e15m)
        {
            return FailWith($"'{number}' is not a number up to 1e15; write one, as in {example}.");
        }

        if (metric.Units.Find(unitName) is not { } known)
            return FailWith($"unknown unit '{unitName}'; allowed for '{metric.Name}': {metric.Units.Allowed}, as in {example}.");

        unit = known;
        return IsInBounds(metric, value, unit, number);
    }

    private bool IsInBounds(ThresholdMetric metric, decimal value, ThresholdUnit unit, string number)
    {
        // Memory may shrink; nothing else can be below zero.
        if (value < 0 && metric.Units != ThresholdUnits.Growth)
            return FailWith($"'{number}' is negative; '{metric.Name}' is 0 or more.");
        if (metric.Units == ThresholdUnits.Rate && value * unit.Factor > 1)
        {
            return FailWith(unit.Factor == 1 && value <= 100
                ? $"'{number}' is above 1; a rate is a fraction from 0 to 1 or a percentage: write '{number}%'."
                : $"'{number}{unit.Name}' is above 100 %; a rate is a fraction from 0 to 1 or a percentage from 0% to 100%.");
        }

        return true;
    }

    private readonly int IndexOrEnd(int index) => index < 0 ? _rest.Length : index;

    private ReadOnlySpan<char> Take(int length)
    {
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private bool FailWith(string problem)
    {
        Fail(problem);
        return false;
    }

    private ThresholdExpression? Fail(string problem, bool quoted = true)
    {
        Error = quoted ? $"'{_text}': {problem}" : problem;
        return null;
    }
}
