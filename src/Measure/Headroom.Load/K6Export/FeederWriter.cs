using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Headroom.Load.K6Export;

/// <summary>Writes feeders as arrays that all VUs of a k6 process share, their rows in the script where they are few and beside it where they are many.</summary>
internal sealed class FeederWriter(ScriptContext script)
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <summary>Constants of the script, one a feeder.</summary>
    public IEnumerable<string> Constants()
    {
        foreach (var feeder in script.Plan.Feeders)
            yield return $"/** @type {{{{ [column: string]: string }}[]}} */\nconst {NameOf(feeder)} = new SharedArray({Js.Text(feeder.Name)}, () => {Rows(feeder)});";
    }

    /// <summary>An object with the rows that an iteration takes, as an expression.</summary>
    public string Rows(IReadOnlyList<PlannedRequest> requests, bool isSequence = false)
    {
        var used = requests.SelectMany(RequestWriter.FeedersOf).Distinct(StringComparer.Ordinal).Select(name => script.Plan.Feeders.First(feeder => feeder.Name == name)).ToList();
        return used.Count == 0 ? "{}" : $"{{ {string.Join(", ", used.Select(feeder => $"{Js.Key(feeder.Name)}: {Next(feeder, isSequence)}"))} }}";
    }

    /// <summary>Says which rows are passed over or taken twice, because k6 counts iterations of a scenario and nothing over all of them.</summary>
    public void TellScenario(Scenario scenario, int ways)
    {
        foreach (var feeder in script.Plan.Feeders.Where(feeder => feeder.Order == FeederOrder.Sequential))
        {
            var sent = script.Plan.Requests.Where(request => scenario.Requests?.Contains(request.Name) != false).Concat(script.Plan.Flows.Where(flow => scenario.Requests?.Contains(flow.Name) != false).SelectMany(flow => flow.AllRequests()));
            if (!sent.Any(request => RequestWriter.FeedersOf(request).Contains(feeder.Name)))
                continue;
            if (ways > 1 || script.Plan.Scenarios.Count > 1 || scenario.WarmUp > TimeSpan.Zero)
                script.Note($"feeder '{feeder.Name}'", "rows are taken by the number of the scenario's iteration: each scenario (a warm-up is one) begins with the first, and those of iterations that send something else are passed over");
        }
    }

    private string NameOf(Feeder feeder)
    {
        if (!_names.TryGetValue(feeder.Name, out var name))
            _names.Add(feeder.Name, name = script.FreeName(feeder.Name + " rows"));
        return name;
    }

    private string Next(Feeder feeder, bool isSequence)
    {
        var rows = NameOf(feeder);
        if (feeder.Order == FeederOrder.Random)
            return $"{rows}[Math.floor(Math.random() * {rows}.length)]";
        if (isSequence)
            return $"{rows}[0]";
        var end = feeder.AtEnd == FeederEnd.Recycle ? "null" : Js.Text($"feeder '{feeder.Name}' has no further row");
        if (feeder.AtEnd == FeederEnd.Stop)
            script.Note($"feeder '{feeder.Name}'", "'atEnd: stop' ends the whole test when its rows run out: k6 cannot end a single VU or scenario");

        // The first row is setup's, when it takes one.
        var first = script.Plan.Setup.Any(request => RequestWriter.FeedersOf(request).Contains(feeder.Name)) ? " + 1" : "";
        return $"{script.Use("nextRow")}({rows}, {(feeder.Order == FeederOrder.UniquePerVu ? "exec.vu.idInTest - 1" : "exec.scenario.iterationInTest" + first)}, {end})";
    }

    private string Rows(Feeder feeder)
    {
        var text = new StringBuilder("[\n");
        foreach (var row in feeder.Rows)
            text.Append(CultureInfo.InvariantCulture, $"  {{ {string.Join(", ", feeder.Columns.Select((column, index) => $"{Js.Key(column)}: {script.Constant(row[index])}"))} }},\n");
        if (text.Length <= ScriptContext.InlineBytesMax || feeder.Rows.Any(row => row.Any(script.HasEnvironment)))
            return text.Append(']').ToString();
        var json = feeder.Rows.Select(row => JsonSerializer.Serialize(feeder.Columns.Zip(row).ToDictionary(static cell => cell.First, static cell => cell.Second), Readable));
        return $"JSON.parse(open({Js.Text(script.AddFile(feeder.Name + ".json", Encoding.UTF8.GetBytes($"[\n{string.Join(",\n", json)}\n]\n")))}))";
    }
}
