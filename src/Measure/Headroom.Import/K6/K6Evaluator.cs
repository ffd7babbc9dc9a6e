using System.Globalization;
using System.Text.RegularExpressions;
using Headroom.Import.Drafts;

namespace Headroom.Import.K6;

/// <summary>Says expressions in a plan's words, as far as they can be said without running the script.</summary>
internal sealed partial class K6Evaluator(Dictionary<string, JsFunction> functions)
{
    private const int DepthMost = 100;

    private const int CallsDeepMost = 10;

    private readonly List<Dictionary<string, K6Value?>> _scopes = [[]];
    private int _depth;

    /// <summary>Makes <paramref name="name"/> known in the innermost function; null says that it has no value in a plan.</summary>
    public void Set(string name, K6Value? value) => _scopes[^1][name] = value;

    public void Enter() => _scopes.Add([]);

    public void Leave() => _scopes.RemoveAt(_scopes.Count - 1);

    public int Depth => _scopes.Count;

    /// <summary>The value; null when a plan cannot say it.</summary>
    public K6Value? Of(JsNode? node)
    {
        if (_depth > DepthMost)
            return null;
        _depth++;
        try
        {
            return node switch
            {
                JsText text => new K6Text(PlanText.Literal(text.Value)),
                JsNumber number => new K6Plain(number.Value.ToString("R", CultureInfo.InvariantCulture)),
                JsWord { Value: not "undefined" } word => new K6Plain(word.Value),
                JsName name => Named(name.Name),
                JsTemplate template => Template(template),
                JsFunction function => new K6Function(function),
                JsObject map => Map(map),
                JsArray list => List(list),
                JsMember { Object: JsName { Name: "__ENV" } } member => new K6Text($"${{env.{member.Name}}}"),
                JsIndex { Object: JsName { Name: "__ENV" }, Index: JsText name } => new K6Text($"${{env.{name.Value}}}"),
                JsMember member => Member(Of(member.Object), member.Name),
                JsIndex index => Index(Of(index.Object), index.Index),
                JsBinary binary => Binary(binary),
                JsUnary { Operator: "-", Operand: JsNumber number } => new K6Plain((-number.Value).ToString("R", CultureInfo.InvariantCulture)),
                JsUnary { Operator: "+" } unary => Of(unary.Operand),
                JsConditional { Condition: JsMember { Object: JsName { Name: "__ENV" } } condition, Then: JsMember then } choice when condition.Name == then.Name => WithDefault(Of(then), Of(choice.Else)),
                JsCall call => Call(call),
                _ => null,
            };
        }
        finally
        {
            _depth--;
        }
    }

    private K6Value? Named(string name)
    {
        for (var scope = _scopes.Count - 1; scope >= 0; scope--)
        {
            if (_scopes[scope].TryGetValue(name, out var value))
                return value;
        }

        return name switch
        {
            "__VU" => new K6Text("${vu}", IsNumber: true),
            "__ITER" => new K6Text("${iteration}", IsNumber: true),
            _ => null,
        };
    }

    private K6Text? Template(JsTemplate template)
    {
        var text = PlanText.Literal(template.Texts[0]);
        for (var index = 0; index < template.Expressions.Count; index++)
        {
            if (Of(template.Expressions[index]).AsText() is not { } part)
                return null;
            text += part + PlanText.Literal(template.Texts[index + 1]);
        }

        return new K6Text(text);
    }

    private K6Map? Map(JsObject map)
    {
        var members = new List<(string, K6Value, int)>();
        foreach (var (name, value) in map.Members)
        {
            var evaluated = Of(value);
            if (name is null && evaluated is K6Map spread)
                members.AddRange(spread.Members);
            else if (name is { Length: > 0 } && evaluated is not null)
                members.Add((name, evaluated, value.Line));
            else
                return null;
        }

        return new K6Map(members);
    }

    private K6List? List(JsArray list)
    {
        var items = list.Items.Select(Of).ToList();
        return items.Contains(null) ? null : new K6List([.. items.OfType<K6Value>()]);
    }

    private static K6Value? Member(K6Value? value, string name) => value switch
    {
        K6Map map => map[name],
        K6Json json => json with { Path = json.Path + (PlainName().IsMatch(name) ? "." + name : Quoted(name)) },
        _ => null,
    };

