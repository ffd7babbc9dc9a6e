using YamlDotNet.RepresentationModel;

namespace Headroom.Load.Plans;

/// <summary>
/// Turns a YAML (or JSON, which is YAML) document into a plan: environment → target, variables, feeders → setup, requests, flows, teardown → scenarios → targets → rules that
/// hold for every plan. Mistakes are collected with their positions and reading goes on, so that all of them are told at once.
/// </summary>
internal sealed class PlanReader
{
    private readonly PlanProblems _problems;
    private readonly PlanFolder _folder;
    private readonly Uri? _baseUrl;
    private readonly Func<string, string?> _environment;

    /// <summary>Parts that may give a variable its value and were read with a mistake: what uses such a variable would be told for nothing.</summary>
    private bool _mayLackColumns;
    private bool _mayLackVariables;

    public PlanReader(string source, string folder, Uri? baseUrl, Func<string, string?> environment)
    {
        _problems = new PlanProblems(source);
        _folder = new PlanFolder(folder);
        _baseUrl = baseUrl;
        _environment = environment;
    }

    /// <summary>What stands in the plan instead of a variable of the environment; null puts all values in.</summary>
    public Func<EnvironmentReference, string?>? Keep { get; init; }

    /// <summary>The plan's own <c>target</c> as it was read; null before, and when there is none.</summary>
    public string? Target { get; private set; }

    public LoadPlan? Read(string text, out IReadOnlyList<PlanProblem> problems)
    {
        var plan = PlanDocument.Load(text, _problems, _environment, keep: Keep) is { } root ? ReadPlan(root) : null;
        problems = _problems.InOrder();
        return plan;
    }

    private LoadPlan ReadPlan(PlanMap map)
    {
        var name = map.Text("name") ?? "plan";
        var target = ReadTarget(map);
        var requests = new RequestReader(_problems, _folder, target);
        var plan = new LoadPlan
        {
            Name = name,
            Scenarios = [],
            Variables = Watched(() => ReadVariables(map), out _mayLackVariables),
            Feeders = Watched(() => new FeederReader(_problems, _folder).Read(map.Map("feeders")), out _mayLackColumns),
        };
        requests.CommonHeaders = requests.ReadHeaders(map.Map("headers"));
        List<string> requestNames = [];
        plan = Watched(() => ReadRequests(map, plan, requests, out requestNames), out var mayLackExtractions);
        _mayLackVariables |= mayLackExtractions && (map.Has("setup") || map.Has("flows"));
        string[] flowNames = [.. map.Map("flows")?.Entries().Select(entry => entry.Name) ?? []];
        plan = ReadScenarios(map, plan, requestNames, flowNames);
        plan = plan with { Metrics = new MetricsReader(_problems).Read(map.Map("metrics"), target) };
        var targets = new ThresholdReader(_problems);
        targets.Read(map);
        plan = ReadLimits(map, plan with { Targets = targets.Targets, AbortingTargets = targets.Aborting });
        map.RefuseUnknown();
        TellRest(map, plan, requests);
        return plan with { SourceFiles = _folder.Files };
    }

    private T Watched<T>(Func<T> read, out bool hasMistakes)
    {
        var before = _problems.Count;
        var value = read();
        hasMistakes = _problems.Count > before;
        return value;
    }

    private Uri? ReadTarget(PlanMap map)
    {
        var text = Target = map.Text("target");
        if (text is null || _baseUrl is not null)
            return _baseUrl;
        if (text.Contains("${", StringComparison.Ordinal))
            _problems.Add(map.Value("target")!, $"'target' is '{text}'; only the environment's variables (${{env.NAME}}) can stand there");
        else if (HttpAddress.TryParse(text, out var target, out var error))
            return target;
        else
            _problems.Add(map.Value("target")!, error!);
        return null;
    }

