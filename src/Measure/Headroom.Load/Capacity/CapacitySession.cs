using Headroom.Load.Flows;
using Headroom.Load.Target;
using Headroom.Load.Wire;
using Headroom.Measurements;

namespace Headroom.Load.Capacity;

/// <summary>A target that is reached and set up once, for any number of steps.</summary>
internal sealed class CapacitySession
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Of a probe: a median of fewer says little.</summary>
    private const int ProbeIterations = 3;

    private readonly LoadPlan _plan;
    private readonly LoadOptions _options;
    private readonly CompiledPlan _compiled;
    private readonly TargetWatch? _target;

    private CapacitySession(LoadPlan plan, LoadOptions options, CompiledPlan compiled, TargetWatch? target)
    {
        _plan = plan;
        _options = options;
        _compiled = compiled;
        _target = target;
    }

    /// <inheritdoc cref="LoadRun.RunAsync"/>
    public static async Task<CapacitySession> OpenAsync(LoadPlan plan, LoadOptions options, CancellationToken cancellation)
    {
        var (compiled, target, _) = await LoadRun.PrepareAsync(plan, options, cancellation);
        return new CapacitySession(plan, options, compiled, target);
    }

    /// <summary>Sends one scenario and waits until nothing of it is under way.</summary>
    /// <param name="scenario">What to send.</param>
    /// <param name="gracefulStop">How long what is under way at its end may take.</param>
    /// <param name="progress">Told five times a second.</param>
    /// <param name="cancellation">Ends it at once: what is under way is let go, and its connections closed.</param>
    public async Task<RunFile> SendAsync(Scenario scenario, TimeSpan gracefulStop, IProgress<LoadProgress>? progress, CancellationToken cancellation)
    {
        var plan = _plan with { Scenarios = [scenario], GracefulStop = gracefulStop, HasDefaultScenarios = false };
        using var metrics = progress is null ? null : MetricsWatch.Create(plan, _options, _compiled.Origins);
        using var run = ScenarioSet.Start(plan, _options, _compiled);
        var collected = await RunCollection.CollectAsync(plan, run, _target, progress, cancellation, metrics);
        return RunAssembly.Assemble(plan, _options, run, collected, _target, []);
    }

    /// <summary>A few iterations, one at a time: how quick the target is when nobody else asks. Null when it does not answer as it should.</summary>
    public async Task<double?> ProbeAsync(CancellationToken cancellation)
    {
        var probe = new Scenario { Name = "probe", Executor = ExecutorKind.PerVuIterations, Connections = 1, Iterations = ProbeIterations, Duration = ProbeTimeout };
        var run = await SendAsync(probe, TimeSpan.Zero, progress: null, cancellation);

        // A status of 4xx is an answer, and as good as any for whether there is a queue: a rate limiter may still be counting.
        var failed = run.ErrorsByKind.Where(kind => kind.Key != "http4xx").Sum(kind => kind.Value);
        return run.Summary.Requests > 0 && failed == 0 ? run.Summary.ServiceTimeMs.P50 : null;
    }

    public Task CloseAsync() =>
        _compiled.Teardown is null ? Task.CompletedTask : SequenceRun.RunAsync(_plan, _options, _compiled, _compiled.Teardown, CancellationToken.None);
}
