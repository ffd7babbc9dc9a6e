using System.Globalization;
using Headroom.Import.Drafts;

namespace Headroom.Import.K6;

/// <summary>Body and parameters of a call of k6/http.</summary>
internal sealed class K6RequestReader(PlanDraft draft, K6Evaluator evaluator)
{
    public void Read(RequestDraft request, JsNode? body, JsNode? parameters)
    {
        if (parameters is not null and not JsWord)
            Parameters(request, parameters);
        if (body is not null and not JsWord)
            Body(request, body);
    }

    private void Body(RequestDraft request, JsNode node)
    {
        var value = evaluator.Of(node);
        var type = request.Headers.Find(static header => header.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)).Value;
        if (value is K6JsonText json)
        {
            request.Json = json.Json.AsJson(draft.Secrets);
            if (type == "application/json")
                request.Headers.RemoveAll(static header => header.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase));
            else if (type is null)
                // k6 sends a text without a type.
                request.Headers.Add(("Content-Type", "text/plain"));
        }
        else if (value is K6Map form && form.Members.All(static member => member.Value.AsText() is not null))
        {
            request.Body = string.Join('&', form.Members.Select(member => $"{Uri.EscapeDataString(member.Name)}={K6Values.SecretOf(member.Name, member.Value, draft.Secrets) ?? Encoded(member.Value)}"));
            if (type is null)
                request.Headers.Add(("Content-Type", "application/x-www-form-urlencoded"));
        }
        else if (value is K6Text text)
            request.Body = text.Text;
        else
        {
            draft.LeftOut(node.Line, $"the body of {request.Method} {request.Url}, which only the running script knows");
            request.Comments.Add("its body is missing");
        }
    }

    // In a form, variables are encoded when they are put in.
    private static string Encoded(K6Value value) => value is K6Plain plain || !value.AsText()!.Contains("${", StringComparison.Ordinal)
        ? Uri.EscapeDataString(value.AsText()!)
        : value.AsText()!.Replace("}", " | url}", StringComparison.Ordinal);

    private void Parameters(RequestDraft request, JsNode node)
    {
        if (node is not JsObject && evaluator.Of(node) is not K6Map)
        {
            draft.LeftOut(node.Line, $"the parameters of {request.Method} {request.Url}, which only the running script knows");
            return;
        }

        foreach (var (name, value, line) in Members(node))
        {
            switch (name)
            {
                case "headers":
                    Headers(request, value, line);
                    break;
                case "tags" when value is K6Map tags:
                    foreach (var (tag, text, _) in tags.Members.Where(static member => member.Value.AsText() is not null))
                    {
                        if (tag == "name")
                            request.Name = text.AsText();
                        else if (!request.Tags.Entries.Any(entry => entry.Key == tag))
                            request.Tags.Add(tag, text.AsText()!);
                    }

                    break;
                case "timeout" when value.AsText() is { } timeout:
                    request.Timeout = double.TryParse(timeout, CultureInfo.InvariantCulture, out var milliseconds) ? PlanText.Duration(TimeSpan.FromMilliseconds(milliseconds)) : timeout;
                    break;
                case "cookies" when value is K6Map cookies && cookies.Members.All(static member => member.Value.AsText() is not null):
                    request.Headers.Add(("Cookie", string.Join("; ", cookies.Members.Select(static member => $"{member.Name}={member.Value.AsText()}"))));
                    break;
                case "responseType":
                    break;
                default:
                    draft.LeftOut(line, $"'{name}' of the parameters of {request.Method} {request.Url}");
                    break;
            }
        }
    }

    private void Headers(RequestDraft request, K6Value? value, int line)
    {
        if (value is not K6Map headers)
        {
            draft.LeftOut(line, $"the headers of {request.Method} {request.Url}, which only the running script knows");
            return;
        }

        foreach (var (header, text, at) in headers.Members)
        {
            if (text.AsText() is not { } known)
                draft.LeftOut(at, $"the header '{header}'");
            else
                request.Headers.Add((header, known.Contains("${", StringComparison.Ordinal) ? known : draft.Secrets.Header(header, known)));
        }
    }

    // An object whose members are looked at one by one, so that one unknown does not take the others with it.
    private IEnumerable<(string Name, K6Value? Value, int Line)> Members(JsNode node)
    {
        if (node is not JsObject map)
            return ((K6Map)evaluator.Of(node)!).Members.Select(static member => (member.Name, (K6Value?)member.Value, member.Line));
        return map.Members.SelectMany(member => member.Name is null && evaluator.Of(member.Value) is K6Map spread
            ? spread.Members.Select(static inner => (inner.Name, (K6Value?)inner.Value, inner.Line))
            : [(member.Name ?? "...", evaluator.Of(member.Value), member.Value.Line)]);
    }
}
