using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Headroom.Load.Flows;
using Headroom.Load.Plans;
using Headroom.Load.Target;
using Headroom.Load.Wire;
using Headroom.Measurements;

namespace Headroom.Load;

/// <summary>
/// Runs a plan: validate → reach the target → setup → start each scenario's workers → collect seconds and target samples while they send → teardown → one run file.
/// </summary>
public static class LoadRun
{
    /// <summary>Sends the plan's load and returns what came back.</summary>
    /// <param name="plan">What to send.</param>
    /// <param name="options">How to run it here.</param>
    /// <param name="progress">Called about five times a second while it runs.</param>
    /// <param name="cancellation">Ends the run early: what was measured until then is returned, marked as interrupted.</param>
    /// <exception cref="LoadPlanException">The plan has mistakes, all of which are told, or the target's process was named and cannot be watched.</exception>
    /// <exception cref="TargetUnreachableException">No connection to the target could be made.</exception>
    /// <exception cref="LoadSetupException">A request of the plan's setup failed; no load was sent.</exception>
    public static async Task<RunFile> RunAsync(
        LoadPlan plan, LoadOptions? options = null, IProgress<LoadProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        options ??= new LoadOptions();
        LoadPlanValidation.ThrowIfInvalid(plan, options);

        var (compiled, target, origins) = await PrepareAsync(plan, options, cancellation);
        using var metrics = MetricsWatch.Create(plan, options, origins);
        if (metrics is not null && plan.Scenarios.Any(scenario => scenario.StartTime + scenario.WarmUp == TimeSpan.Zero))
            await metrics.BeginAsync();
        using var runtime = options.AllocationMetrics is { } url ? MetricsEndpoint.Create(url, plan.Connections.Version, options, origins) : null;
        var allocatedBefore = await AllocatedAsync(runtime, cancellation);
        using var run = ScenarioSet.Start(plan, options, compiled);
        var collected = await RunCollection.CollectAsync(plan, run, target, progress, cancellation, metrics);
        var allocatedAfter = await AllocatedAsync(runtime, CancellationToken.None);
        var teardown = compiled.Teardown is null ? [] : await SequenceRun.RunAsync(plan, options, compiled, compiled.Teardown, CancellationToken.None);
        var file = RunAssembly.Assemble(plan, options, run, collected, target, teardown);

        // A counter that went back is of a process that was started anew meanwhile.
        return allocatedAfter >= allocatedBefore ? file with { TargetAllocatedBytes = (long)(allocatedAfter.Value - allocatedBefore.Value) } : file;
    }

    /// <summary>Everything before the load: reach the target, find its process, setup.</summary>
    internal static async Task<(CompiledPlan Compiled, TargetWatch? Target, IReadOnlyList<Origin> Origins)> PrepareAsync(LoadPlan plan, LoadOptions options, CancellationToken cancellation)
    {
        var origins = await Reachability.CheckAsync(
            plan.AllRequests().Select(request => request.Url), plan.Connections.Version, plan.ConnectTimeout, options, cancellation);
        var target = TargetWatch.Create(
            () => options.TargetProcessId is { } pid
                ? ListeningProcess.WithDescendants(pid)
                : [.. origins.SelectMany(origin => ListeningProcess.Find(origin.Address)).Distinct().Where(pid => pid != Environment.ProcessId)],
            () => ListenerState.Of([.. origins.Select(origin => origin.Address)]));

        if (options.TargetProcessId is { } named && target is null)
            throw new LoadPlanException([new PlanProblem("target process", 0, 0, $"there is no process {named} whose CPU and memory this user may read")]);

        var compiled = new CompiledPlan(plan, origins);
        if (compiled.Setup is not null && await SequenceRun.RunAsync(plan, options, compiled, compiled.Setup, cancellation) is { Count: > 0 } failures)
            throw new LoadSetupException(failures);

        LoadAssembliesNeededLater();
        return (compiled, target, origins);
    }

    /// <returns>Null when the endpoint cannot be read or has no such counter: a figure fewer, not a failed run.</returns>
    private static async Task<double?> AllocatedAsync(MetricsEndpoint? runtime, CancellationToken cancellation)
    {
        try
        {
            return runtime is not null && (await runtime.ReadAsync(cancellation)).Samples is { } samples ? RuntimeMetrics.AllocatedBytes(samples) : null;
        }
        catch (OperationCanceledException)
        {
            // The setup was sent: the run ends as any that is ended early, with its teardown.
            return null;
        }
    }

    /// <summary>
    /// The load may take every file descriptor that this process may have. A library that is first needed then could not be opened any more, and the run and its
    /// figures would be lost to that.
    /// </summary>
    private static void LoadAssembliesNeededLater() => RuntimeHelpers.RunClassConstructor(typeof(Regex).TypeHandle);

    /// <summary>Whether a threshold that was missed or a feeder that ran out ended the run before its time.</summary>
    public static bool WasCutOff(RunFile run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.AbortedBy is not null || run.Warnings.Any(warning => warning is { Code: "feeder-exhausted", Severity: FindingSeverity.Critical });
    }

    /// <summary>Whether requests were made and every one of them failed to connect: the target went away after it was looked for.</summary>
    public static bool NeverConnected(RunFile run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Summary.Requests > 0 && run.ErrorsByKind.Where(entry => WireErrorNames.IsConnectFailure(entry.Key)).Sum(entry => entry.Value) == run.Summary.Requests;
    }
}
