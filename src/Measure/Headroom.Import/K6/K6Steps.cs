using System.Globalization;
using System.Text;
using Headroom.Import.Drafts;

namespace Headroom.Import.K6;

/// <summary>A function's statements as a flow's steps.</summary>
internal sealed class K6Steps(PlanDraft draft, K6Evaluator evaluator, Dictionary<string, JsFunction> functions, List<RequestDraft> sent)
{
    private const int CallsDeepMost = 10;

    private readonly List<(RequestDraft? Request, DraftNode? Step)> _steps = [];
    private readonly HashSet<string> _variables = new(StringComparer.Ordinal);
    private string? _group;

    /// <summary>The function as steps; its requests are among <c>sent</c> and may be changed until the list is asked for.</summary>
    /// <param name="function">The function.</param>
    /// <param name="argument">What it is called with.</param>
    public Func<DraftList> Read(JsFunction function, K6Value? argument)
    {
        evaluator.Enter();
        if (function.Parameters is [{ Length: > 0 } parameter, ..])
            evaluator.Set(parameter, argument);
        foreach (var statement in function.Body)
            Read(statement);
        evaluator.Leave();
        return () =>
        {
            var list = new DraftList();
            foreach (var (request, step) in _steps)
                list.Add(request?.ToNode() ?? step!, request?.Comments ?? []);
            return list;
        };
    }

    /// <summary>What the function returns, with what it takes from responses extracted; null where a plan cannot say it.</summary>
    public K6Value? Returned { get; private set; }

    /// <summary>True when a request is among the steps.</summary>
    public bool Sends => _steps.Exists(static step => step.Request is not null);

    /// <summary>The requests alone: setup and teardown are sent once, without pauses.</summary>
    public IEnumerable<RequestDraft> Requests => _steps.Select(static step => step.Request).OfType<RequestDraft>();

    private void Read(JsStatement statement)
    {
        switch (statement)
        {
            case JsBlock block:
                foreach (var inner in block.Statements)
                    Read(inner);
                break;
            case JsVariable { Value: { } value } variable:
                Assign(variable.Name, value);
                break;
            case JsVariable:
                break;
            case JsExpressionStatement { Expression: JsAssignment { Operator: "=", Target: JsName name } assignment }:
                Assign(name.Name, assignment.Value);
                break;
            case JsExpressionStatement { Expression: JsCall call }:
                Call(call);
                break;
            case JsFunctionDeclaration function:
                functions[function.Name] = function.Function;
                break;
            case JsControl control:
                Control(control);
                break;
            case JsReturn { Value: JsCall { Function: not JsMember { Name: "json" } } call }:
                Call(call);
                break;
            case JsReturn { Value: { } value }:
                Returned = Kept(value);
                break;
            case JsReturn:
                break;
            case JsExpressionStatement { Expression: JsUnknown unknown }:
                draft.LeftOut(unknown.Line, $"a statement that is not known here: {unknown.What}");
                break;
            default:
                draft.LeftOut(statement.Line, "a statement that a plan cannot say");
                break;
        }
    }

    private void Control(JsControl control)
    {
        // if (!check(…)) { … }: the check is what a plan can say.
        if (control is { Keyword: "if", Condition: { } condition } && CheckIn(condition) is { } check)
        {
            Call(check);
            draft.LeftOut(control.Line, "what is done when a check fails or holds");
        }
        else if (control.Keyword is "for" or "while" or "do")
        {
            draft.Guess(control.Line, $"what is in the '{control.Keyword}' is sent once; repeat its steps as often as it is wanted");
            foreach (var statement in control.Body)
                Read(statement);
        }
        else
            draft.LeftOut(control.Line, $"the '{control.Keyword}' and what is in it; 'oneOf' in a flow takes one of several ways by weight");
    }

    private static JsCall? CheckIn(JsNode condition) => condition switch
    {
        JsUnary { Operator: "!" } not => CheckIn(not.Operand),
        JsCall { Function: JsName { Name: "check" } } check => check,
        _ => null,
    };

    private void Assign(string? name, JsNode value)
    {
        if (value is JsFunction function && name is not null)
        {
            functions[name] = function;
            return;
        }

        var result = value is JsCall call ? Called(call) : evaluator.Of(value);
        if (result is K6Json json)
            result = new K6Text(Extract(json, name ?? "value"));
        if (result is null && value is not (JsCall or JsWord))
            draft.LeftOut(value.Line, $"'{name ?? "{…}"}', whose value only the running script knows");
        if (name is not null)
            evaluator.Set(name, result);
    }

