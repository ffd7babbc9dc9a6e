using System.Runtime.InteropServices;
using Headroom.Load.Flows;
using Headroom.Load.Target;
using Headroom.Load.Wire;
using Headroom.Measurements;

namespace Headroom.Load.Capacity;

/// <summary>A target that is reached and set up once, for any number of steps.</summary>
internal sealed class CapacitySession : IDisposable
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Of a probe: a median of fewer says little.</summary>
    private const int ProbeIterations = 3;

    private const string DefaultMetricsPath = "/metrics";

    private readonly LoadPlan _plan;
    private readonly LoadOptions _options;
    private readonly CompiledPlan _compiled;
    private readonly TargetWatch? _target;
    private MetricsEndpoint? _runtime;

    private CapacitySession(LoadPlan plan, LoadOptions options, CompiledPlan compiled, TargetWatch? target)
    {
        _plan = plan;
        _options = options;
        _compiled = compiled;
        _target = target;
    }

    /// <summary>Whether the target's process is watched.</summary>
    public bool SeesTarget => _target is not null;

    /// <param name="plan">What to send.</param>
    /// <param name="options">How to run it here.</param>
    /// <param name="capacity">Whether, and where, the target's runtime is asked.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <inheritdoc cref="LoadRun.RunAsync"/>
    public static async Task<CapacitySession> OpenAsync(LoadPlan plan, LoadOptions options, CapacityOptions capacity, CancellationToken cancellation)
    {
        var (compiled, target, origins) = await LoadRun.PrepareAsync(plan, options, cancellation);
        var session = new CapacitySession(plan, options, compiled, target);
        try
        {
            session._runtime = await RuntimeOf(plan, options, capacity, origins, cancellation);
            return session;
        }
        catch
        {
            // The setup was sent: whatever ends it from now on, the teardown is owed.
            await session.CloseAsync();
            throw;
        }
    }

    /// <summary>Sends the load of one step.</summary>
    /// <inheritdoc cref="SendAsync"/>
    public async Task<(RunFile Run, RuntimeUsage? Runtime)> StepAsync(Scenario scenario, TimeSpan gracefulStop, IProgress<LoadProgress> progress, CancellationToken cancellation)
    {
        using var metrics = MetricsWatch.Create(_plan, _options, _compiled.Origins);
        await using var runtime = _runtime is null ? null : RuntimeWatch.Start(_runtime, TimeProvider.System);
        var run = await SendAsync(scenario, gracefulStop, progress, metrics, cancellation);
        return (run, runtime is null ? null : await runtime.EndAsync());
    }

    /// <summary>A few iterations, one at a time: how quick the target is when nobody else asks.</summary>
    public async Task<Probe> ProbeAsync(CancellationToken cancellation)
    {
        var probe = new Scenario { Name = "probe", Executor = ExecutorKind.PerVuIterations, Connections = 1, Iterations = ProbeIterations, Duration = ProbeTimeout };
        var run = await SendAsync(probe, TimeSpan.Zero, progress: null, metrics: null, cancellation);

        // A status of 4xx is an answer, and as good as any for whether there is a queue: a rate limiter may still be counting.
        var failed = run.ErrorsByKind.Where(kind => kind.Key != "http4xx").Sum(kind => kind.Value);
        return new Probe(run.Summary.Requests > 0 && failed == 0 ? run.Summary.ServiceTimeMs.P50 : null, WasRefused(run));
    }

    /// <summary>Whether nothing listened at an address of the plan: an overloaded target keeps connections waiting, it does not refuse them.</summary>
    public static bool WasRefused(RunFile run) => run.ErrorsByKind.ContainsKey(WireError.ConnectRefused.Name());

    public Task CloseAsync() =>
        _compiled.Teardown is null ? Task.CompletedTask : SequenceRun.RunAsync(_plan, _options, _compiled, _compiled.Teardown, CancellationToken.None);

    public void Dispose() => _runtime?.Dispose();

    /// <summary>Sends one scenario and waits until nothing of it is under way.</summary>
    /// <param name="scenario">What to send.</param>
    /// <param name="gracefulStop">How long what is under way at its end may take.</param>
    /// <param name="progress">Told five times a second.</param>
    /// <param name="metrics">The plan's own figures of the target.</param>
    /// <param name="cancellation">Ends it at once: what is under way is let go, and its connections closed.</param>
    private async Task<RunFile> SendAsync(Scenario scenario, TimeSpan gracefulStop, IProgress<LoadProgress>? progress, MetricsWatch? metrics, CancellationToken cancellation)
    {
        var plan = _plan with { Scenarios = [scenario], GracefulStop = gracefulStop, HasDefaultScenarios = false };
        using var run = ScenarioSet.Start(plan, _options, _compiled);
        var collected = await RunCollection.CollectAsync(plan, run, _target, progress, cancellation, metrics);
        return RunAssembly.Assemble(plan, _options, run, collected, _target, []);
    }

    private static async Task<MetricsEndpoint?> RuntimeOf(LoadPlan plan, LoadOptions options, CapacityOptions capacity, IReadOnlyList<Origin> origins, CancellationToken cancellation)
    {
        if (!capacity.AsksRuntime)
            return null;
        var root = new UriBuilder(origins[0].Scheme, origins[0].Host, origins[0].Port).Uri;
        var url = capacity.MetricsPath is { } path ? new Uri(root, path) : plan.Metrics?.Url ?? new Uri(root, DefaultMetricsPath);
        var endpoint = MetricsEndpoint.Create(url, plan.Connections.Version, options, origins);
        try
        {
            if (await RuntimeWatch.TellsAnythingAsync(endpoint, cancellation))
                return endpoint;
        }
        catch
        {
            endpoint.Dispose();
            throw;
        }

        endpoint.Dispose();
        return null;
    }
}

/// <summary>What a probe showed.</summary>
/// <param name="Ms">Median service time; null when the target did not answer as it should.</param>
/// <param name="Refused">Nothing listened there.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Probe(double? Ms, bool Refused);
