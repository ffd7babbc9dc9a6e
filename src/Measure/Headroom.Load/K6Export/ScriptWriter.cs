using System.Globalization;
using System.Text;

namespace Headroom.Load.K6Export;

/// <summary>
/// Writes the whole script, in the order that a person reads it: where it comes from and what is different, modules, environment, feeders, options, setup, scenarios, flows,
/// requests, functions that these use, teardown, summary.
/// </summary>
internal sealed class ScriptWriter(ScriptContext script)
{
    private const int CommentWidth = 120;

    // What runs are compared by, so that the summary has it.
    private const string TrendStats = "['count', 'min', 'avg', 'med', 'p(75)', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)', 'max']";

    // k6 gives setup a minute where nobody says more.
    private static readonly TimeSpan SequenceMin = TimeSpan.FromSeconds(60);

    /// <param name="origin">What it is made from, in words.</param>
    public K6Script Write(string origin)
    {
        var functions = script.Plan.Scenarios.Select(scenario => script.FreeName(scenario.Name)).ToList();
        var feeders = new FeederWriter(script);
        var requests = new RequestWriter(script);
        var flows = new FlowWriter(script, requests, feeders);
        script.TellEnvironment();
        TellPlan();
        var setup = script.Plan.Setup.Count > 0 ? flows.Setup() : null;
        var teardown = script.Plan.Teardown.Count > 0 ? flows.Teardown() : null;
        var scenarios = script.Plan.Scenarios.Select((scenario, index) => flows.Scenario(scenario, index, functions[index])).ToList();
        var scenarioWriter = new ScenarioWriter(script);
        var entries = scenarioWriter.Write(functions);
        var thresholds = new ThresholdWriter(script, scenarioWriter).Write();
        var constants = feeders.Constants().ToList();
        var target = script.Target;
        var variables = string.Join(", ", script.Plan.Variables.Select(variable => $"{Js.Key(variable.Key)}: {script.Constant(variable.Value)}"));
        var summary = new SummaryWriter(script, scenarioWriter);
        var code = new List<string?>
        {
            setup,
            teardown,
        };
        code.AddRange(scenarios);
        code.AddRange(flows.Code);
        code.AddRange(requests.Code);
        code.AddRange(ScriptFunctions.Code(script.UsedFunctions));
        code.Add(summary.Functions(target is not null));
        var text = new StringBuilder();
        Head(text, origin);
        Modules(text, string.Join('\n', code) + string.Join('\n', constants));
        Environment(text, target, variables);
        foreach (var constant in constants.Concat(script.OpenedFiles))
            text.Append(constant).Append('\n');
        if (script.HasSequences)
            text.Append(SummaryWriter.SequenceCounter).Append('\n');
        text.Append('\n').Append(summary.Parts()).Append('\n');
        Options(text, entries, thresholds);
        foreach (var part in code.OfType<string>())
            text.Append('\n').Append(part).Append('\n');
        return new K6Script(text.ToString(), script.Notes, script.Files) { SourceFiles = script.Plan.SourceFiles };
    }

    private void TellPlan()
    {
        var plan = script.Plan;
        if (plan.ResponseTimeout is not null)
            script.Note("responseTimeout", "k6 has one timeout, for the whole request");
        if (plan.ConnectTimeout != new LoadPlan { Name = "", Scenarios = [] }.ConnectTimeout)
            script.Note("connectTimeout", "k6 has one timeout, for the whole request");
        if (plan.RedirectsMax > 0)
            script.Note("redirects", "k6 follows them to any host, headroom to hosts that the plan names");
        if (plan.CaptureBytesMax != new LoadPlan { Name = "", Scenarios = [] }.CaptureBytesMax)
            script.Note("captureLimit", "checks and extractions of k6 see whole bodies");
        if (plan.Connections.RequestsMax > 1)
            script.Note("connections", "k6 does not close connections after a number of requests");
        if (plan.Connections.Version == HttpVersionChoice.Http2)
            script.Note("http", "k6 speaks HTTP/2 over TLS where the server offers it, and HTTP/1.1 otherwise");
        else if (plan.AllRequests().Any(static request => request.Url.Scheme == "https"))
            script.Note("http", "k6 speaks HTTP/2 over TLS where the server offers it; GODEBUG=http2client=0 in its environment keeps it at HTTP/1.1");
        if (plan.Metrics is not null)
            script.Note("metrics", "k6 does not read metrics of the target");
    }

