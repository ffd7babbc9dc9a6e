using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Headroom.Load.Wire;
using Capture = Headroom.Load.Wire.Capture;

namespace Headroom.Load.Responses;

/// <summary>Says of a response whether it has what the plan wants.</summary>
internal sealed class CompiledCheck
{
    private readonly Check _plan;
    private readonly PartReader _part;
    private readonly (int Min, int Max)[] _statuses = [];
    private readonly byte[][] _operands;
    private readonly double[] _numbers;
    private readonly Regex[] _patterns = [];

    public CompiledCheck(Check plan)
    {
        _plan = plan;
        _part = new PartReader(plan.Part, plan.Selector);
        _operands = [.. plan.Operands.Select(Encoding.UTF8.GetBytes)];
        _numbers = [.. plan.Operands.Select(text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN)];
        if (plan.Part == ResponsePart.Status)
            _statuses = [.. plan.Operands.Select(StatusRange)];
        if (plan.Operator == CheckOperator.Matches)
            _patterns = [.. plan.Operands.Select(ResponseRegex.Create)];
    }

    public Capture Needs => _part.Needs;

    /// <param name="response">What came back; without a response nothing holds.</param>
    /// <param name="scratch">For the part's text.</param>
    public bool Holds(ResponseView response, RequestBuffer scratch)
    {
        if (response.Status == 0)
            return false;
        switch (_plan.Part)
        {
            case ResponsePart.Status when _statuses.Length > 0 && _plan.Operator is CheckOperator.Equals or CheckOperator.NotEquals:
                return IsStatus(response.Status) == (_plan.Operator == CheckOperator.Equals);
            case ResponsePart.Status:
                return Compare(response.Status);
            case ResponsePart.Size:
                return Compare(response.SizeBytes);
            case ResponsePart.Duration:
                return Compare(response.LatencyMs);
            case ResponsePart.Body when _plan.Operator == CheckOperator.Contains:
                return ContainsAny(response.Body());
            case ResponsePart.Body when _plan.Operator == CheckOperator.Matches:
                return MatchesAny(response.BodyText());
        }

        scratch.Clear();
        if (!_part.TryRead(response, scratch))
            return _plan.Operator == CheckOperator.NotEquals;
        return _plan.Operator switch
        {
            CheckOperator.Exists => true,
            CheckOperator.Equals => EqualsAny(scratch.Written),
            CheckOperator.NotEquals => !EqualsAny(scratch.Written),
            CheckOperator.Contains => ContainsAny(scratch.Written),
            CheckOperator.Matches => MatchesAny(Encoding.UTF8.GetString(scratch.Written)),
            _ => TryNumber(scratch.Written, out var number) && Compare(number),
        };
    }

    /// <summary><c>2xx</c> is a class, everything else one code.</summary>
    public static (int Min, int Max) StatusRange(string text) =>
        text.Length == 3 && text.EndsWith("xx", StringComparison.OrdinalIgnoreCase) && char.IsAsciiDigit(text[0])
            ? ((text[0] - '0') * 100, ((text[0] - '0') * 100) + 99)
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? (code, code) : (-1, -1);

    private bool IsStatus(int status)
    {
        foreach (var (min, max) in _statuses)
        {
            if (status >= min && status <= max)
                return true;
        }

        return false;
    }

    private bool Compare(double value)
    {
        foreach (var number in _numbers)
        {
            var holds = _plan.Operator switch
            {
                CheckOperator.Below => value < number,
                CheckOperator.AtMost => value <= number,
                CheckOperator.Above => value > number,
                CheckOperator.AtLeast => value >= number,
                CheckOperator.NotEquals => value != number,
                _ => value == number,
            };
            if (holds)
                return true;
        }

        return false;
    }

    /// <summary>As text, or as numbers where both are: <c>1.0</c> equals <c>1</c>.</summary>
    private bool EqualsAny(ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < _operands.Length; i++)
        {
            if (text.SequenceEqual(_operands[i]) || (!double.IsNaN(_numbers[i]) && TryNumber(text, out var number) && number == _numbers[i]))
                return true;
        }

        return false;
    }

    private bool ContainsAny(ReadOnlySpan<byte> text)
    {
        foreach (var operand in _operands)
        {
            if (text.IndexOf(operand) >= 0)
                return true;
        }

        return false;
    }

    private bool MatchesAny(string text) => _patterns.Any(pattern => ResponseRegex.Match(pattern, text) is not null);

    private static bool TryNumber(ReadOnlySpan<byte> text, out double number) =>
        Utf8Parser.TryParse(text, out number, out var consumed) && consumed == text.Length && text.Length > 0;
}
