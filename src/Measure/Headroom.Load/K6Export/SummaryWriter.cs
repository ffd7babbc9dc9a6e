using System.Globalization;
using System.Text;
using Headroom.Load.Plans;

namespace Headroom.Load.K6Export;

/// <summary>
/// Writes <c>handleSummary</c>: k6's data as it is, without what setup found (there may be tokens in it), and beside it what the parts of its metrics are called: requests, tags, scenarios,
/// checks. k6 keeps a part of a metric for its summary where a threshold asks for it.
/// </summary>
internal sealed class SummaryWriter(ScriptContext script, ScenarioWriter scenarios)
{
    /// <summary>Version of what stands beside k6's own data.</summary>
    public const int Version = 1;

    /// <summary>The constant that counts the time of setup and teardown, without which the requests a second of the load could not be told from a summary.</summary>
    public const string SequenceTime = "sequenceTime";

    /// <summary>The constant's declaration.</summary>
    public const string SequenceCounter = $"/** Milliseconds of setup and teardown, so that the summary's reader can leave them out. */\nconst {SequenceTime} = new Counter('setup_and_teardown_time', true);";

    private IEnumerable<PlannedRequest> Load => script.Plan.Requests.Concat(script.Plan.Flows.SelectMany(static flow => flow.AllRequests()));

    /// <summary>The constant that names the parts.</summary>
    public string Parts()
    {
        var requests = Load.Select(request => script.Tag(request.Name)).Distinct(StringComparer.Ordinal);
        var tags = Load.SelectMany(static request => request.Tags).Where(static tag => tag.Key != "name").Select(tag => $"{tag.Key}:{script.Tag(tag.Value)}").Distinct(StringComparer.Ordinal);
        var code = new StringBuilder();
        code.Append("/** What the summary has of its own; `headroom import k6-summary` reads it. */\nconst PARTS = {\n");
        code.Append(CultureInfo.InvariantCulture, $"  version: {Version},\n  plan: {Js.Text(script.Label(script.Plan.Name))},\n  selector: {(script.HasParts ? "'part:load,'" : "''")},\n");
        code.Append(CultureInfo.InvariantCulture, $"  requests: [{string.Join(", ", requests.Select(Js.Text))}],\n  tags: [{string.Join(", ", tags.Select(Js.Text))}],\n  phases: [\n");
        foreach (var scenario in script.Plan.Scenarios.Where(static scenario => scenario.Duration > TimeSpan.Zero))
        {
            var rate = scenario.Executor == ExecutorKind.ConstantArrivalRate ? $", ratePerSecond: {Js.Number(scenario.RatePerSecond)}" : "";
            code.Append(CultureInfo.InvariantCulture, $"    {{ name: {Js.Text(scenarios.NameOf(scenario.Name)!)}, executor: '{ExecutorNames.Name(scenario.Executor)}', connections: {scenario.Connections}{rate}, startSeconds: {Js.Seconds(scenario.StartTime + scenario.WarmUp)}, durationSeconds: {Js.Seconds(scenario.Duration)} }},\n");
        }

        code.Append("  ],\n  checks: [\n");
        foreach (var (request, check) in Load.SelectMany(request => request.Checks.Select(check => (script.Tag(request.Name), script.Tag(check.Name)))).Distinct())
            code.Append(CultureInfo.InvariantCulture, $"    {{ request: {Js.Text(request)}, name: {Js.Text(check)} }},\n");
        return code.Append("  ],\n};").ToString();
    }

    /// <summary>The functions that make thresholds of the parts, and the summary.</summary>
    public string Functions(bool hasTarget) => $$$"""
        /** k6 keeps a part of a metric for its summary where a threshold asks for it; these always hold. */
        function partsOfSummary() {
          /** @type {{ [metric: string]: string[] }} */
          const thresholds = {};
          const parts = [...PARTS.requests.map((name) => `name:${name}`), ...PARTS.tags, ...PARTS.phases.map(({ name }) => `scenario:${name}`)];
          for (const part of [...parts.map((part) => PARTS.selector + part), ...(PARTS.selector ? [PARTS.selector.slice(0, -1)] : [])]) {
            thresholds[`http_req_duration{${part}}`] = ['max>=0'];
            thresholds[`http_req_failed{${part}}`] = ['rate>=0'];
            thresholds[`http_reqs{${part}}`] = ['count>=0'];
          }
          if (PARTS.selector) {
            for (const metric of ['data_received', 'data_sent', 'iterations']) thresholds[`${metric}{${PARTS.selector.slice(0, -1)}}`] = ['count>=0'];
            thresholds[`iteration_duration{${PARTS.selector.slice(0, -1)}}`] = ['max>=0'];
            for (const { name } of PARTS.phases) thresholds[`dropped_iterations{scenario:${name}}`] = ['count>=0'];
          }
          for (const { request, name } of PARTS.checks) thresholds[`checks{${PARTS.selector}name:${request},check:${name}}`] = ['rate>=0'];
          return thresholds;
        }

        /** SUMMARY names the file; SUMMARY=- writes it to standard output. @param {any} data */
        export function handleSummary(data) {
          // What setup found may be a token, and a summary is passed on.
          delete data.setup_data;
          const file = __ENV.SUMMARY || {{{Js.Text(script.Name + ".summary.json")}}};
          const text = JSON.stringify({ ...data, headroom: { ...PARTS, target: {{{(hasTarget ? "BASE_URL" : Js.Text(script.Label(Flows.CompiledPlan.TargetOf(script.Plan))))}}}, endedAt: new Date().toISOString() } }, null, 2);
          return file === '-' ? { stdout: text + '\n' } : { stdout: overview(data), [file]: text };
        }

        /** A line a request, and the thresholds that were missed. @param {any} data */
        function overview(data) {
          const lines = [];
          for (const name of PARTS.requests) {
            const part = `{${PARTS.selector}name:${name}}`;
            const time = (data.metrics[`http_req_duration${part}`] || { values: {} }).values;
            const count = (data.metrics[`http_reqs${part}`] || { values: { count: 0 } }).values.count;
            lines.push(count > 0 ? `${name}: ${count} requests, p95 ${time['p(95)'].toFixed(2)} ms, p99 ${time['p(99)'].toFixed(2)} ms` : `${name}: no request`);
          }
          for (const [metric, { thresholds }] of Object.entries(data.metrics)) {
            for (const [condition, { ok }] of Object.entries(thresholds || {})) {
              if (!ok) lines.push(`missed: ${metric}: ${condition}`);
            }
          }
          return lines.join('\n') + '\n';
        }
        """;
}
