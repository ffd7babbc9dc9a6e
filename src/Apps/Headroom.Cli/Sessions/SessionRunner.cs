using System.Globalization;
using System.Runtime.ExceptionServices;
using Headroom.Cli.CommandLine;
using Headroom.Cli.Demo;
using Headroom.Load;
using Headroom.Load.Plans;
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

    /// <summary>The plan's file, and those that it names.</summary>
    public IReadOnlyList<string> SourceFiles { get; init; } = [];

    public required int Blocks { get; init; }

    public required int Seed { get; init; }

    /// <summary>Load that each variant gets before anything is measured.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>Whether the warm-up then goes on, for at most <see cref="SessionRunner.SettlingMax"/> times as long, until what a request costs has stopped falling.</summary>
    public bool Settles { get; init; }

    /// <summary>Turns in which the runs of a block are sent; null takes as many as fit the load.</summary>
    public int? Turns { get; init; } = 1;

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

/// <summary>What was measured, and what ended it before its last block, if something other than the user did.</summary>
internal sealed record SessionOutcome(SessionFile Session, Exception? Failure)
{
    /// <summary>To be called once the blocks that there are have been reported.</summary>
    public void ThrowIfFailed()
    {
        if (Failure is not null)
            ExceptionDispatchInfo.Throw(Failure);
    }
}

/// <summary>
/// Measures variants beside each other: start all → warm each with the plan's load, until it has settled → blocks in random order, the runs of each in turns → end all. All of them live from
/// the first block to the last, so that none is ever cold; only one gets load at a time.
/// </summary>
internal static class SessionRunner
{
    /// <summary>Warm-ups that it may take until variants have settled.</summary>
    public const int SettlingMax = 3;

    /// <summary>A variant that runs, and what it is sent: read once, and without a warm-up of its own, since every variant is warm already.</summary>
    private sealed record Side(VariantProcess Process, LoadPlan Plan);

