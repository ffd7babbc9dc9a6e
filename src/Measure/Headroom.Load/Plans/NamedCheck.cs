namespace Headroom.Load.Plans;

/// <summary>Checks under the names that reports show for them: <c>status is 200</c>, <c>header ETag is there</c>.</summary>
internal static class NamedCheck
{
    /// <summary>Longer operands are cut in a check's name.</summary>
    private const int OperandLengthMax = 40;

    /// <param name="part">Where the value is: status, header, JSON or body.</param>
    /// <param name="selector">Header name or JSON query; empty otherwise.</param>
    /// <param name="operator">How it compares.</param>
    /// <param name="operands">With what; one of them is enough.</param>
    public static Check Of(ResponsePart part, string selector, CheckOperator @operator, IReadOnlyList<string> operands) => new()
    {
        Name = @operator == CheckOperator.Exists ? $"{SubjectOf(part, selector)} is there" : $"{SubjectOf(part, selector)} {WordOf(@operator)} {Joined(operands)}",
        Part = part,
        Selector = selector,
        Operator = @operator,
        Operands = operands,
    };

    /// <summary>What a check looks at, in words.</summary>
    public static string SubjectOf(ResponsePart part, string selector) => part switch
    {
        ResponsePart.Header => $"header {selector}",
        ResponsePart.Json => selector,
        _ => part.ToString().ToLowerInvariant(),
    };

    private static string WordOf(CheckOperator @operator) => @operator switch
    {
        CheckOperator.Equals => "is",
        CheckOperator.NotEquals => "is not",
        CheckOperator.Contains => "contains",
        CheckOperator.Matches => "matches",
        CheckOperator.Below => "<",
        CheckOperator.AtMost => "<=",
        CheckOperator.Above => ">",
        _ => ">=",
    };

    private static string Joined(IReadOnlyList<string> operands)
    {
        var text = string.Join(" or ", operands).ReplaceLineEndings(" ");
        if (text.Length <= OperandLengthMax)
            return text;

        // Not between the halves of a letter.
        var end = OperandLengthMax - 1;
        return text[..(char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)] + "…";
    }
}
