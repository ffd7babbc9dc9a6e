using System.Globalization;
using Headroom.Measurements;
using YamlDotNet.RepresentationModel;

namespace Headroom.Load.Plans;

/// <summary>Reads a scenario in k6's words, each executor with the keys that mean something to it.</summary>
internal sealed class ScenarioReader(PlanProblems problems, PlanFolder folder, TimeSpan commonWarmUp, IReadOnlyList<string> requestNames, IReadOnlyList<string> flowNames)
{
    /// <summary>Stands where a duration is missing or wrong, which has been told, so that it is not told twice.</summary>
    private static readonly TimeSpan WhereMistaken = TimeSpan.FromSeconds(1);

    /// <summary>k6's.</summary>
    private static readonly TimeSpan MaxDurationDefault = TimeSpan.FromMinutes(10);

    /// <summary>The measured part of a replay is at least this long, so that one of a single arrival has a rate.</summary>
    private static readonly TimeSpan ReplayMin = TimeSpan.FromSeconds(1);

    /// <summary>Keys that only some executors know.</summary>
    private static readonly string[] ExecutorKeys =
    [
        "vus", "duration", "warmup", "rate", "timeUnit", "preAllocatedVUs", "maxVUs", "stages", "startVUs", "startRate", "gracefulRampDown", "iterations",
        "maxDuration", "arrivals", "speed",
    ];

    public Scenario? Read(string name, YamlNode node)
    {
        if (PlanMap.From(node, $"scenario '{name}'", problems) is not { } map)
            return null;
        var executor = map.Choice("executor", ExecutorNames.All, required: true);
        var scenario = new Scenario
        {
            Name = name,
            Executor = executor is null ? ExecutorKind.ConstantVus : ExecutorNames.Kind(executor),
            Connections = 1,
            StartTime = map.Duration("startTime") ?? TimeSpan.Zero,
            Duration = WhereMistaken,
            Requests = ReadNames(map),
            ThinkTime = map.ThinkTime("thinkTime"),
        };
        scenario = scenario.Executor switch
        {
            ExecutorKind.ConstantVus => ReadConstantVus(map, scenario),
            ExecutorKind.ConstantArrivalRate => ReadConstantRate(map, scenario),
            ExecutorKind.RampingVus => ReadRampingVus(map, scenario),
            ExecutorKind.RampingArrivalRate => ReadRampingRate(map, scenario),
            ExecutorKind.Replay => ReadReplay(map, scenario),
            _ => ReadIterations(map, scenario),
        };
        if (map.Has("gracefulStop"))
            problems.Add(map.Key("gracefulStop"), "'gracefulStop' is a key of the plan, the same for all scenarios; write it at the top");
        map.Value("gracefulStop");
        if (executor is not null)
            map.RefuseUnknown(ExecutorKeys, $"'{{0}}' does not go with executor '{executor}'");
        foreach (var mistake in ScenarioValidation.Check(scenario, requestNames.Concat(flowNames).ToHashSet(StringComparer.Ordinal)))
            problems.Add(mistake.Key.Length > 0 ? map.Value(mistake.Key) ?? node : node, mistake.Message);
        return scenario;
    }

    private Scenario ReadConstantVus(PlanMap map, Scenario scenario) => scenario with
    {
        Connections = map.WholeNumber("vus", 1, LoadPlanValidation.ConnectionsMax) ?? DefaultScenarios.ConnectionsDefault,
        Duration = ReadDuration(map, "duration", required: true),
        WarmUp = ReadWarmUp(map, scenario),
    };

    private Scenario ReadConstantRate(PlanMap map, Scenario scenario)
    {
        var connections = ReadVusMax(map);
        var unit = ReadTimeUnit(map);
        var rate = 1.0;
        if (map.Text("rate", required: true) is { } text)
        {
            if (TryReadLevel(text, unit, out var level) && level > 0)
                rate = level;
            else
                problems.Add(map.Value("rate")!, $"rate is '{text}'; write arrivals per second above 0, such as 1000/s, or a number with timeUnit");
        }

        return scenario with { Connections = connections, RatePerSecond = rate, Duration = ReadDuration(map, "duration", required: true), WarmUp = ReadWarmUp(map, scenario) };
    }

    private Scenario ReadRampingVus(PlanMap map, Scenario scenario)
    {
        var start = map.WholeNumber("startVUs", 0, LoadPlanValidation.ConnectionsMax) ?? 1;
        var stages = ReadStages(map, stage => stage.WholeNumber("target", 0, LoadPlanValidation.ConnectionsMax));
        return scenario with
        {
            StartLevel = start,
            Stages = stages,
            Connections = Math.Max(1, (int)stages.Select(stage => stage.Target).Append(start).Max()),
            Duration = TotalOf(stages),
            GracefulRampDown = map.Duration("gracefulRampDown", TimeSpan.Zero, LoadPlanValidation.TimeoutMax) ?? scenario.GracefulRampDown,
        };
    }

    private Scenario ReadRampingRate(PlanMap map, Scenario scenario)
    {
        var connections = ReadVusMax(map);
        var unit = ReadTimeUnit(map);
        var stages = ReadStages(map, stage => ReadLevel(stage, "target", unit, required: true));
        return scenario with { Connections = connections, StartLevel = ReadLevel(map, "startRate", unit, required: false) ?? 0, Stages = stages, Duration = TotalOf(stages) };
    }

