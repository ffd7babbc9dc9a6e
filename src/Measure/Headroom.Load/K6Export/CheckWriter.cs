using System.Globalization;
using System.Text.RegularExpressions;
using Headroom.Load.Plans;

namespace Headroom.Load.K6Export;

/// <summary>Writes checks and extractions as expressions on a response.</summary>
internal sealed partial class CheckWriter(ScriptContext script)
{
    // Of .NET's regular expressions and not of JavaScript's (ECMA-262 §22.2); the rest that both have means the same.
    private static readonly string[] OnlyInDotNet = ["(?>", "(?#", "(?'", "\\G", "(?(", "-[", "\\p{", "\\P{"];

    /// <summary>A check as a function of <c>r</c>.</summary>
    public string Condition(Check check, string place)
    {
        var held = check.Part switch
        {
            ResponsePart.Status when check.Operator is CheckOperator.Equals or CheckOperator.NotEquals => Negated(check, Any(check.Operands, operand => StatusIs(script.Value(operand, place)))),
            ResponsePart.Status => Compared(check, place, "r.status"),
            ResponsePart.Duration => Compared(check, place, "r.timings.duration"),
            ResponsePart.Size => Compared(check, place, $"{script.Use("sizeOf")}(r)"),
            _ => OfText(check, place),
        };
        return $"(r) => {held}";
    }

    /// <summary>What an extraction finds; undefined where that is nothing.</summary>
    public string Value(Extraction extraction, string place)
    {
        var text = Text(extraction.Part, extraction.Selector, "response", place);
        if (extraction.Regex is { } pattern)
            text = $"{script.Use("firstMatch")}({text}, {Pattern(pattern, place)})";
        return extraction.Default is { } other ? $"{text} ?? {script.Constant(other)}" : text;
    }

    /// <summary>How k6 has to keep the body, as its <c>responseType</c>; null when nobody looks at it.</summary>
    public string? BodyKind(PlannedRequest request, string place)
    {
        var readsSize = request.Checks.Any(static check => check.Part == ResponsePart.Size);
        if (!request.Checks.Any(static check => check.Part is ResponsePart.Body or ResponsePart.Json) && !request.Extractions.Any(static extraction => extraction.Part is ResponsePart.Body or ResponsePart.Json))
            return readsSize ? "binary" : null;
        if (readsSize)
            script.Note(place, "its size is counted in the body as text, which other checks and extractions read: of a body that is not UTF-8 (a picture, a compressed file) it is another");
        return "text";
    }

    private string OfText(Check check, string place)
    {
        var text = Text(check.Part, check.Selector, "r", place);
        return check.Operator switch
        {
            CheckOperator.Exists => $"{text} !== undefined",
            CheckOperator.Equals or CheckOperator.NotEquals => Negated(check, $"{script.Use("equalsAny")}({text}, {Operands(check)})"),
            CheckOperator.Contains => $"{script.Use("containsAny")}({text}, {Operands(check)})",
            CheckOperator.Matches => $"{script.Use("matchesAny")}({text}, [{string.Join(", ", check.Operands.Select(operand => Pattern(operand, place)))}])",
            _ => Any(check.Operands, operand => $"{script.Use("numberOf")}({text}) {Sign(check.Operator)} {Number(operand, place)}"),
        };
    }

    private string Operands(Check check) => $"[{string.Join(", ", check.Operands.Select(operand => script.Constant(operand)))}]";

    private string Compared(Check check, string place, string value) => $"r.status !== 0 && {Any(check.Operands, operand => $"{value} {Sign(check.Operator)} {Number(operand, place)}", inOther: true)}";

    // Nothing holds of a response that did not come.
    private static string Negated(Check check, string equals) => check.Operator == CheckOperator.NotEquals ? $"r.status !== 0 && !({equals})" : equals;

    private static string Any(IReadOnlyList<string> operands, Func<string, string> one, bool inOther = false) =>
        operands.Count == 1 ? one(operands[0]) : $"{(inOther ? "(" : "")}{string.Join(" || ", operands.Select(one))}{(inOther ? ")" : "")}";

