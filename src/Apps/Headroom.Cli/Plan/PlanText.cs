using System.Globalization;
using System.Text;
using Headroom.Load;

namespace Headroom.Cli.Plan;

/// <summary>What a plan will send, for people to read before it is sent. Header values and bodies stay out: they hold keys and personal data.</summary>
internal sealed class PlanText
{
    private readonly TextWriter _writer;
    private readonly LoadPlan _plan;
    private readonly int _width;
    private readonly bool _unicode;

    private PlanText(TextWriter writer, LoadPlan plan, int width, bool unicode)
    {
        _writer = writer;
        _plan = plan;
        _width = width;
        _unicode = unicode;
    }

    /// <param name="writer">Where to.</param>
    /// <param name="plan">Valid.</param>
    /// <param name="width">Cells that a line may have; longer texts are broken.</param>
    /// <param name="unicode">False draws with ASCII.</param>
    public static void Write(TextWriter writer, LoadPlan plan, int width, bool unicode) => new PlanText(writer, plan, width, unicode).Write();

    private void Write()
    {
        Line($"{_plan.Name}: {PlanSummary.Of(_plan)}");
        Line($"to {string.Join(", ", _plan.AllRequests().Select(request => request.Url.GetLeftPart(UriPartial.Authority)).Distinct(StringComparer.Ordinal))}");
        WriteScenarios();
        WriteRequests();
        WriteFlows();
        WriteSequence("Setup", _plan.Setup);
        WriteSequence("Teardown", _plan.Teardown);
        WriteFeeders();
        if (_plan.Targets.Count > 0)
        {
            Heading("Targets");
            foreach (var target in _plan.Targets)
            {
                var aborting = _plan.AbortingTargets.FirstOrDefault(entry => entry.Expression == target);
                Line($"  {target}{(aborting is null ? "" : $"  (ends the run when missed{(aborting.Delay > TimeSpan.Zero ? $", from {PlanSummary.Text(aborting.Delay)} on" : "")})")}");
            }
        }
    }

    private void WriteScenarios()
    {
        Heading("Scenarios");
        var end = PlanSummary.End(_plan);
        foreach (var scenario in _plan.Scenarios)
        {
            Line($"  {scenario.Name}: {Describe(scenario)}");
            foreach (var line in LoadPlot.Draw(scenario, end, _width, _unicode))
                _writer.WriteLine(line);
        }
    }

    private static string Describe(Scenario scenario)
    {
        var what = scenario.Executor switch
        {
            ExecutorKind.ConstantVus => $"{Vus(scenario.Connections)} for {PlanSummary.Text(scenario.Duration)}",
            ExecutorKind.ConstantArrivalRate => $"{Number(scenario.RatePerSecond)}/s for {PlanSummary.Text(scenario.Duration)}, at most {Vus(scenario.Connections)}",
            ExecutorKind.RampingVus => $"{Ramp(scenario)} VUs in {PlanSummary.Text(scenario.Duration)}",
            ExecutorKind.RampingArrivalRate => $"{Ramp(scenario)} /s in {PlanSummary.Text(scenario.Duration)}, at most {Vus(scenario.Connections)}",
            ExecutorKind.PerVuIterations => $"{Vus(scenario.Connections)} with {scenario.Iterations} iterations each, at most {PlanSummary.Text(scenario.Duration)}",
            ExecutorKind.SharedIterations => $"{scenario.Iterations} iterations shared by {Vus(scenario.Connections)}, at most {PlanSummary.Text(scenario.Duration)}",
            _ => $"replay of {scenario.Arrivals.Count} arrivals in {PlanSummary.Text(scenario.Duration)}, at most {Vus(scenario.Connections)}",
        };
        var text = new StringBuilder(what);
        if (scenario.StartTime > TimeSpan.Zero)
            text.Append(CultureInfo.InvariantCulture, $", from {PlanSummary.Text(scenario.StartTime)} on");
        if (scenario.WarmUp > TimeSpan.Zero)
            text.Append(CultureInfo.InvariantCulture, $", after a warm-up of {PlanSummary.Text(scenario.WarmUp)}");
        if (scenario.ThinkTime is { } think)
            text.Append(CultureInfo.InvariantCulture, $", thinking {Think(think)} after each iteration");
        if (scenario.Requests is { } names)
            text.Append(CultureInfo.InvariantCulture, $"; only {string.Join(", ", names)}");
        return text.ToString();
    }

    private static string Ramp(Scenario scenario)
    {
        var levels = new List<string>();
        foreach (var level in scenario.Stages.Select(stage => stage.Target).Prepend(scenario.StartLevel).Select(Number))
        {
            // A level that is held is the same line on paper.
            if (levels.Count == 0 || levels[^1] != level)
                levels.Add(level);
        }

        return levels.Count <= 8 ? string.Join(" to ", levels) : $"{levels[0]} to {levels[1]} to ... to {levels[^1]}";
    }

    private double WeightOfAll => _plan.Requests.Sum(request => request.Weight) + _plan.Flows.Sum(flow => flow.Weight);

    private void WriteRequests()
    {
        if (_plan.Requests.Count == 0)
            return;
        Heading("Requests");
        foreach (var request in _plan.Requests)
        {
            Line($"  {Share(request.Weight / WeightOfAll)}  {Describe(request)}");
            WriteDetails(request, "          ");
        }
    }

