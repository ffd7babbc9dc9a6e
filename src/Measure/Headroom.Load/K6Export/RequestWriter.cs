using System.Globalization;
using System.Text;
using Headroom.Load.Plans;

namespace Headroom.Load.K6Export;

/// <summary>What happens when a request of a sequence fails.</summary>
internal enum SequenceKind
{
    /// <summary>It is load: failures are counted.</summary>
    None,

    /// <summary>No load is sent.</summary>
    Setup,

    /// <summary>It is told.</summary>
    Teardown,
}

/// <summary>Writes each request of the plan as a function, which flows and scenarios call.</summary>
internal sealed class RequestWriter(ScriptContext script)
{
    private readonly CheckWriter _checks = new(script);
    private readonly Dictionary<(PlannedRequest, SequenceKind), string> _names = [];
    private readonly List<string> _code = [];

    /// <summary>The functions.</summary>
    public IEnumerable<string> Code => _code;

    /// <summary>The function that sends a request, which is written when it is first asked for.</summary>
    public string FunctionOf(PlannedRequest request, SequenceKind sequence)
    {
        if (!_names.TryGetValue((request, sequence), out var name))
        {
            name = script.FreeName(request.Name);
            _names.Add((request, sequence), name);
            _code.Add(Write(request, name, sequence));
        }

        return name;
    }

    /// <summary>Feeders whose rows a request uses.</summary>
    public static IEnumerable<string> FeedersOf(PlannedRequest request)
    {
        var texts = request.Headers.Select(static header => header.Value).Append(request.Url.OriginalString);
        if (request.BodyVariables != BodyVariables.None)
            texts = texts.Append(Encoding.UTF8.GetString(request.Body.Span));
        return texts.SelectMany(static text => Parse(text).VariableNames).Where(static name => name.Contains('.', StringComparison.Ordinal)).Select(static name => name[..name.IndexOf('.', StringComparison.Ordinal)]).Distinct(StringComparer.Ordinal);
    }

    private static TextTemplate Parse(string text) =>
        TextTemplate.TryParse(text, out var template, out var error) ? template : throw new InvalidOperationException($"The plan was validated, and yet: {error}");

    private string Write(PlannedRequest request, string name, SequenceKind sequence)
    {
        var place = $"request '{script.Label(request.Name)}'";
        var code = new StringBuilder();
        code.Append(CultureInfo.InvariantCulture, $"/** {script.CommentText(request.Name)} @param {{Values}} vars @param {{Rows}} rows */\nfunction {name}(vars, rows) {{\n");
        var hasResponse = request.Checks.Count > 0 || request.Extractions.Count > 0 || sequence != SequenceKind.None;
        code.Append(CultureInfo.InvariantCulture, $"  {(hasResponse ? "const response = " : "")}http.request({Js.Text(request.Method)}, {script.Address(request.Url)}, {Body(request)}, {{\n");
        foreach (var line in Parameters(request, place))
            code.Append("    ").Append(line).Append('\n');
        code.Append("  });\n");
        var checks = Checks(request, place);
        if (sequence == SequenceKind.None)
        {
            foreach (var check in checks)
                code.Append("  ").Append(check).Append(";\n");
            code.Append(request.Extractions.Count > 0 ? $"  return {Extract(request, place)};\n" : "  return true;\n");
        }
        else
            Sequence(code, request, checks, sequence, place);
        if (request.EventsMax is { } events)
            script.Note(place, FormattableString.Invariant($"'events: {events}' ends an event stream; k6 reads it to its end, or until the timeout"));
        return code.Append('}').ToString();
    }

    private void Sequence(StringBuilder code, PlannedRequest request, List<string> checks, SequenceKind sequence, string place)
    {
        var held = new List<string> { "response.status !== 0", "response.status < 400" };
        for (var index = 0; index < checks.Count; index++)
        {
            code.Append(CultureInfo.InvariantCulture, $"  const checked{index + 1} = {checks[index]};\n");
            held.Add(FormattableString.Invariant($"checked{index + 1}"));
        }

        if (request.Extractions.Count > 0)
        {
            code.Append(CultureInfo.InvariantCulture, $"  const found = {Extract(request, place)};\n");
            held.Add("found");
        }

        var failure = $"`{Js.TemplateText($"{(sequence == SequenceKind.Setup ? "the plan's setup failed, so no load is sent" : "the plan's teardown failed")}: '{script.Label(request.Name)}' was answered ")}${{response.status}}`";
        code.Append(CultureInfo.InvariantCulture, $"  if (!({string.Join(" && ", held)})) {(sequence == SequenceKind.Setup ? $"throw new Error({failure})" : $"console.warn({failure})")};\n");
    }

