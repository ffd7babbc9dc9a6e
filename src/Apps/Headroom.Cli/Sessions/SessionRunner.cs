using Headroom.Cli.CommandLine;
using Headroom.Cli.Demo;
using Headroom.Load;
using Headroom.Measurements;
using Headroom.Measurements.Comparison;

namespace Headroom.Cli.Sessions;

/// <summary>How a session is measured.</summary>
internal sealed record SessionRequest
{
    public required string Title { get; init; }

    public required IReadOnlyList<Variant> Variants { get; init; }

    /// <summary>The plan against an address: the same for every variant but for the host.</summary>
    public required Func<Uri, LoadPlan> PlanFor { get; init; }

    public required int Blocks { get; init; }

    public required int Seed { get; init; }

    /// <summary>Load that each variant gets before anything is measured.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>Path that answers when a variant is ready.</summary>
    public required string Ready { get; init; }

    public required TimeSpan StartTimeout { get; init; }

    /// <summary>Path of the variants' metrics; null asks for none.</summary>
    public string? Metrics { get; init; }

    public required LoadOptions LoadOptions { get; init; }

    public bool Quiet { get; init; }

    /// <summary>What it takes, starting and ending the variants left out.</summary>
    public TimeSpan Length
    {
        get
        {
            var scenarios = PlanFor(new Uri("http://127.0.0.1:1")).Scenarios;
            return Variants.Count * (WarmUp + (Blocks * (scenarios.Count == 0 ? TimeSpan.Zero : scenarios.Max(scenario => scenario.StartTime + scenario.Duration))));
        }
    }
}

/// <summary>
/// Measures variants beside each other: start all → warm each with the plan's load → blocks in random order → end all. All of them live from the first block to the last, so that none is
/// ever cold; only one gets load at a time.
/// </summary>
internal static class SessionRunner
{
    /// <returns>The runs of every whole block; interrupted when there are fewer than asked for.</returns>
    /// <exception cref="IOException">A variant could not be started, or ended.</exception>
    public static async Task<SessionFile> RunAsync(SessionRequest request, TimeProvider time, CancellationToken cancellation)
    {
        var startedAt = time.GetUtcNow();
        var running = new List<VariantProcess>();
        var runs = new List<SessionRun>();
        var interrupted = false;
        await using var progress = DemoProgress.Create(request.Quiet);
        progress.Total = request.Length;
        try
        {
            foreach (var variant in request.Variants)
            {
                progress.Step($"starting {variant.Name}", TimeSpan.Zero);
                running.Add(await VariantProcess.StartAsync(variant, request.Ready, request.StartTimeout, cancellation));
            }

            foreach (var process in running)
            {
                progress.Step($"warming up {process.Variant.Name}", request.WarmUp);
                await WarmUpAsync(request, process, cancellation);
            }

            await MeasureAsync(request, running, runs, progress, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            interrupted = true;
        }
        finally
        {
            await Task.WhenAll(running.Select(process => process.DisposeAsync().AsTask()));
        }

        return new SessionFile
        {
            Title = request.Title,
            StartedAt = startedAt,
            Seed = request.Seed,
            Interrupted = interrupted,
            Variants = [.. request.Variants.Select(variant => new SessionVariant { Name = variant.Name, Source = variant.Source })],
            Runs = runs,
        };
    }

    private static async Task MeasureAsync(SessionRequest request, List<VariantProcess> running, List<SessionRun> runs, DemoProgress progress, CancellationToken cancellation)
    {
        var block = 0;
        foreach (var order in new SessionSchedule(running.Count, request.Blocks, request.Seed).Orders())
        {
            block++;
            var measured = new List<SessionRun>();
            foreach (var variant in order)
            {
                var process = running[variant];
                var plan = Unwarmed(request.PlanFor(process.Address));
                progress.Step($"block {block}/{request.Blocks}, {process.Variant.Name}", LengthOf(plan));
                var run = await SendAsync(request, process, plan, cancellation);
                measured.Add(new SessionRun { Variant = process.Variant.Name, Block = block, Position = measured.Count + 1, Run = run });
            }

            // Only whole blocks are kept: half of one has nothing to be paired with.
            runs.AddRange(measured);
        }
    }

    private static async Task WarmUpAsync(SessionRequest request, VariantProcess process, CancellationToken cancellation)
    {
        if (request.WarmUp <= TimeSpan.Zero)
            return;
        var plan = Unwarmed(request.PlanFor(process.Address));
        await SendAsync(request, process, plan with { Scenarios = WarmingScenarios(plan, request.WarmUp), Targets = [], AbortingTargets = [] }, cancellation);
    }

    /// <summary>The plan's own load where its length can be changed, else a closed loop over its requests.</summary>
    private static IReadOnlyList<Scenario> WarmingScenarios(LoadPlan plan, TimeSpan length) =>
        plan.Scenarios.All(scenario => scenario.Executor is ExecutorKind.ConstantVus or ExecutorKind.ConstantArrivalRate)
            ? [.. plan.Scenarios.Select(scenario => scenario with { Duration = length, StartTime = TimeSpan.Zero })]
            : DefaultScenarios.For(new DefaultScenarios.Wishes { Connections = 4, Duration = length, WarmUp = TimeSpan.Zero });

    /// <summary>Every variant is warm already.</summary>
    private static LoadPlan Unwarmed(LoadPlan plan) => plan with { Scenarios = [.. plan.Scenarios.Select(scenario => scenario with { WarmUp = TimeSpan.Zero })] };

    private static async Task<RunFile> SendAsync(SessionRequest request, VariantProcess process, LoadPlan plan, CancellationToken cancellation)
    {
        var options = request.LoadOptions with
        {
            TargetProcessId = process.ProcessId,
            AllocationMetrics = request.Metrics is { } path ? new Uri(process.Address, path) : null,
        };
        var run = await LoadRun.RunAsync(plan, options, cancellation: cancellation);
        cancellation.ThrowIfCancellationRequested();
        if (process.Obituary is { } obituary)
            throw new IOException(obituary);
        return run.Summary.Requests > 0 && !LoadRun.NeverConnected(run) ? run
            : throw new UsageException($"'{process.Variant.Name}' answered nothing at {process.Address}; try its plan alone with 'headroom bench PLAN --base-url {process.Address}'.");
    }

    private static TimeSpan LengthOf(LoadPlan plan) => plan.Scenarios.Count == 0 ? TimeSpan.Zero : plan.Scenarios.Max(scenario => scenario.StartTime + scenario.Duration);
}