    private static string StatusIs(string operand)
    {
        var (min, max) = Responses.CompiledCheck.StatusRange(operand);
        return min == max
            ? string.Create(CultureInfo.InvariantCulture, $"r.status === {min}")
            : string.Create(CultureInfo.InvariantCulture, $"(r.status >= {min} && r.status <= {max})");
    }

    private string Number(string operand, string place) => double.TryParse(script.Value(operand, place), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? Js.Number(number) : "NaN";

    private static string Sign(CheckOperator comparison) => comparison switch
    {
        CheckOperator.Below => "<",
        CheckOperator.AtMost => "<=",
        CheckOperator.Above => ">",
        CheckOperator.AtLeast => ">=",
        CheckOperator.NotEquals => "!==",
        _ => "===",
    };

    private string Text(ResponsePart part, string selector, string response, string place)
    {
        switch (part)
        {
            case ResponsePart.Header:
                return $"{script.Use("headerOf")}({response}, {Js.Text(script.Value(selector, place))})";
            case ResponsePart.Json:
                if (!JsonQuery.TryParse(script.Value(selector, place), out var query, out _))
                    script.Note(place, $"the JSON query '{script.Label(selector)}' cannot be read with the environment of now");
                var path = query?.Segments.Select(static step => step.Name is { } name ? Js.Text(name) : step.Index.ToString(CultureInfo.InvariantCulture)) ?? [];
                return $"{script.Use("jsonOf")}({response}, [{string.Join(", ", path)}])";
            case ResponsePart.Status:
                return $"String({response}.status)";
            default:
                return $"{script.Use("bodyOf")}({response})";
        }
    }

    // A bracket that closes is one of the set at its beginning, where JavaScript has a set of nothing.
    private static string Set(string piece) =>
        piece.StartsWith("[]", StringComparison.Ordinal) ? @"[\]" + piece[2..] : piece.StartsWith("[^]", StringComparison.Ordinal) ? @"[^\]" + piece[3..] : piece;

    // Inline options at the beginning are flags. \A and \z are the ends whatever the flags, $ is before a line feed at the end, too, and a dot is all but a line feed.
    private string Pattern(string pattern, string place)
    {
        var text = script.Value(pattern, place);
        var flags = "";
        if (LeadingOptions().Match(text) is { Success: true } options)
        {
            text = text[options.Length..];
            flags = string.Concat(options.Groups["flags"].Value.Distinct().Where(static flag => flag is 'i' or 'm' or 's').Order());
            if (options.Groups["flags"].Value.Any(static flag => flag is 'x' or 'n'))
                script.Note(place, $"the regular expression '{text}' has an option that JavaScript does not know; write it without");
        }

        if (InnerOptions().IsMatch(text) || OnlyInDotNet.Any(construct => text.Contains(construct, StringComparison.Ordinal)))
            script.Note(place, $"the regular expression '{text}' may mean something else in JavaScript");
        var isByLine = flags.Contains('m', StringComparison.Ordinal);
        var (start, end) = isByLine ? (@"(?<![\s\S])", @"(?![\s\S])") : ("^", "$");
        text = Ends().Replace(text, match => match.Value switch { "\\A" => start, "\\z" => end, "\\Z" => $"(?=\\n?{end})", "$" when !isByLine => "(?=\\n?$)", "." when !flags.Contains('s', StringComparison.Ordinal) => "[^\\n]", _ => Set(match.Value) });
        return flags.Length == 0 ? $"new RegExp({Js.Text(text)})" : $"new RegExp({Js.Text(text)}, '{flags}')";
    }

    [GeneratedRegex(@"\A\(\?(?<flags>[imsxn]+)\)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LeadingOptions();

    [GeneratedRegex(@"\(\?[imnsx-]+[:)]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex InnerOptions();

    // With sets as a whole, in which a dollar sign is one.
    [GeneratedRegex(@"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\$|\.", RegexOptions.CultureInvariant | RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Ends();
}
