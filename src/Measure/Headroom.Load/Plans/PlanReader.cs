using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Headroom.Load.Plans;

/// <summary>
/// Turns a YAML (or JSON, which is YAML) document into a plan. Mistakes are collected with their positions and reading goes on, so that
/// all of them are told at once; then the rules that hold for every plan are checked.
/// </summary>
internal sealed class PlanReader
{
    /// <summary>Stands where a duration is missing or wrong, which has been told, so that it is not told twice.</summary>
    private static readonly TimeSpan WhereMistaken = TimeSpan.FromSeconds(1);

    private static readonly string[] BodyKeys = ["body", "bodyFile", "json"];

    private readonly PlanProblems _problems;
    private readonly string _folder;

    /// <summary>Of all requests that the file names, those with mistakes included.</summary>
    private readonly List<string> _requestNames = [];
    private Uri? _target;

    public PlanReader(string source, string folder, Uri? baseUrl)
    {
        _problems = new PlanProblems(source);
        _folder = folder;
        _target = baseUrl;
    }

    public LoadPlan? Read(string text, out IReadOnlyList<PlanProblem> problems)
    {
        var plan = Load(text) is { } root ? ReadPlan(root) : null;
        // Requests and scenarios were checked where they stand; what is left concerns the plan as a whole.
        if (plan is not null && _problems.IsEmpty)
        {
            foreach (var message in LoadPlanValidation.CheckWhole(plan))
                _problems.Add(1, 1, message);
        }

        problems = _problems.InOrder();
        return plan;
    }

