using System.Globalization;
using System.Text;

namespace Headroom.Load.K6Export;

/// <summary>Writes flows, the functions that scenarios run, setup and teardown.</summary>
internal sealed class FlowWriter(ScriptContext script, RequestWriter requests, FeederWriter feeders)
{
    private const string Arrow = "(vars) => ";

    private readonly Dictionary<string, string> _flows = new(StringComparer.Ordinal);
    private readonly List<string> _code = [];

    /// <summary>The functions of flows.</summary>
    public IEnumerable<string> Code => _code;

    /// <summary>The exported function of a scenario, under a name that was reserved for it.</summary>
    public string Scenario(Scenario scenario, int index, string function)
    {
        var ways = script.Plan.Requests.Where(request => Sends(scenario, request.Name)).Select(request => (request.Weight, Call: Way(request)))
            .Concat(script.Plan.Flows.Where(flow => Sends(scenario, flow.Name)).Select(flow => (flow.Weight, Call: FunctionOf(flow)))).ToList();
        var code = new StringBuilder();
        code.Append(CultureInfo.InvariantCulture, $"/** Scenario {script.CommentText(scenario.Name)}. @param {{Values}} [data] What setup found. */\nexport function {function}(data) {{\n  const vars = {{ ...VARS, ...data }};\n");
        if (ways.Count == 1)
            code.Append(CultureInfo.InvariantCulture, $"  {(ways[0].Call.StartsWith(Arrow, StringComparison.Ordinal) ? ways[0].Call[Arrow.Length..] : ways[0].Call + "(vars)")};\n");
        else
        {
            var start = Executors.RequestChoice.StartOf(Executors.RequestChoice.SeedOf(script.Plan, index, 0));
            code.Append(CultureInfo.InvariantCulture, $"  {script.Use("choose")}({Js.Number(start)}, [\n");
            foreach (var (weight, call) in ways)
                code.Append(CultureInfo.InvariantCulture, $"    [{Js.Number(weight)}, {call}],\n");
            code.Append("  ])(vars);\n");
        }

        if (scenario.ThinkTime is { } time)
            code.Append(CultureInfo.InvariantCulture, $"  {Think(time)}\n");
        feeders.TellScenario(scenario, ways.Count);
        return code.Append('}').ToString();
    }

    public string Setup() => Sequence(script.Plan.Setup, SequenceKind.Setup);

    public string Teardown() => Sequence(script.Plan.Teardown, SequenceKind.Teardown);

    private static bool Sends(Scenario scenario, string name) => scenario.Requests?.Contains(name) != false;

    private string Sequence(IReadOnlyList<PlannedRequest> sequence, SequenceKind kind)
    {
        var code = new StringBuilder();
        code.Append(kind == SequenceKind.Setup ? "export function setup() {\n  const begun = Date.now();\n  const vars = { ...VARS };\n" : "/** @param {Values} [data] What setup found. */\nexport function teardown(data) {\n  const begun = Date.now();\n  const vars = { ...VARS, ...data };\n");
        code.Append(CultureInfo.InvariantCulture, $"  const rows = {feeders.Rows(sequence, isSequence: true)};\n");
        foreach (var request in sequence)
            code.Append(CultureInfo.InvariantCulture, $"  {requests.FunctionOf(request, kind)}(vars, rows);\n");
        code.Append(CultureInfo.InvariantCulture, $"  {SummaryWriter.SequenceTime}.add(Date.now() - begun);\n");
        return code.Append(kind == SequenceKind.Setup ? "  return vars;\n}" : "}").ToString();
    }

    private string Way(PlannedRequest request) => $"{Arrow}{requests.FunctionOf(request, SequenceKind.None)}(vars, {feeders.Rows([request])})";

    private string FunctionOf(Flow flow)
    {
        if (_flows.TryGetValue(flow.Name, out var known))
            return known;
        var name = script.FreeName(flow.Name);
        _flows.Add(flow.Name, name);
        var code = new StringBuilder();
        code.Append(CultureInfo.InvariantCulture, $"/** Flow {script.CommentText(flow.Name)}. @param {{Values}} vars */\nfunction {name}(vars) {{\n  const rows = {feeders.Rows([.. flow.AllRequests()])};\n");
        Steps(code, flow.Steps, "  ");
        _code.Add(code.Append('}').ToString());
        return name;
    }

    private void Steps(StringBuilder code, IReadOnlyList<Step> steps, string indent)
    {
        foreach (var step in steps)
        {
            switch (step)
            {
                case RequestStep { Request: var request }:
                    var call = $"{requests.FunctionOf(request, SequenceKind.None)}(vars, rows)";

                    // When something to extract is not there, the rest of the flow is skipped.
                    code.Append(indent).Append(request.Extractions.Any(static extraction => extraction.Default is null) ? $"if (!{call}) return;" : $"{call};").Append('\n');
                    break;
                case ThinkStep { Time: var time }:
                    code.Append(indent).Append(Think(time)).Append('\n');
                    break;
                case ChoiceStep { Ways: var ways }:
                    code.Append(indent).Append(CultureInfo.InvariantCulture, $"switch ({script.Use("draw")}([{string.Join(", ", ways.Select(static way => Js.Number(way.Weight)))}])) {{\n");
                    for (var way = 0; way < ways.Count; way++)
                    {
                        code.Append(indent).Append(CultureInfo.InvariantCulture, $"  case {way}:\n");
                        Steps(code, ways[way].Steps, indent + "    ");
                        code.Append(indent).Append("    break;\n");
                    }

                    code.Append(indent).Append("}\n");
                    break;
            }
        }
    }

    private string Think(ThinkTime time) => time.Kind switch
    {
        ThinkTimeKind.Uniform => $"sleep({script.Use("between")}({Js.Seconds(time.Min)}, {Js.Seconds(time.Max)}));",
        ThinkTimeKind.Exponential => $"sleep({script.Use("exponential")}({Js.Seconds(time.Min)}));",
        _ => $"sleep({Js.Seconds(time.Min)});",
    };
}
