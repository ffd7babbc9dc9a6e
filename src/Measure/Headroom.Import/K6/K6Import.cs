using Headroom.Import.Drafts;

namespace Headroom.Import.K6;

/// <summary>
/// A k6 script as a plan: its options, and each function that a scenario runs as a flow. A script is a program and a plan is not, so what a statement does beyond sending, checking, extracting and waiting is told with its line.
/// </summary>
internal sealed class K6Import(PlanDraft draft)
{
    private readonly Dictionary<string, JsFunction> _functions = new(StringComparer.Ordinal);
    private K6Evaluator _evaluator = new([]);
    private JsNode? _options;

    /// <summary>What setup returns, which the other functions get.</summary>
    private K6Value? _data;

    public void Read(string script)
    {
        _evaluator = new K6Evaluator(_functions);
        var statements = Parse(script.TrimStart('\uFEFF'));
        if (!statements.OfType<JsImport>().Any(static import => import.Module.StartsWith("k6/", StringComparison.Ordinal)))
            throw draft.Error(0, "imports nothing from k6, so it is not a k6 script; the first line of one is: import http from 'k6/http';");
        draft.Head.Add($"From the k6 script {draft.Options.Source}.");
        foreach (var statement in statements.SelectMany(Flat))
            ReadTop(statement);

        // What k6 does unless it is told otherwise, and a plan does not.
        draft.Settings.Add("redirects", 10, "k6's defaults").Add("cookies", new DraftPlain("true"));
        var options = new K6Options(draft, _functions.ContainsKey("default"));
        options.Read(_options is null ? new K6Map([]) : OptionsOf(_options));
        AddFlows(options.Entries);
        if (draft.Flows.Count == 0)
            throw draft.Error(0, "exports no default function and no scenario, so it sends nothing");
    }

    private IReadOnlyList<JsStatement> Parse(string script)
    {
        try
        {
            return JsParser.Parse(script, draft.Options.Source.EndsWith(".ts", StringComparison.OrdinalIgnoreCase));
        }
        catch (FormatException e)
        {
            throw draft.Error(e);
        }
    }

    private static IEnumerable<JsStatement> Flat(JsStatement statement) => statement is JsBlock block ? block.Statements.SelectMany(Flat) : [statement];

    private void ReadTop(JsStatement statement)
    {
        switch (statement)
        {
            case JsImport import:
                if (import.Module is not ("k6" or "k6/http") && !import.Module.Contains("k6-utils", StringComparison.Ordinal))
                    draft.LeftOut(import.Line, $"what comes from '{import.Module}'");
                break;
            case JsFunctionDeclaration function:
                _functions[function.Name] = function.Function;
                break;
            case JsVariable { Name: "options" } variable:
                _options = variable.Value;
                break;
            case JsVariable { Name: "default", Value: JsName { Name: var alias } } when _functions.TryGetValue(alias, out var aliased):
                _functions["default"] = aliased;
                break;
            case JsVariable { Name: { } name, Value: JsFunction function }:
                _functions[name] = function;
                break;
            case JsVariable { Name: { } name } variable:
                var value = _evaluator.Of(variable.Value);
                _evaluator.Set(name, value);
                if (value is null && variable.Value is not null)
                    draft.LeftOut(variable.Line, $"'{name}', whose value only the running script knows{(variable.Value is JsNew { Type: JsName { Name: "SharedArray" } } ? "; put its rows into a file and name it under 'feeders'" : "")}");
                break;
            default:
                draft.LeftOut(statement.Line, "a statement outside functions");
                break;
        }
    }

    // Members that cannot be said are told one by one, the others stay.
    private K6Map OptionsOf(JsNode node)
    {
        if (node is not JsObject map)
        {
            if (_evaluator.Of(node) is K6Map known)
                return known;
            draft.LeftOut(node.Line, "'options', which only the running script knows");
            return new K6Map([]);
        }

        var members = new List<(string, K6Value, int)>();
        foreach (var (name, value) in map.Members)
        {
            var evaluated = name is "scenarios" or "thresholds" && value is JsObject ? OptionsOf(value) : _evaluator.Of(value);
            if (name is { Length: > 0 } && evaluated is not null)
                members.Add((name, evaluated, value.Line));
            else if (name is null && evaluated is K6Map spread)
                members.AddRange(spread.Members);
            else
                draft.LeftOut(value.Line, $"'{name ?? "..."}' of the options, which only the running script knows");
        }

        return new K6Map(members);
    }

    private void AddFlows(IReadOnlyList<(string Function, int Line)> entries)
    {
        var sent = new List<RequestDraft>();
        AddOnce("setup", draft.Setup, sent);
        AddOnce("teardown", draft.Teardown, sent);
        var flows = new List<(string Name, JsFunction Function, Func<DraftList> Steps)>();
        foreach (var (name, line) in entries.DistinctBy(static entry => entry.Function))
        {
            if (!_functions.TryGetValue(name, out var function))
            {
                draft.LeftOut(line, $"the function '{name}', which the script does not export");
                continue;
            }

            var steps = new K6Steps(draft, _evaluator, _functions, sent);
            flows.Add((name, function, steps.Read(function, _data)));
            if (!steps.Sends)
                throw draft.Error(function.Line, $"the function '{name}' sends nothing that a plan can say");
        }

        SetTarget(sent);
        foreach (var (name, function, steps) in flows)
            draft.Flows.Add(new FlowDraft(name, null, steps(), [FormattableString.Invariant($"function {name}, line {function.Line}")]));
        foreach (var (name, function) in _functions)
        {
            if (name is "handleSummary")
                draft.LeftOut(function.Line, "handleSummary: reports are made by headroom's own options, --html, --json, --junit");
        }
    }

    private void AddOnce(string name, List<RequestDraft> requests, List<RequestDraft> sent)
    {
        if (!_functions.TryGetValue(name, out var function))
            return;
        var steps = new K6Steps(draft, _evaluator, _functions, sent);
        steps.Read(function, name == "setup" ? null : _data);
        requests.AddRange(steps.Requests);
        if (name == "setup")
            _data = steps.Returned;
    }

    // A script has whole addresses; what most of them begin with is the plan's target, so that --base-url can replace it.
    private void SetTarget(List<RequestDraft> sent)
    {
        draft.Target = sent.Select(static request => Base(request.Url)).OfType<string>().GroupBy(static origin => origin, StringComparer.Ordinal).OrderByDescending(static group => group.Count()).FirstOrDefault()?.Key;
        foreach (var request in sent)
        {
            if (draft.Target is not null && Base(request.Url) == draft.Target)
                request.Url = Origins.PathOf(request.Url[draft.Target.Length..]) ?? request.Url;
        }
    }

    private static string? Base(string url)
    {
        if (url.StartsWith("${env.", StringComparison.Ordinal))
            return url[..(url.IndexOf('}', StringComparison.Ordinal) + 1)];
        return Origins.Split(url)?.Origin;
    }
}