    private void Head(StringBuilder text, string origin)
    {
        text.Append("// @ts-check\n");
        text.Append("/**\n");
        Comment(text, $"'{script.Label(script.Plan.Name)}', made by `headroom export k6` from {script.Label(origin)}. Run it: k6 run {script.Name}.js; read its summary: headroom import k6-summary {script.Name}.summary.json.");
        if (script.Notes.Count > 0)
        {
            Comment(text, "");
            Comment(text, "k6 does this in another way than headroom:");
            foreach (var note in script.Notes)
                Comment(text, $"- {note}", "  ");
        }

        text.Append(" *\n * @typedef {{ [name: string]: string }} Values Variables of an iteration.\n");
        text.Append(" * @typedef {{ [feeder: string]: { [column: string]: string } }} Rows Rows of feeders that an iteration takes.\n");
        text.Append(" * @typedef {import('k6/http').RefinedResponse<any>} Response\n */\n");
    }

    private static void Comment(StringBuilder text, string sentence, string indent = "")
    {
        var rest = sentence.ReplaceLineEndings(" ").Replace("*/", "* /", StringComparison.Ordinal);
        for (var first = true; ; first = false)
        {
            var width = CommentWidth - (first ? 0 : indent.Length);
            var cut = rest.Length > width ? rest.LastIndexOf(' ', width) : -1;
            text.Append((" * " + (first ? "" : indent) + (cut > 0 ? rest[..cut] : rest)).TrimEnd()).Append('\n');
            if (cut <= 0)
                return;
            rest = rest[(cut + 1)..];
        }
    }

    private void Modules(StringBuilder text, string code)
    {
        var core = new[] { "check", "sleep" }.Where(name => code.Contains(name + "(", StringComparison.Ordinal)).ToArray();
        if (core.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $"import {{ {string.Join(", ", core)} }} from 'k6';\n");
        if (code.Contains("new SharedArray", StringComparison.Ordinal))
            text.Append("import { SharedArray } from 'k6/data';\n");
        if (code.Contains("encoding.", StringComparison.Ordinal))
            text.Append("import encoding from 'k6/encoding';\n");
        if (code.Contains("exec.", StringComparison.Ordinal))
            text.Append("import exec from 'k6/execution';\n");
        text.Append("import http from 'k6/http';\n");
        if (script.HasSequences)
            text.Append("import { Counter } from 'k6/metrics';\n");
        text.Append('\n');
    }

    private void Environment(StringBuilder text, string? target, string variables)
    {
        var required = script.RequiredEnvironment.Select(Js.Text);
        if (script.RequiredOfTarget.Count > 0)
            required = required.Prepend($"...(__ENV.BASE_URL ? [] : [{string.Join(", ", script.RequiredOfTarget.Select(Js.Text))}])");
        if (required.Any())
        {
            text.Append(CultureInfo.InvariantCulture, $"for (const name of [{string.Join(", ", required)}]) {{\n");
            text.Append("  if (__ENV[name] === undefined) throw new Error(`environment variable '${name}' is not set; run k6 with -e ${name}=…`);\n}\n");
        }

        if (target is not null)
            text.Append(CultureInfo.InvariantCulture, $"const BASE_URL = (__ENV.BASE_URL || {Js.WithoutParentheses(target)}).replace(/\\/+$/, '');\n");
        text.Append(CultureInfo.InvariantCulture, $"/** @type {{Values}} */\nconst VARS = {{{(variables.Length > 0 ? $" {variables} " : "")}}};\n");
    }

    private void Options(StringBuilder text, IReadOnlyList<string> scenarios, IReadOnlyList<string> thresholds)
    {
        text.Append("\n/** @type {import('k6/options').Options} */\nexport const options = {\n  scenarios: {\n");
        foreach (var entry in scenarios)
            text.Append("    ").Append(entry).Append(",\n");
        text.Append("  },\n  thresholds: {\n    ...partsOfSummary(),\n");
        foreach (var entry in thresholds)
            text.Append("    ").Append(entry).Append(",\n");
        text.Append(CultureInfo.InvariantCulture, $"  }},\n  summaryTrendStats: {TrendStats},\n  discardResponseBodies: true,\n  maxRedirects: {script.Plan.RedirectsMax},\n");
        if (script.Plan.Connections.PerIteration)
            text.Append("  noVUConnectionReuse: true,\n");
        if (script.Plan.Connections.RequestsMax == 1)
            text.Append("  noConnectionReuse: true,\n");
        if (script.Plan.Setup.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $"  setupTimeout: {Js.Duration(Longest(script.Plan.Setup))},\n");
        if (script.Plan.Teardown.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $"  teardownTimeout: {Js.Duration(Longest(script.Plan.Teardown))},\n");
        text.Append("};\n");
    }

    private TimeSpan Longest(IReadOnlyList<PlannedRequest> sequence)
    {
        var sum = sequence.Aggregate(TimeSpan.Zero, (all, request) => all + (request.Timeout ?? script.Plan.Timeout)) * (script.Plan.RedirectsMax + 1);
        return sum > SequenceMin ? sum : SequenceMin;
    }
}