    private K6Value? Kept(JsNode node)
    {
        if (node is not JsObject map)
            return evaluator.Of(node) is K6Json json ? new K6Text(Extract(json, "data")) : evaluator.Of(node);
        var members = new List<(string, K6Value, int)>();
        foreach (var (name, value) in map.Members)
        {
            var found = evaluator.Of(value);
            if (name is { Length: > 0 } && found is not null)
                members.Add((name, found is K6Json of ? new K6Text(Extract(of, name)) : found, value.Line));
            else
                draft.LeftOut(value.Line, $"'{name ?? "..."}' of what is returned, which only the running script knows");
        }

        return new K6Map(members);
    }

    private string Extract(K6Json json, string name)
    {
        var variable = PlanText.Identifier(name, "value");
        var existing = json.Request.Extract.Entries.FirstOrDefault(entry => entry.Value is DraftText { Text: var path } && path == json.Path).Key;
        if (existing is not null)
            return $"${{{existing}}}";
        for (var number = 2; !_variables.Add(variable); number++)
            variable = string.Create(CultureInfo.InvariantCulture, $"{PlanText.Identifier(name, "value")}_{number}");
        json.Request.Extract.Add(variable, json.Path);
        return $"${{{variable}}}";
    }

    private void Call(JsCall call)
    {
        if (Called(call) is null && !IsKnown(call))
            draft.LeftOut(call.Line, $"a call of {Described(call.Function)}");
    }

    private static bool IsKnown(JsCall call) =>
        call.Function is JsName { Name: "check" or "sleep" or "group" } or JsMember { Object: JsName { Name: "http" or "console" } };

    private K6Value? Called(JsCall call)
    {
        switch (call.Function)
        {
            case JsName { Name: "check" }:
                new K6Checks(draft, evaluator).Read(call);
                return null;
            case JsName { Name: "sleep" }:
                Sleep(call);
                return null;
            case JsName { Name: "group" } when call.Arguments is [var name, JsFunction body]:
                var outer = _group;
                _group = evaluator.Of(name).AsText();
                foreach (var statement in body.Body)
                    Read(statement);
                _group = outer;
                return null;
            case JsMember { Object: JsName { Name: "http" }, Name: "batch" }:
                Batch(call);
                return null;
            case JsMember { Object: JsName { Name: "http" } } http:
                return Send(call, http.Name, call.Arguments);
            case JsName local when functions.TryGetValue(local.Name, out var function) && evaluator.Depth < CallsDeepMost:
                return Inline(function, call.Arguments);
            default:
                return evaluator.Of(call);
        }
    }

    // A function of the script's own: its statements with the arguments in place, and what it returns.
    private K6Value? Inline(JsFunction function, IReadOnlyList<JsNode> arguments)
    {
        var values = arguments.Select(evaluator.Of).ToList();
        evaluator.Enter();
        for (var index = 0; index < function.Parameters.Count; index++)
            evaluator.Set(function.Parameters[index], index < values.Count ? values[index] : null);
        K6Value? result = null;
        foreach (var statement in function.Body)
        {
            if (statement is JsReturn { Value: { } value })
                result = value is JsCall call ? Called(call) : evaluator.Of(value);
            else
                Read(statement);
        }

        evaluator.Leave();
        return result ?? new K6Plain("null");
    }

    private void Sleep(JsCall call)
    {
        DraftNode? time = (call.Arguments is [var length, ..] ? length : null) switch
        {
            JsCall { Function: JsName { Name: "randomIntBetween" }, Arguments: [var from, var to] } when Seconds(from) is { } least && Seconds(to) is { } most =>
                new DraftMap(OneLine: true).Add("min", least).Add("max", most),
            // Math.random() * n, with or without a summand.
            JsBinary { Operator: "*" } product when Random(product) is { } most => new DraftMap(OneLine: true).Add("min", "0s").Add("max", most),
            JsBinary { Operator: "+", Left: JsBinary product, Right: var summand } when Random(product) is not null => Range(product, summand),
            JsBinary { Operator: "+", Left: var summand, Right: JsBinary product } when Random(product) is not null => Range(product, summand),
            { } fixedTime when Seconds(fixedTime) is { } seconds => seconds,
            _ => null,
        };
        if (time is null)
            draft.LeftOut(call.Line, "a sleep whose length only the running script knows");
        else
            _steps.Add((null, new DraftMap(OneLine: true).Add("think", time)));
    }

    private DraftMap? Range(JsBinary product, JsNode summand) =>
        Factor(product) is { } factor && evaluator.Of(summand) is K6Plain plain && double.TryParse(plain.Text, CultureInfo.InvariantCulture, out var least)
            ? new DraftMap(OneLine: true).Add("min", PlanText.Duration(TimeSpan.FromSeconds(least))).Add("max", PlanText.Duration(TimeSpan.FromSeconds(least + factor)))
            : null;

    private string? Random(JsBinary product) => Factor(product) is { } factor ? PlanText.Duration(TimeSpan.FromSeconds(factor)) : null;

