using Headroom.Load.Plans;
using Headroom.Load.Recording;
using Headroom.Load.Target;
using Headroom.Load.Wire;
using Headroom.Measurements;

namespace Headroom.Load;

/// <summary>
/// Runs a plan: validate → reach the target → start each scenario's workers → collect seconds and target samples while they send → one run file.
/// </summary>
public static class LoadRun
{
    private static readonly TimeSpan CollectEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>Sends the plan's load and returns what came back.</summary>
    /// <param name="plan">What to send.</param>
    /// <param name="options">How to run it here.</param>
    /// <param name="progress">Called about five times a second while it runs.</param>
    /// <param name="cancellation">Ends the run early: what was measured until then is returned, marked as interrupted.</param>
    /// <exception cref="LoadPlanException">The plan has mistakes, all of which are told, or the target's process was named and cannot be watched.</exception>
    /// <exception cref="TargetUnreachableException">No connection to the target could be made.</exception>
    public static async Task<RunFile> RunAsync(
        LoadPlan plan, LoadOptions? options = null, IProgress<LoadProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        options ??= new LoadOptions();
        LoadPlanValidation.ThrowIfInvalid(plan, options);

        var origins = await Reachability.CheckAsync(
            plan.Requests.Select(request => request.Url), plan.ConnectTimeout, options.Tls, cancellation);
        var target = TargetWatch.Create(() => options.TargetProcessId is { } pid
            ? ListeningProcess.WithDescendants(pid)
            : [.. origins.SelectMany(origin => ListeningProcess.Find(origin.Address)).Distinct().Where(pid => pid != Environment.ProcessId)]);

        if (options.TargetProcessId is { } named && target is null)
            throw new LoadPlanException([new PlanProblem("target process", 0, 0, $"there is no process {named} whose CPU and memory this user may read")]);

        using var run = ScenarioSet.Start(plan, options, origins);
        var generator = GeneratorWatch.Start();
        var series = new SeriesBuilder([.. plan.Scenarios.Select(scenario => scenario.Name)]);
        var interrupted = await CollectAsync(plan, run, series, target, generator, progress, cancellation);
        return RunAssembly.Assemble(plan, options, run, series, target, generator, interrupted);
    }

    /// <summary>Whether requests were made and every one of them failed to connect: the target went away after it was looked for.</summary>
    public static bool NeverConnected(RunFile run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Summary.Requests > 0 && run.ErrorsByKind.Where(entry => WireErrorNames.IsConnectFailure(entry.Key)).Sum(entry => entry.Value) == run.Summary.Requests;
    }

    /// <summary>Until every worker has finished: moves ended seconds from workers to the series, samples the target, reports progress.</summary>
    private static async Task<bool> CollectAsync(
        LoadPlan plan,
        ScenarioSet run,
        SeriesBuilder series,
        TargetWatch? target,
        GeneratorWatch generator,
        IProgress<LoadProgress>? progress,
        CancellationToken cancellation)
    {
        var interrupted = false;
        long requests = 0, errors = 0;
        using var stopping = cancellation.Register(run.Stop);
        while (true)
        {
            var finished = run.Finished;
            await Task.WhenAny(finished, Task.Delay(UntilNextLook(run.MeasureFromNs), CancellationToken.None));
            target?.TakeSample();
            var now = MonotonicClock.NowNs;
            generator.MeasureFrom(now, run.MeasureFromNs);
            while (run.Slices.TryTake(out var slice))
            {
                requests += slice.Requests;
                errors += slice.Errors;
                series.Add(slice);
                run.Slices.Return(slice);
            }

            if (finished.IsCompleted)
            {
                await finished;
                generator.Stop();
                interrupted = cancellation.IsCancellationRequested;
                break;
            }

            progress?.Report(ProgressAt(plan, run, now, requests, errors, series.Latest));
        }

        return interrupted;
    }

    /// <summary>The look at which measuring begins comes in time, so that all of its CPU is counted.</summary>
    private static TimeSpan UntilNextLook(long measureFromNs)
    {
        var rest = TimeSpan.FromMicroseconds((measureFromNs - MonotonicClock.NowNs) / 1000.0);
        return rest > TimeSpan.Zero && rest < CollectEvery ? rest + TimeSpan.FromMilliseconds(1) : CollectEvery;
    }

    private static LoadProgress ProgressAt(LoadPlan plan, ScenarioSet run, long now, long requests, long errors, SeriesPoint? latest)
    {
        var elapsed = TimeSpan.FromMicroseconds((now - run.StartNs) / 1000.0);
        return new LoadProgress
        {
            Active = [.. plan.Scenarios.Where(scenario => elapsed >= scenario.StartTime && elapsed < scenario.End).Select(scenario => scenario.Name)],
            WarmingUp = now < run.MeasureFromNs,
            Elapsed = elapsed,
            Total = plan.Scenarios.Max(scenario => scenario.End),
            Requests = requests,
            Errors = errors,
            LatestSecond = latest,
        };
    }
}
