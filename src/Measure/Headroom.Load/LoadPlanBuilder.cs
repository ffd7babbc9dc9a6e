using System.Globalization;
using Headroom.Load.Building;
using Headroom.Load.Plans;
using Headroom.Measurements;

namespace Headroom.Load;

/// <summary>
/// A plan that is written in code (docs/library.md): requests, how much load for how long, and what it has to show. Each method changes this builder and returns it. Nothing is
/// checked before <see cref="Build"/> or <see cref="RunAsync"/>, which tell every mistake at once.
/// </summary>
public sealed class LoadPlanBuilder : RequestsBuilder<LoadPlanBuilder>
{
    private readonly string _name;
    private readonly List<RequestBuilder> _requests = [];
    private readonly List<(string Name, FlowBuilder Flow, double Weight)> _flows = [];
    private readonly FlowBuilder _setup = new();
    private readonly FlowBuilder _teardown = new();
    private readonly List<(string Name, string Value)> _headers = [];
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);
    private readonly List<Feeder> _feeders = [];
    private readonly List<LoadPhase> _phases = [];
    private readonly List<string> _thresholds = [];
    private readonly List<Func<LoadPlan, LoadPlan>> _changes = [];
    private readonly List<string> _misuse = [];
    private string? _baseAddress;
    private TimeSpan _warmUp;
    private ThinkTime? _think;

    internal LoadPlanBuilder(string name) => _name = name;

    /// <summary>Put before paths: <c>http://127.0.0.1:5080</c>, path included. The load goes over real sockets: an in-memory test server has none (docs/library.md).</summary>
    public LoadPlanBuilder BaseAddress(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        _baseAddress = address;
        return this;
    }

    /// <inheritdoc cref="BaseAddress(string)"/>
    public LoadPlanBuilder BaseAddress(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return BaseAddress(address.OriginalString);
    }

    /// <summary>Adds a header of every request; a request's own header of that name goes before.</summary>
    public LoadPlanBuilder Header(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        _headers.Add((name, value));
        return this;
    }

    /// <summary>Gives a variable its value: <c>${name}</c> in paths, header values and bodies.</summary>
    public LoadPlanBuilder Variable(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        _variables[name] = value;
        return this;
    }

    /// <summary>Rows of a sequence as variables: <c>${name.Property}</c>, or <c>${name.value}</c> of plain values. Each iteration takes a row.</summary>
    /// <param name="name">Of the feeder.</param>
    /// <param name="rows">At least one, at most 10,000,000; read once, now.</param>
    /// <param name="order">Which row an iteration takes.</param>
    /// <param name="atEnd">What happens when there is none left.</param>
    public LoadPlanBuilder Feeder<T>(string name, IEnumerable<T> rows, FeederOrder order = FeederOrder.Sequential, FeederEnd atEnd = FeederEnd.Recycle)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(rows);
        if (FeederRows.Read(name, rows, order, atEnd, _misuse) is { } feeder)
            _feeders.Add(feeder);
        return this;
    }

    /// <summary>Adds requests that a VU sends in a row, chosen by weight beside the others. What a step extracts is known to those after it.</summary>
    /// <param name="name">Shared with no request and no other flow.</param>
    /// <param name="configure">Its steps.</param>
    /// <param name="weight">Above 0.</param>
    public LoadPlanBuilder Flow(string name, Action<FlowBuilder> configure, double weight = 1)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configure);
        var flow = new FlowBuilder();
        configure(flow);
        _flows.Add((name, flow, weight));
        return this;
    }

    /// <summary>Requests sent once before the load, such as a login; what they extract is known to every request. If one fails, no load is sent.</summary>
    public LoadPlanBuilder Setup(Action<FlowBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        configure(_setup);
        return this;
    }

    /// <summary>Requests sent once after the load, also when it was cancelled.</summary>
    public LoadPlanBuilder Teardown(Action<FlowBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        configure(_teardown);
        return this;
    }

    /// <summary>
    /// Open model: iterations (a request or a flow) are due at a constant rate, whether or not earlier ones have ended, and latency counts from when each was due.
    /// Follow it with <see cref="For"/>. Phases run one after another.
    /// </summary>
    /// <param name="perSecond">Above 0, at most 10,000,000.</param>
    /// <param name="connections">At most so many at once. 1 to 65,535.</param>
    /// <param name="name">Of the phase, for reports and <c>{scenario:name}</c> of thresholds.</param>
    public LoadPlanBuilder AtRate(double perSecond, int connections = DefaultScenarios.ConnectionsDefault, string? name = null)
    {
        _phases.Add(new LoadPhase($"AtRate({Text(perSecond)})", name, perSecond, IsOpen: true, connections));
        return this;
    }

    /// <summary>Closed loop: so many users (VUs), each starting its next iteration when the last one ended. Follow it with <see cref="For"/>.</summary>
    /// <param name="count">Each has a connection of its own. 1 to 65,535; 0 where a ramp follows.</param>
    /// <param name="name">Of the phase.</param>
    public LoadPlanBuilder Users(int count, string? name = null)
    {
        _phases.Add(new LoadPhase($"Users({Text(count)})", name, count, IsOpen: false, 0));
        return this;
    }

    /// <summary>So many iterations, shared by users; ends when all are done.</summary>
    /// <param name="count">Of all users together. At least 1.</param>
    /// <param name="users">1 to 65,535.</param>
    /// <param name="atMost">Longest time; what was not started then is dropped. Default 10 min.</param>
    /// <param name="name">Of the phase.</param>
    public LoadPlanBuilder Iterations(long count, int users = 1, TimeSpan? atMost = null, string? name = null)
    {
        _phases.Add(new LoadPhase($"Iterations({Text(count)})", name, users, IsOpen: false, 0) { Iterations = count, IterationsAtMost = atMost ?? TimeSpan.FromMinutes(10) });
        return this;
    }

    /// <summary>Holds the load of the phase so long.</summary>
    /// <param name="duration">Above 0, at most 7 days.</param>
    public LoadPlanBuilder For(TimeSpan duration) => AddStage($"For({Quantity.Text(duration)})", phase => new Stage(duration, phase.Level));

    /// <summary>Moves the load of the phase in a straight line to another level: <c>Users(5).RampTo(50, TimeSpan.FromSeconds(30)).For(TimeSpan.FromMinutes(1))</c>.</summary>
    /// <param name="level">Users, or arrivals a second. At least 0.</param>
    /// <param name="over">How long it takes; 0 jumps.</param>
    public LoadPlanBuilder RampTo(double level, TimeSpan over) => AddStage($"RampTo({Text(level)}, …)", _ => new Stage(over, level));

    /// <summary>Sends the load of the first phase as long before measuring begins; counted apart. Default 0. Only where that phase is constant.</summary>
    public LoadPlanBuilder WarmUp(TimeSpan duration)
    {
        _warmUp = duration;
        return this;
    }

    /// <summary>Each user waits as long after an iteration. 0 to 1 h, default 0.</summary>
    public LoadPlanBuilder Think(TimeSpan time)
    {
        _think = ThinkTime.Fixed(time);
        return this;
    }

    /// <summary>Each user waits a time between the two, evenly spread, after an iteration.</summary>
    public LoadPlanBuilder Think(TimeSpan min, TimeSpan max)
    {
        _think = ThinkTime.Uniform(min, max);
        return this;
    }

    /// <summary>Longest time from the start of a request to the last byte of its response. 1 ms to 1 h, default 30 s.</summary>
    public LoadPlanBuilder Timeout(TimeSpan timeout) => With(plan => plan with { Timeout = timeout });

    /// <summary>
    /// What the run has to show, in the plan's language (docs/targets.md): <c>p99&lt;200ms</c>, <c>errors&lt;0.1%</c>, <c>p95{send}&lt;150ms</c>. Judged by
    /// <see cref="LoadResult.ThrowIfFailed"/>. Where the plan has checks and no threshold on them, <c>checks&gt;=100%</c> is added.
    /// </summary>
    public LoadPlanBuilder Threshold(params string[] expressions)
    {
        ArgumentNullException.ThrowIfNull(expressions);
        _thresholds.AddRange(expressions);
        return this;
    }

    /// <summary>Changes what has no method here, such as <see cref="LoadPlan.Cookies"/> or <see cref="LoadPlan.Connections"/>.</summary>
    public LoadPlanBuilder With(Func<LoadPlan, LoadPlan> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        _changes.Add(change);
        return this;
    }

    /// <summary>The plan, which <see cref="LoadRun"/> and <c>headroom</c> run alike.</summary>
    /// <exception cref="LoadPlanException">The plan has mistakes; all of them are told, each with what to write instead.</exception>
    public LoadPlan Build()
    {
        var problems = new List<string>(_misuse);
        var plan = Assemble(problems);
        problems.AddRange(plan.Validate());
        return problems.Count == 0
            ? plan
            : throw new LoadPlanException([.. problems.Distinct(StringComparer.Ordinal).Select(problem => new PlanProblem($"plan '{_name}'", 0, 0, problem))]);
    }

    /// <summary>Sends the load and returns what came back; whether that is enough is for <see cref="LoadResult.ThrowIfFailed"/> to say.</summary>
    /// <param name="options">How to run it here.</param>
    /// <param name="progress">Called about five times a second while it runs.</param>
    /// <param name="cancellation">Ends the run early: what was measured until then is returned, marked as interrupted.</param>
    /// <inheritdoc cref="LoadRun.RunAsync" path="/exception"/>
    public async Task<LoadResult> RunAsync(LoadOptions? options = null, IProgress<LoadProgress>? progress = null, CancellationToken cancellation = default) =>
        new(await LoadRun.RunAsync(Build(), options, progress, cancellation));

    private protected override void Add(RequestBuilder request) => _requests.Add(request);

    private LoadPlanBuilder AddStage(string written, Func<LoadPhase, Stage> stage)
    {
        if (_phases.Count == 0)
            _misuse.Add($"{written} says how long, and not how much; write AtRate(500).{written} or Users(50).{written}");
        else if (_phases[^1].Iterations is not null)
            _misuse.Add($"{_phases[^1].Written} ends by itself; leave {written} out, or give it the longest time: Iterations(…, atMost: TimeSpan.FromMinutes(1))");
        else
            _phases[^1].Stages.Add(stage(_phases[^1]));
        return this;
    }

    private LoadPlan Assemble(List<string> problems)
    {
        var target = ReadBaseAddress(problems);
        PlannedRequest Request(RequestBuilder request) => request.Build(target, _headers, problems);
        PlannedRequest[] requests = [.. _requests.Select(Request)];
        Flow[] flows = [.. _flows.Select(flow => new Flow { Name = flow.Name, Weight = flow.Weight, Steps = flow.Flow.BuildSteps(Request) })];
        if (requests.Length == 0 && flows.Length == 0)
        {
            problems.Add("there is nothing to send; write .Get(\"/path\"), .Post(\"/path\", body) or .Flow(\"name\", flow => …)");
            requests = [new PlannedRequest { Name = "missing", Url = new Uri("http://localhost/") }];
        }

        if (_setup.HasThinkTime || _teardown.HasThinkTime)
            problems.Add("Setup and Teardown send their requests once, one after another; leave Think out there");
        var plan = new LoadPlan
        {
            Name = _name,
            Requests = requests,
            Flows = flows,
            Setup = BuildSetup(target, problems),
            Teardown = [.. _teardown.Requests.Select(Request)],
            Variables = new Dictionary<string, string>(_variables, StringComparer.Ordinal),
            Feeders = [.. _feeders],
            Scenarios = BuildScenarios(problems),
            Targets = [.. _thresholds],
        };
        return WithChecksJudged(_changes.Aggregate(plan, (changed, change) => change(changed)));
    }

    private Uri? ReadBaseAddress(List<string> problems)
    {
        if (_baseAddress is null)
            return null;
        if (!HttpAddress.TryParse(_baseAddress, out var target, out var error))
            problems.Add($"base address: {error}");
        return target;
    }

    /// <summary>Common headers that need what is extracted only later are left out: the request that logs in has no token yet.</summary>
    private List<PlannedRequest> BuildSetup(Uri? target, List<string> problems)
    {
        var known = _variables.Keys.ToHashSet(StringComparer.Ordinal);
        var setup = new List<PlannedRequest>();
        foreach (var request in _setup.Requests)
        {
            setup.Add(request.Build(target, _headers.Where(header => CommonHeaders.HasValues(header.Value, known)), problems));
            known.UnionWith(setup[^1].Extractions.Select(extraction => extraction.Variable));
        }

        return setup;
    }

    private List<Scenario> BuildScenarios(List<string> problems)
    {
        if (_phases.Count == 0)
            problems.Add("it does not say how much load; write .AtRate(500).For(TimeSpan.FromSeconds(30)), .Users(50).For(…) or .Iterations(1000)");
        var warmUpMistake = _warmUp < TimeSpan.Zero || _warmUp > LoadPlanValidation.DurationMax ? $"the warm-up is {Quantity.Text(_warmUp)}; allowed is 0s to 7d" : null;
        var mistakes = _phases.Select(phase => phase.Mistake).Append(warmUpMistake).OfType<string>().ToArray();
        problems.AddRange(mistakes);
        if (_phases.SkipLast(1).FirstOrDefault(phase => phase.Iterations is not null) is { } counted)
            problems.Add($"after {counted.Written} another phase follows, and nobody knows when it ends; make it the last");

        // What follows from a mistake that was told is not told.
        if (_phases.Count == 0 || mistakes.Length > 0)
            return [new Scenario { Name = "missing", Executor = ExecutorKind.ConstantVus, Connections = 1, Duration = TimeSpan.FromSeconds(1) }];

        var scenarios = new List<Scenario>();
        var start = TimeSpan.Zero;
        foreach (var phase in _phases)
        {
            var name = phase.Name ?? phase.DefaultName;
            var twins = phase.Name is null ? _phases.Take(scenarios.Count).Count(other => (other.Name ?? other.DefaultName) == name) : 0;
            scenarios.Add(phase.ToScenario(twins == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{twins + 1}"), _think) with
            {
                StartTime = start,
                WarmUp = scenarios.Count == 0 ? _warmUp : TimeSpan.Zero,
            });
            start = scenarios[^1].End;
        }

        return scenarios;
    }

    /// <summary>A check that fails unseen is worse than none.</summary>
    private static LoadPlan WithChecksJudged(LoadPlan plan)
    {
        var isJudged = plan.Targets.Any(text => ThresholdExpression.TryParse(text, out var expression, out _) && expression.Metric == "checks");
        var hasChecks = plan.Requests.Concat(plan.Flows.SelectMany(flow => flow.AllRequests())).Any(request => request.Checks.Count > 0);
        return isJudged || !hasChecks ? plan : plan with { Targets = [.. plan.Targets, "checks>=100%"] };
    }

    private static string Text(double number) => Quantity.Text(number);
}
