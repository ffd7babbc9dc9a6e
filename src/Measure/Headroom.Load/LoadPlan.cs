namespace Headroom.Load;

/// <summary>
/// What load to send. Read from a file by <see cref="LoadPlanFile"/> or built in code. Texts of requests (path and query, header values, bodies) may hold
/// variables, <c>${name}</c>; docs/plans.md lists where their values come from.
/// </summary>
public sealed record LoadPlan
{
    public required string Name { get; init; }

    /// <summary>Begins a plan in code: <c>LoadPlan.Create("chats").Get("/api/v2/chats").AtRate(500).For(TimeSpan.FromSeconds(30))</c> (docs/library.md).</summary>
    /// <param name="name">Stands in reports and run files.</param>
    public static LoadPlanBuilder Create(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return new LoadPlanBuilder(name);
    }

    /// <summary>Requests of one step each, to choose from by weight. Those that share a name share a row of the report.</summary>
    public IReadOnlyList<PlannedRequest> Requests { get; init; } = [];

    /// <summary>Several steps in a row, to choose from by weight beside <see cref="Requests"/>. An iteration is one request or one flow.</summary>
    public IReadOnlyList<Flow> Flows { get; init; } = [];

    /// <summary>Scenarios, each with its own connections. They overlap unless their start times keep them apart.</summary>
    public required IReadOnlyList<Scenario> Scenarios { get; init; }

    /// <summary>True when the plan names no scenario, so that <see cref="Scenarios"/> are the usual ones (<see cref="DefaultScenarios"/>).</summary>
    public bool HasDefaultScenarios { get; init; }

    /// <summary>Sent once, one after another, before the load; what they extract is known to every request of the plan. If one fails, no load is sent.</summary>
    public IReadOnlyList<PlannedRequest> Setup { get; init; } = [];

    /// <summary>Sent once after the load, also when it was interrupted. What fails there is told and changes no figure.</summary>
    public IReadOnlyList<PlannedRequest> Teardown { get; init; } = [];

    /// <summary>Variables with a value that is the same everywhere.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Tables whose rows give variables, <c>${feeder.column}</c>: each iteration of a flow or request that uses one takes a row.</summary>
    public IReadOnlyList<Feeder> Feeders { get; init; } = [];

    /// <summary>Targets of the run in the form <c>p95&lt;150ms</c> (docs/targets.md), or in k6's, <c>http_req_duration: p(95)&lt;150</c>.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>Those of <see cref="Targets"/> that end the run when they are missed.</summary>
    public IReadOnlyList<AbortingTarget> AbortingTargets { get; init; } = [];

    /// <summary>Which of the target's own metrics the run looks at; null for none.</summary>
    public MetricsScrape? Metrics { get; init; }

    /// <summary>How connections are made and kept.</summary>
    public ConnectionPolicy Connections { get; init; } = new();

    /// <summary>Longest time from the start of a request to the last byte of its response. 1 ms to 1 h.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time from the start of a request to the first byte of its response; null leaves it to <see cref="Timeout"/>. 1 ms to 1 h.</summary>
    public TimeSpan? ResponseTimeout { get; init; }

    /// <summary>Longest time to make a connection. 1 ms to 1 h.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long after a scenario's end its requests under way, and arrivals that are due and late, may still finish. 0 to 1 h.</summary>
    public TimeSpan GracefulStop { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many redirects (301, 302, 303, 307, 308) of one request are followed, each counted as a request of its own. 0 to 20.</summary>
    public int RedirectsMax { get; init; }

    /// <summary>Each VU keeps the cookies that it is given, for one iteration (as k6 does).</summary>
    public bool Cookies { get; init; }

    /// <summary>Longest body that a check or an extraction looks at; of longer ones it sees the beginning, and they are counted. 1 byte to 256 MiB.</summary>
    public long CaptureBytesMax { get; init; } = 1024 * 1024;

    /// <summary>Seed of every random choice: the same seed sends the same sequence.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Files that the plan was read from: its own, and those that it names (rows, bodies, arrivals). Empty of a plan in code.</summary>
    public IReadOnlyList<string> SourceFiles { get; init; } = [];

    /// <summary>Every rule that the plan breaks, one sentence each; empty when it can be run.</summary>
    public IReadOnlyList<string> Validate() => [.. Plans.LoadPlanValidation.Check(this)];

    /// <summary>Every request that a run of the plan may send: setup, requests, flows, teardown.</summary>
    public IEnumerable<PlannedRequest> AllRequests() => Setup.Concat(Requests).Concat(Flows.SelectMany(flow => flow.AllRequests())).Concat(Teardown);
}

/// <summary>A target that ends the run as soon as it is missed.</summary>
/// <param name="Expression">One of <see cref="LoadPlan.Targets"/>.</param>
/// <param name="Delay">How long after measuring began it is first looked at.</param>
public sealed record AbortingTarget(string Expression, TimeSpan Delay);

/// <summary>How connections are made and kept. A VU has one connection to each origin.</summary>
public sealed record ConnectionPolicy
{
    /// <summary>Which HTTP version is spoken.</summary>
    public HttpVersionChoice Version { get; init; }

    /// <summary>Requests that a connection carries at most; null leaves it to the server. At least 1.</summary>
    public int? RequestsMax { get; init; }

    /// <summary>Connections are closed when the iteration ends.</summary>
    public bool PerIteration { get; init; }
}

/// <summary>Versions of HTTP that a run can be made over.</summary>
public enum HttpVersionChoice
{
    /// <summary>HTTP/1.1, each VU with its own connection.</summary>
    Http11,

    /// <summary>HTTP/2 (with TLS by ALPN, without it by prior knowledge), VUs sharing connections.</summary>
    Http2,
}