    private Scenario ReadIterations(PlanMap map, Scenario scenario) => scenario with
    {
        Connections = map.WholeNumber("vus", 1, LoadPlanValidation.ConnectionsMax) ?? 1,
        Iterations = map.WholeNumber("iterations", 1, int.MaxValue, required: true) ?? 1,
        Duration = map.Value("maxDuration") is not null ? ReadDuration(map, "maxDuration", required: false) : MaxDurationDefault,
    };

    private Scenario ReadReplay(PlanMap map, Scenario scenario)
    {
        var connections = ReadVusMax(map);
        var speed = map.Number("speed") ?? 1;
        if (speed is not (> 0 and <= 1000))
        {
            problems.Add(map.Value("speed")!, $"speed is {Quantity.Text(speed)}; write a number above 0 and at most 1000: 2 is twice as fast as recorded");
            speed = 1;
        }

        if (map.Value("arrivals") is null)
            problems.Add(map.Node, $"scenario '{scenario.Name}' has no 'arrivals'; write a file's name, or a list of times");
        var arrivals = new ArrivalReader(problems, folder).Read(map.Value("arrivals"), speed);
        var last = arrivals.Count > 0 ? arrivals[^1] + TimeSpan.FromMilliseconds(1) : ReplayMin;
        return scenario with { Connections = connections, Arrivals = arrivals.Count > 0 ? arrivals : [TimeSpan.Zero], Duration = last > ReplayMin ? last : ReplayMin };
    }

    private int ReadVusMax(PlanMap map)
    {
        var most = map.WholeNumber("maxVUs", 1, LoadPlanValidation.ConnectionsMax);
        var first = map.WholeNumber("preAllocatedVUs", 1, LoadPlanValidation.ConnectionsMax);
        if (first > most)
            problems.Add(map.Value("preAllocatedVUs")!, $"preAllocatedVUs is {first}, above maxVUs, which is {most}");
        return most ?? first ?? DefaultScenarios.ConnectionsDefault;
    }

    private TimeSpan ReadDuration(PlanMap map, string key, bool required)
    {
        var duration = map.Duration(key, required);
        if (duration == TimeSpan.Zero)
            problems.Add(map.Value(key)!, $"{key} must be above 0, such as 30s");
        return duration is { } given && given > TimeSpan.Zero ? given : WhereMistaken;
    }

    private TimeSpan ReadWarmUp(PlanMap map, Scenario scenario) =>
        map.Duration("warmup") ?? (scenario.StartTime == TimeSpan.Zero ? commonWarmUp : TimeSpan.Zero);

    private TimeSpan ReadTimeUnit(PlanMap map)
    {
        var unit = map.Duration("timeUnit") ?? TimeSpan.FromSeconds(1);
        if (unit > TimeSpan.Zero)
            return unit;
        problems.Add(map.Value("timeUnit")!, "timeUnit must be above 0, such as 1s or 1m");
        return TimeSpan.FromSeconds(1);
    }

    private List<Stage> ReadStages(PlanMap map, Func<PlanMap, double?> readTarget)
    {
        var stages = new List<Stage>();
        foreach (var node in map.Items("stages", required: true))
        {
            if (PlanMap.From(node, "a stage", problems) is not { } stage)
                continue;
            var duration = stage.Duration("duration", required: true);
            if (!stage.Has("target"))
                stage.Text("target", required: true);
            var target = stage.Has("target") ? readTarget(stage) : null;
            stage.RefuseUnknown();
            // A stage with a mistake goes on as one that is fine, so that what follows from it is not told as well.
            stages.Add(new Stage(duration ?? WhereMistaken, target ?? 1));
        }

        return stages.Count > 0 || map.Value("stages") is YamlSequenceNode { Children.Count: 0 } ? stages : [new Stage(WhereMistaken, 1)];
    }

    private double? ReadLevel(PlanMap map, string key, TimeSpan unit, bool required)
    {
        if (map.Text(key, required) is not { } text)
            return null;
        if (TryReadLevel(text, unit, out var level))
            return level;
        problems.Add(map.Value(key)!, $"'{key}' is '{text}'; write arrivals per timeUnit, at least 0, or with their own unit such as 50/s");
        return null;
    }

    /// <summary>k6's number per <c>timeUnit</c>, or <c>1000/s</c> in one.</summary>
    private static bool TryReadLevel(string text, TimeSpan unit, out double perSecond)
    {
        if (text.Contains('/', StringComparison.Ordinal))
            return Quantity.TryParseRate(text, out perSecond);
        var isNumber = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number);
        perSecond = number / unit.TotalSeconds;
        return isNumber;
    }

    /// <summary><c>requests</c> and <c>flows</c>, or k6's <c>exec</c> for either. Null sends all.</summary>
    private List<string>? ReadNames(PlanMap map)
    {
        var isGiven = map.Has("requests") || map.Has("flows") || map.Has("exec");
        var names = new List<string>();
        foreach (var (key, allowed, other) in new[] { ("requests", requestNames, flowNames), ("flows", flowNames, requestNames), ("exec", null, null) })
        {
            foreach (var (name, node) in map.Names(key!))
            {
                if (allowed?.Contains(name) == false && other!.Contains(name))
                    problems.Add(node, $"'{name}' is one of '{(key == "flows" ? "requests" : "flows")}'; write it under that key");
                else
                    names.Add(name);
            }
        }

        return isGiven ? names : null;
    }

    private static TimeSpan TotalOf(IEnumerable<Stage> stages) => stages.Aggregate(TimeSpan.Zero, (sum, stage) => sum + stage.Duration);
}
