using System.Globalization;
using Headroom.Measurements;

namespace Headroom.Load.Capacity;

/// <summary>Which resource of the target was near its limit at the lowest rate: what ran out first, as far as it can be seen from outside and by what its runtime tells.</summary>
internal static class ExhaustedResources
{
    private const double CpuShareMin = 0.85;
    private const double HandlesShareMin = 0.9;

    /// <summary>Of the requests: a client that gives up now and then is none.</summary>
    private const double RefusedShareMin = 0.01;

    /// <summary>From here on the rest of the program is stopped for long enough to be felt in every percentile.</summary>
    private const double GcPauseShareMin = 0.1;

    /// <summary>A pool that is not starved takes work up at once; in every other look so much of it waits.</summary>
    private const double ThreadPoolQueueMin = 64;

    /// <summary>A server that is not starved accepts as they come.</summary>
    private const double AcceptQueueMin = 64;

    /// <summary>A pool of threads that grows under load grows because requests block them: so many times as many as at the lowest rate, and so many more.</summary>
    private const double ThreadsFactorMin = 2;
    private const double ThreadsMoreMin = 16;

    public static ExhaustedResource? First(IReadOnlyList<CapacityStep> steps)
    {
        var byRate = steps.Where(step => step.Outcome != CapacityOutcome.GeneratorBound).OrderBy(step => step.RatePerSecond).ToArray();
        if (byRate.Length == 0)
            return null;

        // At one rate several may be near their limits: the order of the checks is from cause to consequence.
        var found = byRate.SelectMany(step => Near(step, byRate[0])).ToArray();
        return found.Length == 0 ? null : found.MinBy(resource => resource.RatePerSecond);
    }

    private static IEnumerable<ExhaustedResource> Near(CapacityStep step, CapacityStep lowest)
    {
        if (step is { TargetOpenHandles: { } handles, TargetOpenHandlesMax: > 0 and var handlesMax } && handles >= HandlesShareMin * handlesMax)
            yield return At(step, "file descriptors", Text($"{handles:0} of {handlesMax:0} file descriptors were open"));
        if (!step.TargetWentAway && step.RefusedConnections > RefusedShareMin * step.Requests)
            yield return At(step, "connections", Text($"{step.RefusedConnections} of {step.Requests} requests got no connection, or one that was closed before an answer{(step.TargetConnections is { } open ? Text($", with {open:0} open") : "")}"));
        if (step is { TargetGcPauseShare: >= GcPauseShareMin and var paused })
            yield return At(step, "garbage collection", Text($"collections stopped the target for {100 * paused:0.#} % of the time{(step.TargetHeapBytes is { } heap ? Text($", with a heap of {heap / 1e6:0.#} MB") : "")}"));
        if (step is { TargetCpuCores: { } cores, TargetCpuCoresMax: > 0 and var coresMax } && cores >= CpuShareMin * coresMax)
            yield return At(step, "cpu", Text($"{cores:0.##} of {coresMax:0.##} cores were busy"));
        if (step is { TargetThreadPoolQueue: >= ThreadPoolQueueMin and var waiting })
            yield return At(step, "thread pool", Text($"{waiting:0} pieces of work waited for a thread of the pool"));
        if (step is { TargetThreads: { } threads } && lowest.TargetThreads is { } threadsAtFirst
            && threads >= ThreadsFactorMin * threadsAtFirst && threads - threadsAtFirst >= ThreadsMoreMin)
            yield return At(step, "threads", Text($"{threads:0} threads, {threadsAtFirst:0} at the lowest rate: requests block them"));
        if (step is { TargetAcceptQueue: >= AcceptQueueMin and var queue })
            yield return At(step, "accept queue", Text($"{queue:0} connections waited to be accepted"));
    }

    private static ExhaustedResource At(CapacityStep step, string resource, string evidence) =>
        new() { Resource = resource, RatePerSecond = step.RatePerSecond, Evidence = evidence };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