    private Dictionary<string, string> ReadVariables(PlanMap map)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, node) in map.Map("vars")?.Entries() ?? [])
        {
            if (RequestValidation.NameMistake(name) is { } mistake)
                _problems.Add(node, mistake);
            else if (node is not YamlScalarNode scalar)
                _problems.Add(node, $"variable '{name}' must be text; found {PlanMap.Kind(node)}");
            else if (!TextTemplate.TryParse(scalar.Value ?? "", out var template, out var error))
                _problems.Add(node, error);
            else if (template.HasVariables)
                _problems.Add(node, $"variable '{name}' has a fixed value; '{scalar.Value}' uses another variable: write it where it is used");
            else
                variables[name] = template.ConstantText;
        }

        return variables;
    }

    private LoadPlan ReadRequests(PlanMap map, LoadPlan plan, RequestReader reader, out List<string> names)
    {
        var setup = ReadSequence(map, "setup", reader, plan.Variables.Keys);
        names = [];
        var byName = new Dictionary<string, PlannedRequest?>(StringComparer.Ordinal);
        var forFlows = new List<(string Name, YamlNode Node)>();
        var requests = new List<PlannedRequest>();
        if (!map.Has("requests") && !map.Has("flows"))
            _problems.Add(map.Node, "the plan has no 'requests' and no 'flows'");
        var nodes = map.Items("requests", required: false);
        foreach (var node in nodes)
        {
            var onlyFlows = reader.IsForFlowsOnly(node);
            var request = reader.Read(node, RequestPlace.Alone, out var name);
            if (name is not null)
            {
                byName.TryAdd(name, request);
                if (onlyFlows)
                    forFlows.Add((name, node));
                else
                    names.Add(name);
            }

            if (request is not null && !onlyFlows)
                requests.Add(request);
        }

        if (map.Value("requests") is YamlSequenceNode { Children.Count: 0 } empty && !map.Has("flows"))
            _problems.Add(empty, "'requests' is empty; write at least one");
        var flowReader = new FlowReader(_problems, reader, byName);
        var flows = flowReader.Read(map.Map("flows"));
        foreach (var (name, node) in forFlows.Where(entry => !flowReader.UsedRequests.Contains(entry.Name)))
            _problems.Add(node, $"request '{name}' is for flows only, and no flow sends it; write request: {name} in one, or leave 'only' out");
        return plan with { Setup = setup, Requests = requests, Flows = flows, Teardown = ReadSequence(map, "teardown", reader, known: null) };
    }

    /// <summary>
    /// Requests before or after the load. Common headers that need what setup extracts only later are left out there: the request that logs in has no token yet.
    /// </summary>
    private List<PlannedRequest> ReadSequence(PlanMap map, string key, RequestReader reader, IEnumerable<string>? known)
    {
        var knownSoFar = known?.ToHashSet(StringComparer.Ordinal);
        var requests = new List<PlannedRequest>();
        foreach (var node in map.Items(key, required: false))
        {
            if (reader.Read(node, RequestPlace.Sequence, out _) is not { } request)
                continue;
            if (knownSoFar is not null)
            {
                var tooEarly = reader.CommonHeaders.Where(header => !CommonHeaders.HasValues(header.Value, knownSoFar)).ToArray();
                request = reader.Changed(request, request with { Headers = [.. request.Headers.Where(header => !tooEarly.Contains(header))] });
                knownSoFar.UnionWith(request.Extractions.Select(extraction => extraction.Variable));
            }

            requests.Add(request);
        }

        return requests;
    }

    private LoadPlan ReadScenarios(PlanMap map, LoadPlan plan, List<string> requestNames, string[] flowNames)
    {
        var warmUp = map.Duration("warmup") ?? TimeSpan.Zero;
        var reader = new ScenarioReader(_problems, _folder, warmUp, requestNames, flowNames);
        Scenario[] scenarios = [.. (map.Map("scenarios")?.Entries() ?? []).Select(entry => reader.Read(entry.Name, entry.Value)).OfType<Scenario>()];
        if (map.Has("scenarios"))
        {
            if (map.Has("warmup") && scenarios.Length > 0 && scenarios.All(scenario => scenario.Executor is not (ExecutorKind.ConstantVus or ExecutorKind.ConstantArrivalRate)))
                _problems.Add(map.Key("warmup"), "'warmup' goes with the constant executors, and the plan has none of them; leave it out, or put a constant scenario before");
            return plan with { Scenarios = scenarios };
        }

        return plan with { Scenarios = DefaultScenarios.For(new DefaultScenarios.Wishes { WarmUp = map.Has("warmup") ? warmUp : null }), HasDefaultScenarios = true };
    }

    private static LoadPlan ReadLimits(PlanMap map, LoadPlan plan)
    {
        TimeSpan? Timeout(string key) => map.Duration(key, LoadPlanValidation.TimeoutMin, LoadPlanValidation.TimeoutMax);
        return plan with
        {
            Timeout = Timeout("timeout") ?? plan.Timeout,
            ResponseTimeout = Timeout("responseTimeout"),
            ConnectTimeout = Timeout("connectTimeout") ?? plan.ConnectTimeout,
            GracefulStop = map.Duration("gracefulStop", TimeSpan.Zero, LoadPlanValidation.TimeoutMax) ?? plan.GracefulStop,
            RedirectsMax = map.WholeNumber("redirects", 0, LoadPlanValidation.RedirectsMax) ?? 0,
            Cookies = map.Flag("cookies") ?? false,
            CaptureBytesMax = map.Bytes("captureLimit", 1, LoadPlanValidation.CaptureBytesMax) ?? plan.CaptureBytesMax,
            Seed = map.WholeNumber("seed", int.MinValue, int.MaxValue) ?? 1,
            Connections = ReadConnections(map),
        };
    }

    private static ConnectionPolicy ReadConnections(PlanMap map)
    {
        var version = map.Choice("http", ["1.1", "2"], required: false) == "2" ? HttpVersionChoice.Http2 : HttpVersionChoice.Http11;
        if (map.Map("connections") is not { } connections)
            return new ConnectionPolicy { Version = version };
        var policy = new ConnectionPolicy
        {
            Version = version,
            RequestsMax = connections.WholeNumber("requestsMax", 1, int.MaxValue),
            PerIteration = connections.Flag("perIteration") ?? false,
        };
        connections.RefuseUnknown();
        return policy;
    }

    /// <summary>The rules that need the whole plan; one that a mistake elsewhere could have broken is told only when there is none.</summary>
    private void TellRest(PlanMap map, LoadPlan plan, RequestReader requests)
    {
        var isFine = _problems.Count == 0;
        var told = new HashSet<(YamlNode, string)>();
        foreach (var mistake in VariableValidation.Check(plan).Where(mistake => !(mistake.Name.Contains('.', StringComparison.Ordinal) ? _mayLackColumns : _mayLackVariables)))
        {
            var node = requests.NodeOf(mistake.Request, mistake.Key) ?? map.Node;
            if (told.Add((node, mistake.Message)))
                _problems.Add(node, mistake.Message);
        }

        foreach (var flow in isFine ? plan.Flows : [])
        {
            foreach (var message in LoadPlanValidation.CheckFlow(flow))
                _problems.Add(map.Map("flows")!.Value(flow.Name) ?? map.Node, message);
        }

        foreach (var message in isFine ? LoadPlanValidation.CheckWhole(plan) : [])
            _problems.Add(1, 1, message);
    }
}