    private void WriteFlows()
    {
        if (_plan.Flows.Count == 0)
            return;
        Heading("Flows");
        foreach (var flow in _plan.Flows)
        {
            Line($"  {Share(flow.Weight / WeightOfAll)}  {flow.Name}");
            WriteSteps(flow.Steps, "          ");
        }
    }

    private void WriteSteps(IReadOnlyList<Step> steps, string indent)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            var number = $"{i + 1}. ";
            switch (steps[i])
            {
                case RequestStep { Request: var request }:
                    Line($"{indent}{number}{Describe(request)}");
                    WriteDetails(request, indent + new string(' ', number.Length));
                    break;
                case ThinkStep { Time: var time }:
                    Line($"{indent}{number}think {Think(time)}");
                    break;
                case ChoiceStep choice:
                    Line($"{indent}{number}one of");
                    var sum = choice.Ways.Sum(way => way.Weight);
                    foreach (var way in choice.Ways)
                    {
                        Line($"{indent}   {Share(way.Weight / sum)}");
                        WriteSteps(way.Steps, indent + "           ");
                    }

                    break;
            }
        }
    }

    private void WriteSequence(string heading, IReadOnlyList<PlannedRequest> requests)
    {
        if (requests.Count == 0)
            return;
        Heading(heading);
        WriteSteps([.. requests.Select(request => new RequestStep(request))], "  ");
    }

    private void WriteFeeders()
    {
        if (_plan.Feeders.Count == 0)
            return;
        Heading("Feeders");
        foreach (var feeder in _plan.Feeders)
        {
            var order = feeder.Order switch { FeederOrder.Random => "any row", FeederOrder.UniquePerVu => "each VU its own row", _ => "one row after another" };
            var end = feeder.AtEnd switch { FeederEnd.Stop => ", VUs without a row end", FeederEnd.Error => ", the run fails when they run out", _ => feeder.Order == FeederOrder.Random ? "" : ", then from the first again" };
            Line(string.Create(CultureInfo.InvariantCulture, $"  {feeder.Name}: {feeder.Rows.Count} row{(feeder.Rows.Count == 1 ? "" : "s")} of {string.Join(", ", feeder.Columns)}; {order}{end}"));
        }
    }

    /// <summary>Name and address; a name that is the address is not written twice.</summary>
    private static string Describe(PlannedRequest request)
    {
        var origin = request.Url.GetLeftPart(UriPartial.Authority);
        var path = request.Url.OriginalString.StartsWith(origin, StringComparison.OrdinalIgnoreCase) ? request.Url.OriginalString[origin.Length..] : request.Url.PathAndQuery;
        var address = $"{request.Method} {(path.Length == 0 ? "/" : path)}";
        var body = request.Body.Length > 0 ? string.Create(CultureInfo.InvariantCulture, $" ({request.Body.Length} bytes of body{(request.BodyVariables == BodyVariables.None ? "" : " before its variables are put in")})") : "";
        return (address.StartsWith(request.Name, StringComparison.Ordinal) ? address : $"{request.Name}: {address}") + body;
    }

    private void WriteDetails(PlannedRequest request, string indent)
    {
        foreach (var extraction in request.Extractions)
        {
            var regex = extraction.Regex is null ? "" : $"{(extraction.Part == ResponsePart.Body ? "" : " ")}matching {extraction.Regex}";
            var place = extraction.Part switch { ResponsePart.Header => $"header {extraction.Selector}{regex}", ResponsePart.Json => extraction.Selector + regex, _ => $"body {regex}" };
            Line($"{indent}- {extraction.Variable} from {place}{(extraction.Default is null ? "" : $", or '{extraction.Default}'")}");
        }

        if (request.Checks.Count > 0)
            Line($"{indent}- checks: {string.Join("; ", request.Checks.Select(check => check.Name))}");
    }

    private void Heading(string text)
    {
        _writer.WriteLine();
        _writer.WriteLine(text);
    }

    /// <summary>Control characters of a plan's texts are not sent to the terminal. A text that is wider than it goes on in the next line, a word that is wider is cut.</summary>
    private void Line(string text)
    {
        var rest = string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter)).TrimEnd();
        var indent = new string(' ', Math.Min(rest.Length - rest.TrimStart().Length + 2, _width / 2));
        while (rest.Length > _width)
        {
            var space = rest.LastIndexOf(' ', _width);
            if (space < indent.Length)
            {
                rest = rest[..(_width - 1)] + (_unicode ? "…" : "~");
                break;
            }

            _writer.WriteLine(rest[..space].TrimEnd());
            rest = indent + rest[space..].TrimStart();
        }

        _writer.WriteLine(rest);
    }

    private static string Share(double share) => share.ToString("0.0%", CultureInfo.InvariantCulture).PadLeft(6);

    private static string Vus(int count) => string.Create(CultureInfo.InvariantCulture, $"{count} VU{(count == 1 ? "" : "s")}");

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Think(ThinkTime time) => time.Kind switch
    {
        ThinkTimeKind.Uniform => $"{PlanSummary.Text(time.Min)} to {PlanSummary.Text(time.Max)}",
        ThinkTimeKind.Exponential => $"{PlanSummary.Text(time.Min)} on average",
        _ => PlanSummary.Text(time.Min),
    };
}
