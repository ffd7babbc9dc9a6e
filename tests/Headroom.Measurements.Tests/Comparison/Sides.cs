using Headroom.Measurements.Comparison;
using Headroom.Measurements.Tests.Statistics;

namespace Headroom.Measurements.Tests.Comparison;

/// <summary>Pairs of runs whose figures are known.</summary>
internal static class Sides
{
    /// <param name="random">Of the noise.</param>
    /// <param name="pairs">How many.</param>
    /// <param name="factor">What the second side's CPU and latency are multiplied by.</param>
    /// <param name="noise">Standard deviation of the logarithm of every figure.</param>
    /// <param name="controlFactor">What the control is multiplied by; null for none.</param>
    /// <param name="endpoints">Request names.</param>
    /// <param name="requests">Of each run.</param>
    public static RunPair[] Of(Random random, int pairs, double factor, double noise, double? controlFactor = 1, int endpoints = 1, long requests = 2000) =>
        [.. Enumerable.Range(0, pairs).Select(_ => new RunPair(
            Run(random, 1, noise, endpoints, requests),
            Run(random, factor, noise, endpoints, requests),
            controlFactor is { } other ? Run(random, other, noise, endpoints, requests) : null))];

    public static RunFile Run(Random random, double factor, double noise, int endpoints = 1, long requests = 2000)
    {
        var all = SampleRun.Complete();
        return all with
        {
            TargetAllocatedBytes = (long)(10_000 * (requests + all.WarmUp.Requests) * Noisy()),
            Summary = Summary(all.Summary, cpu: 100 * factor * Noisy()),
            RequestsByName = Enumerable.Range(1, endpoints).ToDictionary(i => $"GET /{i}", _ => Summary(all.Summary, cpu: null), StringComparer.Ordinal),
        };

        RequestSummary Summary(RequestSummary summary, double? cpu) => summary with
        {
            Requests = requests,
            Errors = 0,
            TargetCpuMicrosecondsPerRequest = cpu,
            RequestsPerSecond = 1000 / factor * Noisy(),
            LatencyMs = summary.LatencyMs with { P50 = 5 * factor * Noisy(), P99 = 20 * factor * Noisy() },
        };

        double Noisy() => Math.Exp(noise * NormalNoise.Next(random));
    }
}
