using System.Buffers;
using System.Globalization;

namespace Headroom.Measurements.Thresholds;

internal enum ThresholdComparison
{
    Below,
    AtMost,
    Above,
    AtLeast,
    Equal,
    NotEqual,
}

/// <summary>The end of a threshold, <c>OP VALUE[UNIT]</c>.</summary>
/// <param name="rest">What follows the metric.</param>
/// <param name="subject">What is compared: its units are allowed, and bound the value.</param>
/// <param name="before">What stands before the comparison, for errors.</param>
/// <param name="example">A whole threshold to show in errors.</param>
internal ref struct ThresholdCondition(ReadOnlySpan<char> rest, ThresholdSubject subject, string before, string example)
{
    public const string OperatorCharacters = "<>=!≤≥";

    public static readonly string[] OwnOperators = ["<", "<=", ">", ">="];
    public static readonly string[] K6Operators = [.. OwnOperators, "==", "===", "!="];

    public static readonly SearchValues<char> Operators = SearchValues.Create(OperatorCharacters);
    private static readonly SearchValues<char> Numbers = SearchValues.Create("+-.,0123456789");

    private ReadOnlySpan<char> _rest = rest;

    public ThresholdComparison Comparison { get; private set; }

    public decimal Value { get; private set; }

    public ThresholdUnit Unit { get; private set; } = subject.Units.Default;

    public string? Error { get; private set; }

    /// <param name="operators">Those that the notation has.</param>
    /// <returns>False with <see cref="Error"/>.</returns>
    public bool TryRead(string[] operators) => TryReadComparison(operators) && TryReadValue() && IsInBounds();

    private bool TryReadComparison(string[] operators)
    {
        var found = Take(_rest.IndexOfAnyExcept(Operators)).ToString();
        ThresholdComparison? known = !operators.Contains(found, StringComparer.Ordinal) ? null : found switch
        {
            "<" => ThresholdComparison.Below,
            "<=" => ThresholdComparison.AtMost,
            ">" => ThresholdComparison.Above,
            ">=" => ThresholdComparison.AtLeast,
            "!=" => ThresholdComparison.NotEqual,
            _ => ThresholdComparison.Equal,
        };

        Comparison = known ?? default;
        if (known is not null)
            return true;

        var allowed = string.Join(", ", operators);
        return FailWith(found.Length == 0
            ? $"has no comparison after '{before}'; allowed: {allowed}, as in '{example}'."
            : $"unknown comparison '{found}'; allowed: {allowed}, as in '{example}'.");
    }

    private bool TryReadValue()
    {
        _rest = _rest.TrimStart();
        var number = Take(_rest.IndexOfAnyExcept(Numbers)).ToString();
        var unitName = _rest.Trim().ToString();
        if (number.Length == 0)
        {
            return FailWith(unitName.Length == 0
                ? $"has no value; write a number, as in '{example}'."
                : $"'{unitName}' is not a number; write one, as in '{example}'.");
        }

        if (number.Contains(',', StringComparison.Ordinal))
            return FailWith($"'{number}' has a comma; decimals have a point and thousands no separator, as in 1500.5.");
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            || Math.Abs(value) > 1e15m)
        {
            return FailWith($"'{number}' is not a number up to 1e15; write one, as in '{example}'.");
        }

        if (subject.Units.Find(unitName) is not { } unit)
            return FailWith($"unknown unit '{unitName}'; allowed for '{subject.Metric}': {subject.Units.Allowed}, as in '{example}'.");

        (Value, Unit) = (value, unit);
        return true;
    }

    private bool IsInBounds()
    {
        var number = Value.ToString(CultureInfo.InvariantCulture);

        // Memory may shrink; nothing else can be below zero.
        if (Value < 0 && subject.Units != ThresholdUnits.Growth)
            return FailWith($"'{number}' is negative; '{subject.Metric}' is 0 or more.");
        if (subject.Units == ThresholdUnits.Rate && Value * Unit.Factor > 1)
        {
            return FailWith(Unit.Factor == 1 && Value <= 100
                ? $"'{number}' is above 1; a rate is a fraction from 0 to 1 or a percentage: write '{number}%'."
                : $"'{number}{Unit.Name}' is above 100 %; a rate is a fraction from 0 to 1 or a percentage from 0% to 100%.");
        }

        return true;
    }

    private ReadOnlySpan<char> Take(int length)
    {
        var taken = _rest[..(length < 0 ? _rest.Length : length)];
        _rest = _rest[taken.Length..];
        return taken;
    }

    private bool FailWith(string problem)
    {
        Error = problem;
        return false;
    }
}