    private string Body(PlannedRequest request)
    {
        if (request.Body.Length == 0)
            return Wire.RequestImage.HasLength(request) ? "''" : "null";
        if (request.BodyVariables != BodyVariables.None)
            return script.Template(Parse(Encoding.UTF8.GetString(request.Body.Span)), request.BodyVariables == BodyVariables.Json ? TextPlace.Json : TextPlace.Plain);

        // In a file the environment could not be read.
        if (AsText(request.Body) is { } text && (request.Body.Length <= ScriptContext.InlineBytesMax || script.HasEnvironment(text)))
            return script.Constant(text, IsJson(request) ? TextPlace.Json : TextPlace.Plain);
        return script.OpenedBody(request);
    }

    private static bool IsJson(PlannedRequest request) => request.Headers.Any(static header => header.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase) && header.Value.Contains("json", StringComparison.OrdinalIgnoreCase));

    private static string? AsText(ReadOnlyMemory<byte> body)
    {
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(body.Span);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private IEnumerable<string> Parameters(PlannedRequest request, string place)
    {
        if (request.Headers.Count > 0)
            yield return $"headers: {{ {string.Join(", ", Headers(request, place).Select(static header => $"{Js.Key(header.Name)}: {header.Value}"))} }},";
        yield return $"tags: {Tags(request)},";
        yield return $"timeout: {Js.Duration(request.Timeout ?? script.Plan.Timeout)},";
        if (_checks.BodyKind(request, place) is { } kind)
            yield return $"responseType: '{kind}',";

        // k6 keeps cookies for an iteration; a jar of its own keeps none.
        if (!script.Plan.Cookies)
            yield return "jar: new http.CookieJar(),";
    }

    private IEnumerable<(string Name, string Value)> Headers(PlannedRequest request, string place)
    {
        foreach (var group in request.Headers.GroupBy(static header => header.Name, StringComparer.OrdinalIgnoreCase))
        {
            var isCookie = group.Key.Equals("Cookie", StringComparison.OrdinalIgnoreCase);
            if (group.Count() > 1)
                script.Note(place, $"header '{group.Key}' stands there {group.Count()} times; k6 sends it once, the values joined by {(isCookie ? "semicolons (RFC 6265 §4.2.1)" : "commas (RFC 9110 §5.3)")}");
            var values = group.Select(static header => header.Value).ToArray();
            yield return (script.Value(group.Key, place), script.Template(Parse(string.Join(isCookie ? "; " : ", ", values)), TextPlace.Plain));
        }
    }

    private string Tags(PlannedRequest request)
    {
        var tags = request.Tags.Where(static tag => tag.Key != "name").Select(tag => (tag.Key, Value: script.Tag(tag.Value))).Prepend(("name", script.Tag(request.Name)));
        return $"{{ {string.Join(", ", tags.Select(static tag => $"{Js.Key(tag.Item1)}: {Js.Text(tag.Item2)}"))} }}";
    }

    // Checks of one name are counted together by k6 and need calls of their own, because an object has a name once.
    private List<string> Checks(PlannedRequest request, string place)
    {
        var calls = new List<string>();
        var waiting = request.Checks.ToList();
        while (waiting.Count > 0)
        {
            var now = waiting.DistinctBy(check => script.Tag(check.Name)).ToList();
            waiting = [.. waiting.Except(now, ReferenceEqualityComparer.Instance).Cast<Check>()];
            var conditions = now.Select(check => $"{Js.Key(script.Tag(check.Name))}: {_checks.Condition(check, place)}");
            calls.Add($"check(response, {{\n    {string.Join(",\n    ", conditions)},\n  }}, {Tags(request)})");
        }

        return calls;
    }

    private string Extract(PlannedRequest request, string place)
    {
        if (request.Extractions.Any(static extraction => extraction.Variable == Js.Prototype))
            script.Note(place, $"a variable that is extracted cannot be called '{Js.Prototype}' in JavaScript; give it another name");
        return $"{script.Use("extract")}(vars, {{ {string.Join(", ", request.Extractions.Select(extraction => $"{Js.Key(extraction.Variable)}: {_checks.Value(extraction, place)}"))} }})";
    }
}
