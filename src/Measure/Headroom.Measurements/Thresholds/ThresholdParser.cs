using System.Buffers;
using System.Globalization;

namespace Headroom.Measurements.Thresholds;

/// <summary>
/// Reads a threshold in either notation: Headroom's <c>METRIC[{request name}] OP VALUE[UNIT]</c>, or k6's <c>METRIC[{tag:value}]: AGGREGATION OP VALUE[UNIT]</c>,
/// which the colon after metric and braces gives away. White space is free. From left to right, one method a part; the first part that is wrong gives the error.
/// Nothing depends on the culture of the machine.
/// </summary>
internal ref struct ThresholdParser(string text)
{
    private const string OwnExample = "p95<150ms";
    private const string K6Example = "http_req_duration: p(95)<500";

    private static readonly SearchValues<char> EndOfMetric = SearchValues.Create("{:" + ThresholdCondition.OperatorCharacters);

    private readonly string _text = text.Trim();
    private ReadOnlySpan<char> _rest = text.AsSpan().Trim();

    public string? Error { get; private set; }

    public ThresholdExpression? Parse()
    {
        if (_rest.IsEmpty)
            return Fail($"a target is empty; write METRIC OP VALUE, such as '{OwnExample}'.", quoted: false);

        var name = Take(IndexOrEnd(_rest.IndexOfAny(EndOfMetric))).TrimEnd().ToString();
        var isClosed = TryTakeBraces(out var inBraces);
        _rest = _rest.TrimStart();
        if (isClosed && _rest.StartsWith(":"))
        {
            _rest = _rest[1..];
            return ParseK6(name, inBraces);
        }

        return ParseOwn(name, inBraces, isClosed);
    }

    private ThresholdExpression? ParseOwn(string name, string? requestName, bool isClosed)
    {
        if (ThresholdMetric.Find(name) is not { } metric)
            return Fail(UnknownOwnMetric(name));

        var example = $"{metric.Name}<{metric.Units.Example}";
        var exampleWithName = $"'{metric.Name}{{NAME}}<{metric.Units.Example}'";
        if (!isClosed)
            return Fail($"the request name has no closing '}}'; write {exampleWithName}.");
        if (requestName?.Length == 0)
            return Fail($"the request name is empty; write {exampleWithName}, or leave the braces out for all requests.");
        if (requestName is not null && !metric.KnownByRequest)
            return Fail($"'{metric.Name}' is of the target's process and not known for one request name; write it without '{{{requestName}}}'.");

        if (requestName is null && metric.NamesTargetMetric)
            return Fail($"'{metric.Name}' needs the name of one of the plan's metrics; write {exampleWithName}.");

        var selector = requestName is null ? null : metric.NamesTargetMetric ? new ThresholdSelector(ThresholdSelector.MetricTag, requestName) : new ThresholdSelector(ThresholdSelector.NameTag, requestName);
        return Condition(metric.Of(selector), ThresholdCondition.OwnOperators, metric.Name, example);
    }

    private ThresholdExpression? ParseK6(string name, string? inBraces)
    {
        if (K6Metric.Find(name) is not { } metric)
            return Fail(UnknownK6Metric(name));

        var example = $"{metric.Name}: {metric.Example}";
        if (!TryReadSelector(metric, inBraces, out var selector))
            return null;

        var written = Take(IndexOrEnd(_rest.IndexOfAny(ThresholdCondition.Operators))).Trim().ToString();
        var allowed = string.Join(", ", metric.Aggregations);
        if (!TryReadAggregation(written, out var aggregation, out var percentile))
            return Fail($"'{written}' is not a percentile; write p(N) with N from 0 to 100, as in '{K6Example}'.");
        if (metric.Of(aggregation, percentile, selector) is not { } subject)
        {
            return Fail(written.Length == 0
                ? $"has no aggregation after '{metric.Name}:'; allowed: {allowed}, as in '{example}'."
                : $"unknown aggregation '{written}' of '{metric.Name}'; allowed: {allowed}, as in '{example}'{NearestName.Hint(written, metric.Aggregations)}");
        }

        return Condition(subject, ThresholdCondition.K6Operators, written, example);
    }

    /// <summary>The comparison and the value, which both notations end with.</summary>
    private ThresholdExpression? Condition(ThresholdSubject subject, string[] operators, string before, string example)
    {
        var condition = new ThresholdCondition(_rest, subject, before, example);
        return condition.TryRead(operators)
            ? new ThresholdExpression(_text, subject, condition.Comparison, condition.Value, condition.Unit)
            : Fail(condition.Error!);
    }

    /// <summary>Names of requests may hold braces of their own, as in <c>p95{GET /users/{id}}</c>; the ones around are matched to each other.</summary>
    /// <returns>False when the braces are not closed.</returns>
    private bool TryTakeBraces(out string? content)
    {
        content = null;
        if (!_rest.StartsWith("{"))
            return true;

        var depth = 0;
        for (var i = 0; i < _rest.Length; i++)
        {
            depth += _rest[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth > 0)
                continue;

            content = _rest[1..i].Trim().ToString();
            _rest = _rest[(i + 1)..];
            return true;
        }

        return false;
    }

    private bool TryReadSelector(K6Metric metric, string? content, out ThresholdSelector? selector)
    {
        selector = null;
        if (content is null)
            return true;
        if (metric.Selection == K6Selection.None)
            return FailWith($"'{metric.Name}' is known of the whole run only; write it without '{{{content}}}'.");

        var colon = content.IndexOf(':', StringComparison.Ordinal);
        var tag = colon < 0 ? "" : content[..colon].Trim();
        var value = colon < 0 ? "" : WithoutQuotes(content[(colon + 1)..].Trim());
        var allowed = metric.Selection == K6Selection.Checks ? "{check:NAME} or {name:NAME}, the check's name" : "{name:REQUEST}, {scenario:NAME} or {TAG:VALUE} with a tag of the plan";
        if (tag.Length == 0 || value.Length == 0)
            return FailWith($"'{{{content}}}' does not say what to select; allowed: {allowed}.");
        if (metric.Selection == K6Selection.Checks && tag is not (ThresholdSelector.CheckTag or ThresholdSelector.NameTag))
            return FailWith($"'{{{content}}}' does not select checks; allowed: {allowed}.");

        selector = new ThresholdSelector(metric.Selection == K6Selection.Checks ? ThresholdSelector.CheckTag : tag, value);
        return true;
    }

    private static string WithoutQuotes(string value) =>
        value.Length >= 2 && value[0] is '"' or '\'' && value[^1] == value[0] ? value[1..^1] : value;

    /// <summary><c>avg</c>, or <c>p(99.9)</c>.</summary>
    /// <returns>False when it begins like a percentile and is none.</returns>
    private static bool TryReadAggregation(string written, out string aggregation, out double? percentile)
    {
        percentile = null;
        aggregation = written;
        if (!written.StartsWith("p(", StringComparison.Ordinal))
            return true;

        aggregation = "p";
        if (!written.EndsWith(')')
            || !double.TryParse(written.AsSpan(2, written.Length - 3).Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            || number > 100)
        {
            return false;
        }

        percentile = number;
        return true;
    }

    private static string UnknownOwnMetric(string name)
    {
        if (K6Metric.Find(name) is { } k6)
            return $"'{name}' is k6's metric, which has a colon and an aggregation after it; write '{k6.Name}: {k6.Example}'.";
        if (K6Metric.InsteadOf(name) is { } instead)
            return $"'{name}' is k6's metric, which Headroom does not measure; write '{instead}: {K6Metric.Find(instead)!.Example}'.";
        return name.Length == 0
            ? $"has no metric; allowed: {ThresholdMetric.AllNames}, as in '{OwnExample}'."
            : $"unknown metric '{name}'; allowed: {ThresholdMetric.AllNames}{NearestName.Hint(name, ThresholdMetric.All.Select(metric => metric.Name))}";
    }

    private static string UnknownK6Metric(string name)
    {
        if (K6Metric.InsteadOf(name) is { } instead)
            return $"'{name}' is k6's metric, which Headroom does not measure; write '{instead}: {K6Metric.Find(instead)!.Example}'.";
        if (ThresholdMetric.Find(name) is { } own)
            return $"'{own.Name}' is a metric of Headroom's notation, which has no colon; write '{own.Name}<{own.Units.Example}'.";
        return name.Length == 0
            ? $"has no metric; allowed before a colon: {K6Metric.AllNames}, as in '{K6Example}'."
            : $"unknown metric '{name}'; allowed before a colon: {K6Metric.AllNames}{NearestName.Hint(name, K6Metric.All.Select(metric => metric.Name))}";
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