    /// <returns>The runs of every whole block; interrupted when there are fewer than asked for, by the user or by a failure behind the first of them.</returns>
    /// <exception cref="IOException">A variant could not be started, or ended before the first block was whole.</exception>
    public static async Task<SessionOutcome> RunAsync(SessionRequest request, TimeProvider time, CancellationToken cancellation)
    {
        var startedAt = time.GetUtcNow();
        var running = new List<VariantProcess>();
        var runs = new List<SessionRun>();
        Exception? failure = null;
        string? unsettled = null;
        await using var progress = DemoProgress.Create(request.Quiet);
        progress.Total = request.Length;
        try
        {
            foreach (var variant in request.Variants)
            {
                progress.Step($"starting {variant.Name}", TimeSpan.Zero);
                running.Add(await VariantProcess.StartAsync(variant, request.Ready, request.StartTimeout, cancellation));
            }

            var sides = running.ConvertAll(process => new Side(process, Unwarmed(request.PlanFor(process.Address))));
            TimeSpan? turn = null;
            if (request.WarmUp > TimeSpan.Zero)
            {
                foreach (var side in sides)
                {
                    progress.Step($"warming up {side.Process.Variant.Name}", request.WarmUp);
                    var shortest = SessionTurns.ShortestOf(await WarmUpAsync(request, side, request.WarmUp, cancellation));
                    turn = turn > shortest ? turn : shortest;
                }
            }

            if (request.Settles && turn is { } settling && SessionTurns.SendTheSame(sides[0].Plan))
                unsettled = await SettleAsync(request, sides, settling, progress, cancellation);
            var turns = request.Turns ?? (turn is { } least ? SessionTurns.Automatic(sides[0].Plan, least) : 1);
            await MeasureAsync(request, sides, turns, runs, progress, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // What there is by then is told below.
        }
        catch (Exception e) when (runs.Count > 0)
        {
            failure = e;
        }
        finally
        {
            await Task.WhenAll(running.Select(process => process.DisposeAsync().AsTask()));
        }

        // Not while the progress is drawn, which would draw over it.
        await progress.DisposeAsync();
        if (unsettled is not null)
            await Console.Error.WriteLineAsync(unsettled);
        var blocks = runs.Count / request.Variants.Count;
        if (blocks > 0 && blocks < request.Blocks)
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Ended after {blocks} of {request.Blocks} blocks: this is what those say."));
        return new SessionOutcome(new SessionFile
        {
            Title = request.Title,
            StartedAt = startedAt,
            Seed = request.Seed,
            Interrupted = blocks < request.Blocks,
            Variants = [.. request.Variants.Select(variant => new SessionVariant { Name = variant.Name, Source = variant.Source })],
            Runs = runs,
        }, failure);
    }

    private static async Task MeasureAsync(SessionRequest request, List<Side> sides, int turns, List<SessionRun> runs, DemoProgress progress, CancellationToken cancellation)
    {
        foreach (var (i, orders) in new SessionSchedule(sides.Count, request.Blocks * turns, request.Seed).Orders().Chunk(turns).Index())
        {
            var block = i + 1;
            var measured = sides.ConvertAll(_ => new List<RunFile>());
            foreach (var (turn, variant) in orders.Index().SelectMany(order => order.Item.Select(variant => (order.Index, variant))))
            {
                var side = sides[variant];
                var plan = SessionTurns.Cut(side.Plan, turns, turn);
                progress.Step($"block {block}/{request.Blocks}, {side.Process.Variant.Name}", LengthOf(plan));
                measured[variant].Add(await SendAsync(request, side.Process, plan, cancellation));
            }

            // Only whole blocks are kept: half of one has nothing to be paired with.
            foreach (var (place, variant) in orders[0].Index())
                runs.Add(new SessionRun { Variant = sides[variant].Process.Variant.Name, Block = block, Position = place + 1, Run = SessionTurns.OneOf(measured[variant]) });
        }
    }

    private static Task<RunFile> WarmUpAsync(SessionRequest request, Side side, TimeSpan length, CancellationToken cancellation) =>
        SendAsync(request, side.Process, side.Plan with { Scenarios = WarmingScenarios(side.Plan, length), Targets = [], AbortingTargets = [] }, cancellation);

    /// <summary>Turns of all variants until what a request costs has stopped falling; a load that takes too long for that is left as warm as it is.</summary>
    /// <returns>What to tell of variants that never stopped; null when all did.</returns>
    private static async Task<string?> SettleAsync(SessionRequest request, List<Side> sides, TimeSpan turn, DemoProgress progress, CancellationToken cancellation)
    {
        var turnsMax = (int)(SettlingMax * request.WarmUp / turn);
        if (turnsMax < SessionWarmUp.TurnsMin)
            return null;
        var costs = new SessionWarmUp(sides.Count);
        foreach (var order in new SessionSchedule(sides.Count, turnsMax, request.Seed).Orders().TakeWhile(_ => !costs.IsSettled))
        {
            foreach (var variant in order)
            {
                progress.Step("settling", TimeSpan.Zero);
                costs.Add(variant, await WarmUpAsync(request, sides[variant], turn, cancellation));
            }
        }

        if (costs.IsSettled)
            return null;
        var falling = sides.Index().Where(entry => costs.FallOf(entry.Index) is > SessionWarmUp.FallMax).Select(entry => entry.Item.Process.Variant.Name);
        return string.Create(CultureInfo.InvariantCulture, $"What a request costs still fell ({string.Join(", ", falling)}) when the blocks began; take a longer --warmup than {request.WarmUp.TotalSeconds:0.###}s.");
    }

    /// <summary>The plan's own load where its length can be changed, else a closed loop over its requests.</summary>
    private static IReadOnlyList<Scenario> WarmingScenarios(LoadPlan plan, TimeSpan length) =>
        plan.Scenarios.All(scenario => scenario.Executor is ExecutorKind.ConstantVus or ExecutorKind.ConstantArrivalRate)
            ? [.. plan.Scenarios.Select(scenario => scenario with { Duration = length, StartTime = TimeSpan.Zero })]
            : DefaultScenarios.For(new DefaultScenarios.Wishes { Connections = 4, Duration = length, WarmUp = TimeSpan.Zero });

    private static LoadPlan Unwarmed(LoadPlan plan) => plan with { Scenarios = [.. plan.Scenarios.Select(scenario => scenario with { WarmUp = TimeSpan.Zero })] };

    private static async Task<RunFile> SendAsync(SessionRequest request, VariantProcess process, LoadPlan plan, CancellationToken cancellation)
    {
        var options = request.LoadOptions with
        {
            TargetProcessId = process.ProcessId,
            AllocationMetrics = request.Metrics is { } path ? new Uri(process.Address, path) : null,
        };
        RunFile run;
        try
        {
            run = await LoadRun.RunAsync(plan, options, cancellation: cancellation);
        }
        catch (Exception e) when (e is TargetUnreachableException or LoadPlanException or LoadSetupException)
        {
            // It ended while others were measured: that nothing listens there any more is not what happened.
            if (await process.ObituaryOfOneThatEndsAsync() is { } ended)
                throw new IOException(ended, e);
            throw;
        }

        cancellation.ThrowIfCancellationRequested();
        if (process.Obituary is { } obituary)
            throw new IOException(obituary);
        var neverConnected = LoadRun.NeverConnected(run);
        if (run.Summary.Requests > 0 && !neverConnected)
            return run;
        var message = $"'{process.Variant.Name}' answered nothing at {process.Address}; try its plan alone with 'headroom bench PLAN --base-url {process.Address}'.";
        throw neverConnected && process.ProcessId is null ? new AddressUnreachableException(message) : new UsageException(message);
    }

    private static TimeSpan LengthOf(LoadPlan plan) => plan.Scenarios.Count == 0 ? TimeSpan.Zero : plan.Scenarios.Max(scenario => scenario.StartTime + scenario.Duration);
}
