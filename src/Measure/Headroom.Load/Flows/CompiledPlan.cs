using Headroom.Load.Plans;
using Headroom.Load.Responses;
using Headroom.Load.Target;
using Headroom.Load.Wire;

namespace Headroom.Load.Flows;

/// <summary>A row of the report: requests that share a name and tags.</summary>
internal sealed record ReportRow(string Name, IReadOnlyDictionary<string, string> Tags);

/// <summary>A request ready to be sent and its response ready to be judged.</summary>
internal sealed record CompiledRequest
{
    public required RequestImage Image { get; init; }

    public required PlannedRequest Plan { get; init; }

    public CompiledCheck[] Checks { get; init; } = [];

    /// <summary>Number of its first check among those of the plan.</summary>
    public int FirstCheck { get; init; }

    public CompiledExtraction[] Extractions { get; init; } = [];

    /// <summary>Number of its first extraction among those of the plan.</summary>
    public int FirstExtraction { get; init; }
}

/// <summary>Everything of a plan that its scenarios share: requests encoded, names numbered, flows flattened.</summary>
internal sealed class CompiledPlan
{
    private readonly LoadPlan _plan;
    private readonly Dictionary<(string Scheme, string Host, int Port), int> _originIndex;
    private readonly List<CompiledRequest> _requests = [];
    private readonly List<ReportRow> _rows = [];
    private readonly List<(string Request, string Name)> _checks = [];
    private readonly List<(string Request, string Variable)> _extractions = [];

    public CompiledPlan(LoadPlan plan, IReadOnlyList<Origin> origins)
    {
        _plan = plan;
        Origins = origins;
        _originIndex = origins.Select((origin, i) => (origin, i)).ToDictionary(pair => (pair.origin.Scheme, pair.origin.Host, pair.origin.Port), pair => pair.i);
        Variables = new VariableTable(plan);
        Setup = Sequence("setup", plan.Setup);
        Teardown = Sequence("teardown", plan.Teardown);
        SequenceRows = _rows.Count;
        Flows = [.. plan.Requests.Select(request => Compile(new Flow { Name = request.Name, Weight = request.Weight, Steps = [new RequestStep(request)] })), .. plan.Flows.Select(Compile)];
        UsesVariables = Variables.Count > 0 || Variables.Feeders.Count > 0 || _requests.Any(request => request.Image.Template is not null);
    }

    public IReadOnlyList<Origin> Origins { get; }

    public VariableTable Variables { get; }

    public bool KeepsCookies => _plan.Cookies;

    /// <summary>False spares each VU the memory for values.</summary>
    public bool UsesVariables { get; }

    public CompiledFlow? Setup { get; }

    public CompiledFlow? Teardown { get; }

    /// <summary>Rows below this belong to setup and teardown.</summary>
    public int SequenceRows { get; }

    /// <summary>The plan's requests as flows of one step, then its flows.</summary>
    public IReadOnlyList<CompiledFlow> Flows { get; }

    public IReadOnlyList<CompiledRequest> Requests => _requests;

    public IReadOnlyList<ReportRow> Rows => _rows;

    public IReadOnlyList<(string Request, string Name)> Checks => _checks;

    public IReadOnlyList<(string Request, string Variable)> Extractions => _extractions;

    /// <summary>Scheme, host and port that most of the plan is about: those of its first request that is load.</summary>
    public static string TargetOf(LoadPlan plan) =>
        plan.Requests.Concat(plan.Flows.SelectMany(flow => flow.AllRequests())).First().Url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    private CompiledFlow? Sequence(string name, IReadOnlyList<PlannedRequest> requests) =>
        requests.Count == 0 ? null : Compile(new Flow { Name = name, Steps = [.. requests.Select(request => new RequestStep(request))] });

    private CompiledFlow Compile(Flow flow) => CompiledFlow.Compile(flow, request =>
    {
        var index = _requests.Count;
        _requests.Add(Compile(request));
        return (index, FeedersOf(request));
    });

    private CompiledRequest Compile(PlannedRequest request)
    {
        var checks = request.Checks.Select(check => new CompiledCheck(check)).ToArray();
        var extractions = request.Extractions.Select(extraction => new CompiledExtraction(extraction, Variables.SlotOf(extraction.Variable))).ToArray();
        var template = RequestTemplate.Compile(request, Variables, always: _plan.Cookies);
        var capture = checks.Select(check => check.Needs).Concat(extractions.Select(extraction => extraction.Needs)).Aggregate(Capture.None, (sum, needed) => sum | needed);
        if (_plan.Cookies || _plan.RedirectsMax > 0)
            capture |= Capture.Head;
        var compiled = new CompiledRequest
        {
            Plan = request,
            Checks = checks,
            FirstCheck = _checks.Count,
            Extractions = extractions,
            FirstExtraction = _extractions.Count,
            Image = new RequestImage
            {
                Bytes = template is null ? RequestImage.Encode(request) : default,
                Template = template,
                OriginIndex = _originIndex[Reachability.OriginKey(request.Url)],
                Row = RowOf(request),
                IsHead = request.Method == "HEAD",
                Capture = capture,
                TimeoutNs = request.Timeout is { } timeout ? (long)timeout.TotalNanoseconds : null,
                EventsMax = request.EventsMax ?? 0,
            },
        };
        _checks.AddRange(request.Checks.Select(check => (request.Name, check.Name)));
        _extractions.AddRange(request.Extractions.Select(extraction => (request.Name, extraction.Variable)));
        return compiled;
    }

    private int RowOf(PlannedRequest request)
    {
        // Setup and teardown were compiled first; what they send is no part of the load's figures even under the same name.
        for (var i = SequenceRows; i < _rows.Count; i++)
        {
            if (_rows[i].Name == request.Name && _rows[i].Tags.Count == request.Tags.Count && !_rows[i].Tags.Except(request.Tags).Any())
                return i;
        }

        _rows.Add(new ReportRow(request.Name, request.Tags));
        return _rows.Count - 1;
    }

    private IEnumerable<int> FeedersOf(PlannedRequest request)
    {
        var texts = request.Headers.Select(header => header.Value).Append(request.Url.OriginalString);
        if (request.BodyVariables != BodyVariables.None)
            texts = texts.Append(System.Text.Encoding.UTF8.GetString(request.Body.Span));
        return texts.SelectMany(text => TextTemplate.TryParse(text, out var template, out _) ? template!.Parts : [])
            .Where(part => part.Literal is null)
            .Select(part => Variables.SourceOf(part).Feeder)
            .Where(feeder => feeder >= 0);
    }
}