    private double? Factor(JsBinary product)
    {
        var other = IsRandom(product.Left) ? product.Right : IsRandom(product.Right) ? product.Left : null;
        return product.Operator == "*" && evaluator.Of(other) is K6Plain plain && double.TryParse(plain.Text, CultureInfo.InvariantCulture, out var factor) ? factor : null;
    }

    private static bool IsRandom(JsNode node) => node is JsCall { Function: JsMember { Object: JsName { Name: "Math" }, Name: "random" } };

    private string? Seconds(JsNode node) =>
        evaluator.Of(node) is K6Plain plain && double.TryParse(plain.Text, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 3600 ? PlanText.Duration(TimeSpan.FromSeconds(seconds)) : null;

    private void Batch(JsCall call)
    {
        IReadOnlyList<JsNode>? items = call.Arguments switch
        {
            [JsArray list] => list.Items,
            [JsObject { Members: var members }] when members.All(static member => member.Name is not null) => [.. members.Select(static member => member.Value)],
            _ => null,
        };
        if (items is null)
        {
            draft.LeftOut(call.Line, "http.batch of something that is no list and no object");
            return;
        }

        draft.Guess(call.Line, "requests of http.batch are sent one after another");
        foreach (var item in items)
        {
            switch (item)
            {
                case JsArray { Items: [JsText, ..] } array:
                    Send(call, "request", array.Items);
                    break;
                case JsObject map when map.Members.FirstOrDefault(static member => member.Name == "url").Value is { } url:
                    var given = map.Members.FirstOrDefault(static member => member.Name == "method").Value ?? new JsText(map.Line, "GET");
                    var rest = new[] { "body", "params" }.Select(name => map.Members.FirstOrDefault(member => member.Name == name).Value ?? new JsWord(map.Line, "null"));
                    Send(call, "request", [given, url, .. rest]);
                    break;
                default:
                    Send(call, "get", [item]);
                    break;
            }
        }
    }

    private K6Response? Send(JsCall call, string function, IReadOnlyList<JsNode> arguments)
    {
        var method = function switch { "del" => "DELETE", "request" or "asyncRequest" => evaluator.Of(arguments is [var verb, ..] ? verb : null).AsText()?.ToUpperInvariant(), "get" or "head" or "post" or "put" or "patch" or "options" => function.ToUpperInvariant(), _ => null };
        var rest = function is "request" or "asyncRequest" ? arguments.Skip(1).ToList() : [.. arguments];
        var url = Url(rest.FirstOrDefault());
        if (method is null || url is null)
        {
            draft.LeftOut(call.Line, method is null ? $"http.{function}" : $"http.{function} to an address that only the running script knows");
            return null;
        }

        (url, var user) = Origins.WithoutUser(url);
        var request = new RequestDraft { Method = method, Url = url };
        request.Comments.Add(FormattableString.Invariant($"line {call.Line}{(_group is null ? "" : $", group {_group}")}"));
        if (_group is not null)
            request.Tags.Add("group", _group);
        var hasBody = function is not ("get" or "head");
        new K6RequestReader(draft, evaluator).Read(request, hasBody ? rest.ElementAtOrDefault(1) : null, rest.ElementAtOrDefault(hasBody ? 2 : 1));
        if (user is not null && !request.Headers.Exists(static header => header.Name.Equals("Authorization", StringComparison.OrdinalIgnoreCase)))
            request.Headers.Add(("Authorization", draft.Secrets.Header("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(user))))));
        _steps.Add((request, null));
        sent.Add(request);
        return new K6Response(request);
    }

    // http.url`…` names a request by its template; the names of the report are made so anyway.
    private string? Url(JsNode? node)
    {
        var value = evaluator.Of(node);
        if (value is K6Json json)
            value = new K6Text(Extract(json, "value"));
        if (node is JsTemplate or JsBinary && value is null)
            value = new K6Text(WithExtractions(node) ?? "");
        return value.AsText() is { Length: > 0 } text ? text.Replace(" ", "%20", StringComparison.Ordinal) : null;
    }

    // `${BASE}/items/${res.json('id')}`: the value is extracted on the way.
    private string? WithExtractions(JsNode node) => node switch
    {
        JsTemplate template => template.Expressions.Select(WithExtractions).ToList() is var parts && parts.Contains(null)
            ? null
            : string.Concat(template.Texts.Select((text, index) => PlanText.Literal(text) + (index < parts.Count ? parts[index] : ""))),
        JsBinary { Operator: "+" } sum => WithExtractions(sum.Left) is { } left && WithExtractions(sum.Right) is { } right ? left + right : null,
        _ => evaluator.Of(node) is K6Json json ? Extract(json, json.Path[(json.Path.LastIndexOf('.') + 1)..]) : evaluator.Of(node).AsText(),
    };

    private static string Described(JsNode node) => node switch
    {
        JsName name => name.Name,
        JsMember member => $"{Described(member.Object)}.{member.Name}",
        _ => "a function",
    };
}
