using System.Globalization;
using Headroom.Import.Drafts;
using Headroom.Measurements;

namespace Headroom.Import.K6;

/// <summary>k6's <c>options</c> as scenarios, thresholds and settings of a plan.</summary>
internal sealed class K6Options(PlanDraft draft, bool hasDefault)
{
    private static readonly Dictionary<string, string[]> KeysOfExecutors = new(StringComparer.Ordinal)
    {
        ["shared-iterations"] = ["vus", "iterations", "maxDuration"],
        ["per-vu-iterations"] = ["vus", "iterations", "maxDuration"],
        ["constant-vus"] = ["vus", "duration"],
        ["ramping-vus"] = ["startVUs", "stages", "gracefulRampDown"],
        ["constant-arrival-rate"] = ["rate", "timeUnit", "duration", "preAllocatedVUs", "maxVUs"],
        ["ramping-arrival-rate"] = ["startRate", "timeUnit", "stages", "preAllocatedVUs", "maxVUs"],
    };

    // They say nothing about what is sent.
    private static readonly string[] WithoutEffect = ["summaryTrendStats", "summaryTimeUnit", "setupTimeout", "teardownTimeout", "noUsageReport", "batch", "batchPerHost", "systemTags", "discardResponseBodies", "cloud", "ext", "noVUConnectionReuse"];

    private readonly List<(string, int)> _entries = [];

    /// <summary>The functions that are run, with the line that names each.</summary>
    public IReadOnlyList<(string Function, int Line)> Entries => _entries;

    public void Read(K6Map options)
    {
        foreach (var (name, value, line) in options.Members)
            Read(name, value, line);
        if (draft.Scenarios.Entries.Count == 0)
            AddShortForm(options);
        if (_entries.Count == 0 && hasDefault)
            _entries.Add(("default", 0));
    }

    private void Read(string name, K6Value value, int line)
    {
        switch (name)
        {
            case "vus" or "duration" or "iterations" or "stages":
                break;
            case "scenarios" when value is K6Map scenarios:
                foreach (var (scenario, settings, at) in scenarios.Members)
                    AddScenario(scenario, settings as K6Map, at);
                break;
            case "thresholds" when value is K6Map thresholds:
                foreach (var (metric, conditions, at) in thresholds.Members)
                    AddThresholds(metric, conditions, at);
                break;
            case "maxRedirects" when value.AsJson() is { } redirects:
                draft.Settings.Add("redirects", redirects);
                break;
            case "userAgent" when value.AsText() is { } agent:
                draft.Headers.Add("User-Agent", agent);
                break;
            case "noConnectionReuse" when value is K6Plain { Text: "true" }:
                draft.Settings.Add("connections", new DraftMap(OneLine: true).Add("requestsMax", 1));
                break;
            case "insecureSkipTLSVerify":
                draft.LeftOut(line, "'insecureSkipTLSVerify'; run the plan with --insecure");
                break;
            default:
                if (!WithoutEffect.Contains(name, StringComparer.Ordinal))
                    draft.LeftOut(line, $"'{name}' of the options");
                break;
        }
    }

    // §options: vus, duration, iterations and stages stand for one scenario.
    private void AddShortForm(K6Map options)
    {
        var vus = options["vus"].AsJson();
        if (options["stages"] is K6List stages)
            Add("default", "ramping-vus", new DraftMap().Add("startVUs", vus ?? new DraftPlain("1")).Add("stages", Stages(stages)));
        else if (options["iterations"].AsJson() is { } iterations)
            Add("default", "shared-iterations", new DraftMap().Add("vus", vus ?? new DraftPlain("1")).Add("iterations", iterations).Add("maxDuration", Duration(options["duration"])));
        else if (options["duration"] is { } duration)
            Add("default", "constant-vus", new DraftMap().Add("vus", vus ?? new DraftPlain("1")).Add("duration", Duration(duration)));
        else if (hasDefault)
            Add("default", "shared-iterations", new DraftMap().Add("vus", vus ?? new DraftPlain("1")).Add("iterations", vus ?? new DraftPlain("1")), "what k6 does without options: each function once");
        if (hasDefault)
            _entries.Add(("default", 0));
    }

    private void Add(string name, string executor, DraftMap keys, params IEnumerable<DraftComment> comments)
    {
        var scenario = new DraftMap().Add("executor", executor);
        foreach (var (key, value, above) in keys.Entries)
            scenario.Add(key, value, above);
        draft.Scenarios.Add(name, scenario, comments);
    }

    private void AddScenario(string name, K6Map? settings, int line)
    {
        var executor = settings?["executor"].AsText() ?? "";
        if (settings is null || !KeysOfExecutors.TryGetValue(executor, out var keys))
        {
            draft.LeftOut(line, $"the scenario '{name}': {(executor.Length == 0 ? "it names no executor" : $"executor '{executor}'")}");
            return;
        }

        var scenario = new DraftMap().Add("executor", executor);
        foreach (var (key, value, at) in settings.Members)
        {
            if (key == "executor")
                continue;
            if (key == "stages" && value is K6List stages)
                scenario.Add(key, Stages(stages));
            else if (key is "startTime" or "duration" or "maxDuration" or "timeUnit" or "gracefulRampDown" && (key == "startTime" || keys.Contains(key, StringComparer.Ordinal)))
                scenario.Add(key, Duration(value));
            else if (keys.Contains(key, StringComparer.Ordinal) && value.AsJson() is { } node)
                scenario.Add(key, node);
            else if (key != "exec")
                draft.LeftOut(at, $"'{key}' of the scenario '{name}'{(key == "gracefulStop" ? "; it is a key of the whole plan here" : "")}");
        }

        // k6 runs per-vu-iterations and shared-iterations once by default, and asks for a rate's VUs.
        if (executor.EndsWith("-iterations", StringComparison.Ordinal) && settings["iterations"] is null)
            scenario.Add("iterations", 1);
        var function = settings["exec"].AsText() ?? "default";
        scenario.Add("flows", new DraftList(OneLine: true).Add(function));
        _entries.Add((function, line));
        draft.Scenarios.Add(name, scenario);
    }

    private static DraftList Stages(K6List stages)
    {
        var list = new DraftList();
        foreach (var stage in stages.Items.OfType<K6Map>())
            list.Add(new DraftMap(OneLine: true).Add("duration", Duration(stage["duration"])).Add("target", stage["target"].AsJson()));
        return list;
    }

    // A bare number is in milliseconds in k6.
    private static DraftText? Duration(K6Value? value) => value switch
    {
        K6Plain plain when double.TryParse(plain.Text, CultureInfo.InvariantCulture, out var milliseconds) => new DraftText(PlanText.Duration(TimeSpan.FromMilliseconds(milliseconds))),
        _ => value.AsText() is { } text ? new DraftText(text) : null,
    };

    private void AddThresholds(string metric, K6Value conditions, int line)
    {
        var list = new DraftList();
        foreach (var condition in conditions is K6List several ? several.Items : [conditions])
        {
            var map = condition as K6Map;
            var text = (map?["threshold"] ?? condition).AsText() ?? "";
            if (!ThresholdExpression.TryParse($"{metric}: {text}", out _, out var error))
            {
                draft.LeftOut(line, $"the threshold {error}");
                continue;
            }

            list.Add(map is null ? text : new DraftMap(OneLine: true).Add("threshold", text).Add("abortOnFail", map["abortOnFail"].AsJson()).Add("delayAbortEval", Duration(map["delayAbortEval"])));
        }

        draft.Thresholds.Add(metric, list);
    }
}