    private PlanMap? Load(string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count == 0)
                _problems.Add(1, 1, "the file is empty; a plan has at least 'target' and 'requests'");
            else if (stream.Documents.Count > 1)
                _problems.Add(stream.Documents[1].RootNode, "a second document begins here; a plan is one document");
            else
                return PlanMap.From(stream.Documents[0].RootNode, "the plan", _problems);
        }
        catch (YamlException e)
        {
            var message = e.InnerException?.Message ?? e.Message;
            _problems.Add((int)e.Start.Line, (int)e.Start.Column, $"not valid YAML or JSON: {message.ReplaceLineEndings(" ")}");
        }

        return null;
    }

    private LoadPlan ReadPlan(PlanMap map)
    {
        var name = map.Text("name") ?? "plan";
        ReadTarget(map);
        var headers = ReadHeaders(map.Map("headers"));
        var requests = map.Items("requests", required: true).Select(node => ReadRequest(node, headers)).OfType<PlannedRequest>().ToArray();
        if (map.Has("requests") && requests.Length == 0 && _problems.IsEmpty)
            _problems.Add(map.Node, "'requests' is empty; write at least one");
        var warmUp = map.Duration("warmup") ?? TimeSpan.Zero;
        var scenarios = new List<Scenario>();
        foreach (var (scenarioName, node) in map.Map("scenarios")?.Entries() ?? [])
        {
            if (PlanMap.From(node, $"scenario '{scenarioName}'", _problems) is not { } scenarioMap)
                continue;
            var scenario = ReadScenario(scenarioName, scenarioMap, warmUp);
            foreach (var message in LoadPlanValidation.CheckScenario(scenario, _requestNames))
                _problems.Add(scenarioMap.Value("requests") ?? node, message);
            scenarios.Add(scenario);
        }

        var targets = map.Items("targets", required: false).Select(ReadTargetExpression).OfType<string>().ToArray();
        var plan = new LoadPlan
        {
            Name = name,
            Requests = requests,
            Scenarios = scenarios.Count > 0 || map.Has("scenarios") ? scenarios : DefaultScenarios.For(new DefaultScenarios.Wishes { WarmUp = map.Has("warmup") ? warmUp : null }),
            HasDefaultScenarios = scenarios.Count == 0 && !map.Has("scenarios"),
            Targets = targets,
            Timeout = map.Duration("timeout", LoadPlanValidation.TimeoutMin, LoadPlanValidation.TimeoutMax) ?? TimeSpan.FromSeconds(30),
            ConnectTimeout = map.Duration("connectTimeout", LoadPlanValidation.TimeoutMin, LoadPlanValidation.TimeoutMax) ?? TimeSpan.FromSeconds(10),
            GracefulStop = map.Duration("gracefulStop", TimeSpan.Zero, LoadPlanValidation.TimeoutMax) ?? TimeSpan.FromSeconds(30),
            Seed = map.WholeNumber("seed", int.MinValue, int.MaxValue) ?? 1,
        };
        map.RefuseUnknown();
        return plan;
    }

    private void ReadTarget(PlanMap map)
    {
        var text = map.Text("target");
        if (text is null || _target is not null)
            return;
        if (HttpAddress.TryParse(text, out var target, out var error))
            _target = target;
        else
            _problems.Add(map.Value("target")!, error!);
    }

    private PlannedRequest? ReadRequest(YamlNode node, IReadOnlyList<(string Name, string Value)> common)
    {
        if (node is YamlScalarNode scalar)
        {
            if (ReadUrl(scalar.Value ?? "", node) is not { } only)
                return null;
            _requestNames.Add($"GET {only.AbsolutePath}");
            return new PlannedRequest { Name = $"GET {only.AbsolutePath}", Url = only, Headers = common };
        }

        if (PlanMap.From(node, "a request", _problems) is not { } map)
            return null;
        var method = (map.Text("method") ?? "GET").ToUpperInvariant();
        var url = map.Text("url", required: true) is { } text ? ReadUrl(text, map.Value("url")!) : null;
        var own = ReadHeaders(map.Map("headers"));
        var headers = common.Where(header => !own.Any(mine => mine.Name.Equals(header.Name, StringComparison.OrdinalIgnoreCase))).Concat(own).ToList();
        var body = ReadBody(map, headers);
        var weight = map.Number("weight") ?? 1;
        if (weight <= 0)
        {
            _problems.Add(map.Value("weight")!, $"weight is {Quantity.Text(weight)}; it must be above 0");
            weight = 1;
        }

        var name = map.Text("name");
        map.RefuseUnknown();
        if (name is not null)
            _requestNames.Add(name);
        if (url is null)
            return null;
        var request = new PlannedRequest
        {
            Name = name ?? $"{method} {url.AbsolutePath}",
            Method = method,
            Url = url,
            Headers = headers,
            Body = body,
            Weight = weight,
        };
        _requestNames.Add(request.Name);
        foreach (var message in LoadPlanValidation.CheckRequest(request))
            _problems.Add(map.Value("method") ?? node, message);
        return request;
    }

    private Uri? ReadUrl(string text, YamlNode node)
    {
        if (text.StartsWith('/') && !text.StartsWith("//", StringComparison.Ordinal))
        {
            if (_target is not null && Uri.TryCreate(_target.GetLeftPart(UriPartial.Path).TrimEnd('/') + text, UriKind.Absolute, out var joined))
                return joined;
            _problems.Add(node, $"url '{text}' is relative and the plan has no usable 'target'; write target: http://127.0.0.1:8080");
            return null;
        }

        if (HttpAddress.TryParse(text, out var url, out var error))
            return url;
        _problems.Add(node, error!);
        return null;
    }

    private List<(string Name, string Value)> ReadHeaders(PlanMap? map)
    {
        var headers = new List<(string Name, string Value)>();
        foreach (var (name, node) in map?.Entries() ?? [])
        {
            if (node is not YamlScalarNode { Value: { } value })
                _problems.Add(node, $"header '{name}' must be text");
            else if (LoadPlanValidation.CheckHeader(name, value) is { } problem)
                _problems.Add(node, problem);
            else
                headers.Add((name, value));
        }

        return headers;
    }

    private byte[] ReadBody(PlanMap map, List<(string Name, string Value)> headers)
    {
        var given = BodyKeys.Where(map.Has).ToArray();
        if (given.Length > 1)
            _problems.Add(map.Value(given[1])!, $"'{given[0]}' and '{given[1]}' are both given; keep one");
        if (map.Value("json") is { } json)
        {
            if (!headers.Any(header => header.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)))
                headers.Add(("Content-Type", "application/json"));
            return PlanJson.Encode(json);
        }

        if (map.Text("body") is { } body)
            return Encoding.UTF8.GetBytes(body);
        if (map.Text("bodyFile") is not { } file)
            return [];
        try
        {
            return File.ReadAllBytes(Path.Combine(_folder, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _problems.Add(map.Value("bodyFile")!, $"bodyFile '{file}' cannot be read: {e.Message}");
            return [];
        }
    }

    private Scenario ReadScenario(string name, PlanMap map, TimeSpan commonWarmUp)
    {
        var executor = map.Choice("executor", ExecutorNames.All, required: true);
        var isRate = executor == ExecutorNames.ConstantArrivalRate;
        var startTime = map.Duration("startTime") ?? TimeSpan.Zero;
        var connections = map.WholeNumber(isRate ? "maxVUs" : "vus", 1, LoadPlanValidation.ConnectionsMax);
        var preAllocated = isRate ? map.WholeNumber("preAllocatedVUs", 1, LoadPlanValidation.ConnectionsMax) : null;
        var rate = isRate ? ReadRate(map) : 0;
        var duration = map.Duration("duration", required: true);
        var warmUp = map.Duration("warmup") ?? (startTime == TimeSpan.Zero ? commonWarmUp : TimeSpan.Zero);
        if (duration == TimeSpan.Zero && map.Has("duration"))
            _problems.Add(map.Value("duration")!, "duration must be above 0, such as 30s");
        var requests = map.Has("requests")
            ? map.Items("requests", required: false).Select(node => (node as YamlScalarNode)?.Value ?? "").ToArray()
            : null;
        if (executor is not null)
            map.RefuseUnknown(isRate ? ["vus"] : ["maxVUs", "preAllocatedVUs", "rate", "timeUnit"], $"'{{0}}' does not go with executor '{executor}'");
        return new Scenario
        {
            Name = name,
            Executor = isRate ? ExecutorKind.ConstantArrivalRate : ExecutorKind.ConstantVus,
            Connections = connections ?? preAllocated ?? DefaultScenarios.ConnectionsDefault,
            RatePerSecond = rate,
            StartTime = startTime,
            WarmUp = warmUp,
            Duration = duration is { } given && given > TimeSpan.Zero ? given : WhereMistaken,
            Requests = requests,
        };
    }

    /// <summary>k6's <c>rate</c> and <c>timeUnit</c>, or <c>rate: 1000/s</c> in one.</summary>
    private double ReadRate(PlanMap map)
    {
        var text = map.Text("rate", required: true);
        var timeUnit = map.Duration("timeUnit") ?? TimeSpan.FromSeconds(1);
        if (text is null)
            return 1;
        if (!Quantity.TryParseRate(text, out var rate) || timeUnit <= TimeSpan.Zero)
        {
            _problems.Add(map.Value("rate")!, $"rate is '{text}'; write arrivals per second above 0, such as 1000/s, or a number with timeUnit");
            return 1;
        }

        return text.Contains('/', StringComparison.Ordinal) ? rate : rate / timeUnit.TotalSeconds;
    }

    private string? ReadTargetExpression(YamlNode node)
    {
        var text = (node as YamlScalarNode)?.Value ?? "";
        if (Measurements.ThresholdExpression.TryParse(text, out _, out var error))
            return text;
        _problems.Add(node, error!);
        return null;
    }
}
