using System.Globalization;
using System.Text.RegularExpressions;
using Headroom.Load.Plans;

namespace Headroom.Load.K6Export;

/// <summary>Writes scenarios as entries of k6's options.</summary>
internal sealed partial class ScenarioWriter(ScriptContext script)
{
    private readonly List<(Scenario Scenario, string Name)> _names = [];

    /// <summary>The name that a scenario has in the script; null when there is none of that name.</summary>
    public string? NameOf(string scenario) => _names.Find(entry => entry.Scenario.Name == scenario).Name;

    /// <param name="functions">The exported function of each scenario.</param>
    /// <returns>Entries of <c>scenarios</c>, without commas.</returns>
    public IReadOnlyList<string> Write(IReadOnlyList<string> functions)
    {
        if (script.Plan.HasDefaultScenarios)
            script.Note("scenarios", "the plan has none; these are what 'headroom bench' does with it");
        var entries = new List<string>();
        foreach (var (scenario, function) in script.Plan.Scenarios.Zip(functions))
        {
            var name = FreeName(scenario.Name);
            _names.Add((scenario, name));
            var place = $"scenario '{scenario.Name}'";
            if (name != scenario.Name)
                script.Note(place, $"is called '{name}': names of k6's scenarios have letters, digits, '-' and '_' only");
            if (scenario.WarmUp > TimeSpan.Zero)
            {
                var warmUp = FreeName(name + "_warmup");
                script.Note(place, $"its warm-up is a scenario of its own, '{warmUp}', which k6's totals count; the thresholds leave it out");
                entries.Add(Entry(warmUp, function, "warmup", scenario.StartTime, [.. Keys(scenario with { Duration = scenario.WarmUp }, place), "gracefulStop: '0s'"]));
            }

            if (scenario.Duration > TimeSpan.Zero)
                entries.Add(Entry(name, function, "load", scenario.StartTime + scenario.WarmUp, [.. Keys(scenario, place), $"gracefulStop: {Js.Duration(script.Plan.GracefulStop)}"]));
        }

        return entries;
    }

    /// <summary>Of the executors that send at a rate of their own.</summary>
    public static bool IsOpen(Scenario scenario) => scenario.IsOpen;

    private string Entry(string name, string function, string part, TimeSpan start, IEnumerable<string> keys)
    {
        var all = keys.ToList();
        if (start > TimeSpan.Zero)
            all.Add($"startTime: {Js.Duration(start)}");
        all.Add($"exec: {Js.Text(function)}");
        if (script.HasParts)
            all.Add($"tags: {{ part: '{part}' }}");
        return $"{Js.Key(name)}: {{ {string.Join(", ", all)} }}";
    }

    private IEnumerable<string> Keys(Scenario scenario, string place)
    {
        if (scenario.IsOpen)
            script.Note(place, "an arrival that finds all VUs busy is dropped by k6 and counted in dropped_iterations; headroom starts it late, and its latency shows the wait");
        switch (scenario.Executor)
        {
            case ExecutorKind.ConstantVus:
                return ["executor: 'constant-vus'", Whole("vus", scenario.Connections), $"duration: {Js.Duration(scenario.Duration)}"];
            case ExecutorKind.RampingVus:
                return ["executor: 'ramping-vus'", Whole("startVUs", (long)scenario.StartLevel), Stages(scenario.Stages.Select(static stage => (stage.Duration, (long)stage.Target))), $"gracefulRampDown: {Js.Duration(scenario.GracefulRampDown)}"];
            case ExecutorKind.ConstantArrivalRate:
                var constant = UnitsOf([scenario.RatePerSecond], place);
                return ["executor: 'constant-arrival-rate'", Whole("rate", constant.In(scenario.RatePerSecond)), $"timeUnit: {Js.Duration(constant.Unit)}", $"duration: {Js.Duration(scenario.Duration)}", .. Vus(scenario)];
            case ExecutorKind.RampingArrivalRate:
                var ramping = UnitsOf([scenario.StartLevel, .. scenario.Stages.Select(static stage => stage.Target)], place);
                return
                [
                    "executor: 'ramping-arrival-rate'", Whole("startRate", ramping.In(scenario.StartLevel)), $"timeUnit: {Js.Duration(ramping.Unit)}",
                    Stages(scenario.Stages.Select(stage => (stage.Duration, ramping.In(stage.Target)))), .. Vus(scenario),
                ];
            case ExecutorKind.Replay:
                return Replay(scenario, place);
            case ExecutorKind.SharedIterations:
                // k6 refuses more VUs than iterations, where those more would have nothing to do.
                return ["executor: 'shared-iterations'", Whole("vus", Math.Min(scenario.Connections, scenario.Iterations)), Whole("iterations", scenario.Iterations), $"maxDuration: {Js.Duration(scenario.Duration)}"];
            default:
                return ["executor: 'per-vu-iterations'", Whole("vus", scenario.Connections), Whole("iterations", scenario.Iterations), $"maxDuration: {Js.Duration(scenario.Duration)}"];
        }
    }

    // k6 cannot send at given times; it sends as many in each stretch.
    private IEnumerable<string> Replay(Scenario scenario, string place)
    {
        var (width, counts) = ArrivalUnits.Bins(scenario.Arrivals);
        script.Note(place, $"recorded arrivals ('{ExecutorNames.Name(ExecutorKind.Replay)}') become a rate: as many in every {width.TotalSeconds:0} s as were recorded, evenly spread");
        var stages = new List<(TimeSpan, long)>();
        for (var index = 0; index < counts.Count; index++)
        {
            if (index > 0 && counts[index] == counts[index - 1])
                stages[^1] = (stages[^1].Item1 + width, counts[index]);
            else
            {
                if (index > 0)
                    stages.Add((TimeSpan.Zero, counts[index]));
                stages.Add((width, counts[index]));
            }
        }

        return ["executor: 'ramping-arrival-rate'", Whole("startRate", counts[0]), $"timeUnit: {Js.Duration(width)}", Stages(stages), .. Vus(scenario)];
    }

    private ArrivalUnits UnitsOf(IEnumerable<double> rates, string place)
    {
        var units = ArrivalUnits.Of(rates);
        if (!units.IsExact)
            script.Note(place, "k6's rates are whole numbers: they are rounded to iterations an hour");
        return units;
    }

    private static string Whole(string key, long value) => string.Create(CultureInfo.InvariantCulture, $"{key}: {value}");

    private static IEnumerable<string> Vus(Scenario scenario) => [Whole("preAllocatedVUs", scenario.Connections), Whole("maxVUs", scenario.Connections)];

    private static string Stages(IEnumerable<(TimeSpan Duration, long Target)> stages) =>
        $"stages: [{string.Join(", ", stages.Select(static stage => string.Create(CultureInfo.InvariantCulture, $"{{ duration: {Js.Duration(stage.Duration)}, target: {stage.Target} }}")))}]";

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    private string FreeName(string text)
    {
        var plain = NotOfNames().Replace(script.Label(text), "-");
        var free = plain;
        for (var number = 2; !_taken.Add(free); number++)
            free = string.Create(CultureInfo.InvariantCulture, $"{plain}-{number}");
        return free;
    }

    [GeneratedRegex("[^A-Za-z0-9_-]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NotOfNames();
}
