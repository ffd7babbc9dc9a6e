using System.Globalization;
using Headroom.Measurements;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Headroom.Load.Plans;

/// <summary>Reads <c>checks</c>: what a right response has.</summary>
internal sealed class CheckReader(PlanProblems problems)
{
    private static readonly (string Key, CheckOperator Operator)[] Operators =
    [
        ("equals", CheckOperator.Equals),
        ("notEquals", CheckOperator.NotEquals),
        ("contains", CheckOperator.Contains),
        ("matches", CheckOperator.Matches),
        ("below", CheckOperator.Below),
        ("atMost", CheckOperator.AtMost),
        ("above", CheckOperator.Above),
        ("atLeast", CheckOperator.AtLeast),
    ];

    private static readonly (string Sign, CheckOperator Operator)[] Signs =
    [
        ("<=", CheckOperator.AtMost), (">=", CheckOperator.AtLeast), ("==", CheckOperator.Equals), ("<", CheckOperator.Below), (">", CheckOperator.Above),
    ];

    private static readonly string[] Parts = ["status", "header", "json", "bodyContains", "bodyMatches", "bodyEquals", "size", "duration"];

    public IReadOnlyList<Check> Read(PlanMap request)
    {
        var checks = new List<Check>();
        foreach (var node in request.Items("checks", required: false))
        {
            if (PlanMap.From(node, "a check", problems) is not { } map || ReadOne(map) is not { } check)
                continue;
            var mistake = RequestValidation.MistakeOf(check);
            if (mistake is null)
                checks.Add(check);
            else
                problems.Add(node, mistake);
        }

        return checks;
    }

    private Check? ReadOne(PlanMap map)
    {
        var name = map.Text("name");
        var given = Parts.Where(part => map.Has(part)).ToArray();
        if (given.Length != 1)
        {
            problems.Add(map.Node, given.Length == 0
                ? $"the check says not what it looks at; write one of: {string.Join(", ", Parts)}"
                : $"'{given[0]}' and '{given[1]}' are both given; write a check for each");
            return null;
        }

        var check = given[0] switch
        {
            "status" => ReadStatus(map),
            "header" => ReadSelected(map, "header", ResponsePart.Header),
            "json" => ReadSelected(map, "json", ResponsePart.Json),
            "bodyContains" => ReadBody(map, "bodyContains", CheckOperator.Contains),
            "bodyMatches" => ReadBody(map, "bodyMatches", CheckOperator.Matches),
            "bodyEquals" => ReadBody(map, "bodyEquals", CheckOperator.Equals),
            "size" => ReadAmount(map, "size", ResponsePart.Size),
            _ => ReadAmount(map, "duration", ResponsePart.Duration),
        };
        map.RefuseUnknown([.. Operators.Select(entry => entry.Key), "exists"], "'{0}' goes with 'header' and 'json'");
        return check is null ? null : check with { Name = name ?? check.Name };
    }

    private Check? ReadStatus(PlanMap map)
    {
        var operands = ReadOperands(map, "status");
        return operands.Count == 0
            ? null
            : NamedCheck.Of(ResponsePart.Status, "", CheckOperator.Equals, operands) with { Operands = [.. operands.Select(text => text.ToLowerInvariant())] };
    }

    /// <summary>A header or JSON value: that it is there, or how it compares.</summary>
    private Check? ReadSelected(PlanMap map, string key, ResponsePart part)
    {
        if (map.Text(key) is not { } selector)
            return null;
        var exists = map.Flag("exists");
        var given = Operators.Where(entry => map.Value(entry.Key) is not null).ToArray();
        if (exists == false)
            problems.Add(map.Value("exists")!, "'exists' can only be true; leave it out");
        if (given.Length > 1 || (given.Length == 1 && map.Has("exists")))
        {
            problems.Add(map.Node, $"the check compares {NamedCheck.SubjectOf(part, selector)} twice; write a check for each");
            return null;
        }

        if (given.Length == 0)
            return NamedCheck.Of(part, selector, CheckOperator.Exists, []);
        var operands = ReadOperands(map, given[0].Key);
        return operands.Count == 0
            ? null
            : NamedCheck.Of(part, selector, given[0].Operator, operands);
    }

    private Check? ReadBody(PlanMap map, string key, CheckOperator @operator)
    {
        var operands = ReadOperands(map, key);
        return operands.Count == 0 ? null : NamedCheck.Of(ResponsePart.Body, "", @operator, operands);
    }

    /// <summary><c>&lt;10KB</c> or <c>&lt;=200ms</c>. Operands are bytes and milliseconds.</summary>
    private Check? ReadAmount(PlanMap map, string key, ResponsePart part)
    {
        if (map.Text(key) is not { } text)
            return null;
        foreach (var (sign, @operator) in Signs)
        {
            if (!text.StartsWith(sign, StringComparison.Ordinal))
                continue;
            var amount = text[sign.Length..].Trim();
            var operand = part == ResponsePart.Size
                ? Quantity.TryParseBytes(amount, out var bytes) ? bytes.ToString(CultureInfo.InvariantCulture) : null
                : Quantity.TryParseDuration(amount, out var time) ? time.TotalMilliseconds.ToString("R", CultureInfo.InvariantCulture) : null;
            if (operand is not null)
                return new Check { Name = $"{key} {sign} {amount}", Part = part, Operator = @operator, Operands = [operand] };
        }

        problems.Add(map.Value(key)!, $"'{key}' is '{text}'; write a comparison (<, <=, >, >=, ==) and {(part == ResponsePart.Size ? "a size, such as '<10KB'" : "a time, such as '<200ms'")}");
        return null;
    }

    private List<string> ReadOperands(PlanMap map, string key)
    {
        var operands = new List<string>();
        foreach (var node in map.OneOrMore(key))
        {
            if (node is not YamlScalarNode scalar)
                problems.Add(node, $"'{key}' must be text or a list of texts; found {PlanMap.Kind(node)}");
            else if (!TextTemplate.TryParse(scalar.Value ?? "", out var template, out _) || template.HasVariables)
                problems.Add(node, $"'{key}' compares with fixed text; '{scalar.Value}' has a variable (write $${{ for the two characters themselves)");
            else if (scalar is { Style: ScalarStyle.Plain, Value: "" or "~" or "null" or null })
                problems.Add(node, $"'{key}' is null, which counts as a value that is not there; write text, a number, true or false");
            else
                operands.Add(template.ConstantText);
        }

        if (operands.Count == 0 && map.Value(key) is YamlSequenceNode { Children.Count: 0 } empty)
            problems.Add(empty, $"'{key}' is an empty list; write what it may be");
        return operands;
    }
}