    private K6Value? Index(K6Value? value, JsNode index)
    {
        var key = Of(index).AsText();
        return (value, key) switch
        {
            (_, null) => null,
            (K6Json json, _) => int.TryParse(key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var at)
                ? json with { Path = FormattableString.Invariant($"{json.Path}[{at}]") }
                : key.Contains("${", StringComparison.Ordinal) ? null : json with { Path = json.Path + Quoted(key) },
            (K6List list, _) when int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < list.Items.Count => list.Items[at],
            (K6Map map, _) => map[key],
            _ => null,
        };
    }

    private K6Value? Binary(JsBinary binary)
    {
        var (left, right) = (Of(binary.Left), Of(binary.Right));
        return binary.Operator switch
        {
            "||" or "??" when left is K6Text text && text.Text.StartsWith("${env.", StringComparison.Ordinal) => WithDefault(left, right),
            "||" or "??" => left,
            "+" when left is K6Plain a && right is K6Plain b => Number(a, b, static (x, y) => x + y),
            "+" => left.AsText() is { } first && right.AsText() is { } second ? new K6Text(first + second) : null,
            "-" => Number(left, right, static (x, y) => x - y),
            "*" => Number(left, right, static (x, y) => x * y),
            "/" => Number(left, right, static (x, y) => x / y),
            _ => null,
        };
    }

    // In the plan a default stands in the braces, so it can hold none.
    private static K6Value? WithDefault(K6Value? value, K6Value? other) => value is K6Text { Text: var text } && text.EndsWith('}') && other.AsText() is { } fallback && !fallback.Contains('}', StringComparison.Ordinal)
        ? new K6Text($"{text[..^1]}:-{fallback}}}")
        : value;

    private static K6Plain? Number(K6Value? left, K6Value? right, Func<double, double, double> calculate) =>
        left is K6Plain { Text: var a } && right is K6Plain { Text: var b } && double.TryParse(a, CultureInfo.InvariantCulture, out var x) && double.TryParse(b, CultureInfo.InvariantCulture, out var y)
            ? new K6Plain(calculate(x, y).ToString("R", CultureInfo.InvariantCulture))
            : null;

    private K6Value? Call(JsCall call)
    {
        var arguments = call.Arguments;
        switch (call.Function)
        {
            case JsName { Name: "uuidv4" }:
                return new K6Text("${uuid}");
            case JsName { Name: "randomIntBetween" } when arguments.Count == 2 && Of(arguments[0]) is K6Plain from && Of(arguments[1]) is K6Plain to:
                return new K6Text($"${{random({from.Text},{to.Text})}}", IsNumber: true);
            case JsName { Name: "String" or "Number" or "parseInt" or "parseFloat" or "encodeURIComponent" } when arguments.Count > 0:
                return Of(arguments[0]);
            case JsMember { Object: JsName { Name: "Date" }, Name: "now" }:
                return new K6Text("${timestamp}", IsNumber: true);
            case JsMember { Object: JsName { Name: "JSON" }, Name: "stringify" } when arguments.Count > 0:
                return Of(arguments[0]) is { } json && json.AsJson() is not null ? new K6JsonText(json) : null;
            case JsMember { Object: JsName { Name: "JSON" }, Name: "parse" } when arguments is [JsMember { Name: "body" } body]:
                return Of(body.Object) is K6Response parsed ? new K6Json(parsed.Request, "$") : null;
            case JsMember { Name: "json" } member when Of(member.Object) is K6Response response:
                return arguments.Count == 0 ? new K6Json(response.Request, "$") : Of(arguments[0]) is K6Text selector ? new K6Json(response.Request, GjsonPath(selector.Text)) : null;
            case JsMember { Name: "toString" or "trim" } member:
                return Of(member.Object);
            case JsName { Name: var name } when functions.TryGetValue(name, out var function) && function.Body is [JsReturn { Value: { } returned }] && Depth < CallsDeepMost:
                return Returned(function, returned, [.. arguments.Select(Of)]);
            default:
                return null;
        }
    }

    // A function that only makes a value, such as the headers of every request.
    private K6Value? Returned(JsFunction function, JsNode returned, List<K6Value?> arguments)
    {
        Enter();
        for (var index = 0; index < function.Parameters.Count; index++)
            Set(function.Parameters[index], index < arguments.Count ? arguments[index] : null);
        var value = Of(returned);
        Leave();
        return value;
    }

    // k6 selects by gjson's paths: names and numbers between dots.
    private static string GjsonPath(string selector) => "$" + string.Concat(selector.Split('.').Select(static part =>
        part.Length > 0 && part.All(char.IsAsciiDigit) ? $"[{part}]" : PlainName().IsMatch(part) ? "." + part : Quoted(part)));

    private static string Quoted(string name) => $"['{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}']";

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PlainName();
}
