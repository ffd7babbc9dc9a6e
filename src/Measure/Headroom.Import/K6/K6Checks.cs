using System.Globalization;
using System.Text.RegularExpressions;
using Headroom.Import.Drafts;

namespace Headroom.Import.K6;

/// <summary>The conditions of a call of k6's <c>check</c>.</summary>
internal sealed partial class K6Checks(PlanDraft draft, K6Evaluator evaluator)
{
    public void Read(JsCall call)
    {
        if (call.Arguments is not [var subject, JsObject conditions, ..] || evaluator.Of(subject) is not K6Response response)
        {
            draft.LeftOut(call.Line, "a check of something else than a response");
            return;
        }

        foreach (var (name, condition) in conditions.Members)
        {
            var checks = condition is JsFunction { Parameters: [var parameter, ..], Body: [JsReturn { Value: { } value }] } ? Of(value, parameter, response).ToList() : [null];
            if (checks.Contains(null))
                draft.LeftOut(condition.Line, $"the check '{name}', whose condition a plan cannot say");
            else
            {
                foreach (var check in checks)
                    response.Request.Checks.Add(name is { Length: > 0 } ? check!.Add("name", PlanText.Literal(name)) : check!);
            }
        }
    }

    // a && b are two checks of one name; null stands for what cannot be said.
    private IEnumerable<DraftMap?> Of(JsNode node, string parameter, K6Response response)
    {
        if (node is JsBinary { Operator: "&&" } both && Range(both, parameter) is null)
            return Of(both.Left, parameter, response).Concat(Of(both.Right, parameter, response));
        evaluator.Enter();
        evaluator.Set(parameter, response);
        var check = One(node, parameter);
        evaluator.Leave();
        return [check];
    }

    private DraftMap? One(JsNode node, string parameter)
    {
        switch (node)
        {
            case JsBinary { Operator: "&&" } both when Range(both, parameter) is { } range:
                return RequestDraft.StatusCheck(range);
            case JsBinary { Operator: "==" or "===" } equal when IsResponse(equal.Left, parameter, "status") && Literal(equal.Right) is { } status:
                return RequestDraft.StatusCheck(status);
            case JsBinary { Operator: "<" or "<=" } less when less.Left is JsMember { Name: "duration", Object: JsMember { Name: "timings" } } && Literal(less.Right) is { } milliseconds:
                return Map("duration", $"{less.Operator}{milliseconds}ms");
            case JsBinary size when IsBodyLength(size.Left, parameter) && size.Operator is "<" or "<=" or ">" or ">=" or "==" or "===" && Literal(size.Right) is { } bytes:
                return Map("size", $"{size.Operator.TrimEnd('=')}{(size.Operator.EndsWith('=') ? size.Operator.StartsWith('=') ? "==" : "=" : "")}{bytes}B");
            case JsBinary compared when evaluator.Of(compared.Left) is K6Json json:
                return Json(json, compared);
            case JsBinary { Operator: "==" or "===" } header when HeaderName(header.Left, parameter) is { } name && evaluator.Of(header.Right).AsText() is { } text:
                return Map("header", name).Add("equals", text);
            case JsCall { Function: JsMember { Name: "includes" } includes, Arguments: [var needle] }:
                return Includes(includes.Object, needle, parameter);
            case JsCall { Function: JsMember { Name: "test", Object: JsRegex regex }, Arguments: [var subject] } when IsResponse(subject, parameter, "body") && regex.Flags is "" or "i":
                return Map("bodyMatches", (regex.Flags == "i" ? "(?i)" : "") + PlanText.Literal(regex.Pattern));
            case JsUnary { Operator: "!", Operand: JsUnary { Operator: "!", Operand: var inner } }:
                return One(inner, parameter);
            default:
                return evaluator.Of(node) is K6Json exists ? Map("json", exists.Path) : HeaderName(node, parameter) is { } present ? Map("header", present) : null;
        }
    }

    private DraftMap? Includes(JsNode container, JsNode needle, string parameter)
    {
        if (container is JsArray statuses && IsResponse(needle, parameter, "status") && statuses.Items.Select(Literal).ToList() is var all && !all.Contains(null))
            return RequestDraft.StatusCheck([.. all.OfType<string>()]);
        if (evaluator.Of(needle).AsText() is not { } text)
            return null;
        return IsResponse(container, parameter, "body") ? Map("bodyContains", text) : HeaderName(container, parameter) is { } name ? Map("header", name).Add("contains", text) : null;
    }

    private DraftMap? Json(K6Json json, JsBinary compared)
    {
        if (compared is { Operator: "!=" or "!==", Right: JsWord { Value: "undefined" or "null" } } or { Operator: "!=" or "!==", Right: JsName { Name: "undefined" } })
            return Map("json", json.Path);
        var comparison = compared.Operator switch { "==" or "===" => "equals", "!=" or "!==" => "notEquals", "<" => "below", "<=" => "atMost", ">" => "above", ">=" => "atLeast", _ => null };
        return comparison is null || evaluator.Of(compared.Right).AsJson() is not { } operand || json.Path.EndsWith(".length", StringComparison.Ordinal) ? null : Map("json", json.Path).Add(comparison, operand);
    }

    // r.status >= 200 && r.status < 300
    private static string? Range(JsBinary both, string parameter) => both is
    {
        Left: JsBinary { Operator: ">=", Right: JsNumber { Value: var from } } left,
        Right: JsBinary { Operator: "<" or "<=", Right: JsNumber { Value: var to } } right,
    } && IsResponse(left.Left, parameter, "status") && IsResponse(right.Left, parameter, "status") && from % 100 == 0 && to - from is 99 or 100
        ? string.Create(CultureInfo.InvariantCulture, $"{from / 100:0}xx")
        : null;

    private static bool IsResponse(JsNode node, string parameter, string member) => node is JsMember { Object: JsName name } found && name.Name == parameter && found.Name == member;

    private static bool IsBodyLength(JsNode node, string parameter) => node is JsMember { Name: "length" } length && IsResponse(length.Object, parameter, "body");

    private static string? HeaderName(JsNode node, string parameter) => node switch
    {
        JsIndex { Index: JsText name } index when IsResponse(index.Object, parameter, "headers") => name.Value,
        JsMember member when IsResponse(member.Object, parameter, "headers") => member.Name,
        _ => null,
    };

    private string? Literal(JsNode node) => evaluator.Of(node) is K6Plain plain && Number().IsMatch(plain.Text) ? plain.Text : null;

    private static DraftMap Map(string key, string value) => new DraftMap(OneLine: true).Add(key, value);

    [GeneratedRegex(@"\A\d+(\.\d+)?\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Number();
}
