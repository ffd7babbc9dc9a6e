using Headroom.Load.Capacity;
using Headroom.Load.Plans;
using Headroom.Load.Wire;
using Headroom.Measurements;

namespace Headroom.Load;

/// <summary>
/// Finds the highest arrival rate that meets objectives: reach the target and set it up once → measure how quick it is alone → send a rate, judge it, wait until the target has
/// recovered, and again with the rate that <see cref="CapacitySearch"/> asks for → teardown → one run file with the capacity in it (docs/capacity.md).
/// </summary>
public static class CapacityRun
{
    /// <summary>Of a run file's plan: its digest is of the requests alone, whatever rates were tried.</summary>
    private static readonly Scenario DigestScenario =
        new() { Name = StepPlan.ScenarioName, Executor = ExecutorKind.ConstantArrivalRate, RatePerSecond = 1, Connections = 1, Duration = TimeSpan.FromSeconds(1) };

    /// <summary>Searches, and returns the run of the highest rate that met the objectives (of the lowest when none did), with <see cref="RunFile.Capacity"/> set.</summary>
    /// <param name="plan">What to send; its scenarios and targets are not used.</param>
    /// <param name="capacity">What to find out.</param>
    /// <param name="options">How to run it here.</param>
    /// <param name="progress">Told when a step begins and when it has ended.</param>
    /// <param name="cancellation">Ends it early: the step under way is dropped, and what the others showed is returned, marked as interrupted.</param>
    /// <exception cref="ArgumentException">The options have mistakes, all of which are told (<see cref="CapacityOptions.Validate"/>).</exception>
    /// <exception cref="LoadPlanException">
    /// The plan has mistakes, all of which are told; an objective is about something that the plan has not; or the target's process was named, or an objective is about it, and it
    /// cannot be watched.
    /// </exception>
    /// <exception cref="TargetUnreachableException">No connection to the target could be made, or it stopped answering before the first step.</exception>
    /// <exception cref="LoadSetupException">A request of the plan's setup failed; no load was sent.</exception>
    /// <exception cref="OperationCanceledException">It was ended before the first step had.</exception>
    public static async Task<RunFile> RunAsync(
        LoadPlan plan, CapacityOptions capacity, LoadOptions? options = null, IProgress<CapacityProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(capacity);
        options ??= new LoadOptions();
        if (capacity.Validate() is { Count: > 0 } mistakes)
            throw new ArgumentException(string.Join('\n', mistakes), nameof(capacity));
        plan = plan with { Scenarios = [DigestScenario], HasDefaultScenarios = false, Targets = [], AbortingTargets = [] };
        LoadPlanValidation.ThrowIfInvalid(plan with { Targets = capacity.Objectives }, options);
        ThrowIfAny(plan, CapacityValidation.CheckObjectives(capacity.Objectives, plan));

        using var session = await CapacitySession.OpenAsync(plan, options, capacity, cancellation);
        try
        {
            if (!session.SeesTarget)
                ThrowIfAny(plan, CapacityValidation.CheckUnseen(capacity.Objectives));
            var steps = new CapacitySteps(session, capacity, progress);
            var end = await steps.RunAsync(cancellation);
            return Assemble(plan, capacity, steps, end);
        }
        finally
        {
            await session.CloseAsync();
        }
    }

    private static void ThrowIfAny(LoadPlan plan, IEnumerable<string> mistakes)
    {
        if (mistakes.Select(mistake => new PlanProblem($"plan '{plan.Name}'", 0, 0, mistake)).ToArray() is { Length: > 0 } problems)
            throw new LoadPlanException(problems);
    }

    private static RunFile Assemble(LoadPlan plan, CapacityOptions capacity, CapacitySteps steps, CapacityEnd end)
    {
        var result = CapacityResults.Of(capacity, steps.Search, end, steps.Figures, steps.Seen, plan.Seed);
        var objectives = capacity.Objectives.Select(text => ThresholdExpression.TryParse(text, out var expression, out _) ? expression.Evaluate(steps.Shown!) : null).OfType<ThresholdResult>();
        var gate = capacity.MinimumPerSecond is { } minimum ? new[] { GateOf(minimum, result) } : [];
        return steps.Shown! with
        {
            Plan = steps.Shown.Plan with { Digest = PlanDigest.Of(plan) },
            Interrupted = end == CapacityEnd.Interrupted,
            Thresholds = [.. objectives, .. gate],
            Warnings = [.. CapacityFindings.Of(result), .. steps.Shown.Warnings],
            Capacity = result,
        };
    }

    /// <summary>Passed when the estimate reaches it; undecided when the search ended without one that says so.</summary>
    private static ThresholdResult GateOf(double minimum, CapacityResult result)
    {
        var passed = result.RatePerSecond >= minimum;
        var undecided = !passed && result.EndedBy is CapacityEnd.GeneratorLimit or CapacityEnd.Interrupted && (result.HighPerSecond is null || result.HighPerSecond >= minimum);
        return new ThresholdResult
        {
            Expression = $"capacity>={Quantity.Text(minimum)}/s",
            Observed = result.RatePerSecond,
            ObservedText = $"{Quantity.Text(Math.Round(result.RatePerSecond, 1))} /s",
            Passed = passed,
            Undecided = !passed && undecided,
            Reason = !passed && undecided ? $"{result.Reason}, so that the capacity is not known to be below it" : null,
        };
    }
}
