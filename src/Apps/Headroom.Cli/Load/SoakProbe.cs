using System.Globalization;
using Headroom.Cli.Bench;
using Headroom.Load;
using Headroom.Measurements;

namespace Headroom.Cli.Load;

/// <summary>Finds the rate of a soak: half of the iterations a second that a short closed loop gets through.</summary>
internal static class SoakProbe
{
    /// <summary>A target that fails more often than this at full load has not shown what it can take.</summary>
    private const double ErrorRateMax = 0.05;

    /// <returns>Null when the probe says nothing, which was told.</returns>
    public static async Task<double?> FindRateAsync(LoadPlan plan, BenchRequest request, CancellationToken cancellation)
    {
        // What the plan is judged by holds for its load, not for the probe's.
        var probe = plan with { Scenarios = [LoadProfiles.Probe], HasDefaultScenarios = false, Targets = [], AbortingTargets = [] };
        var run = await BenchRun.SendAsync(probe, request, cancellation);
        if (run.Interrupted)
            return null;
        var perSecond = run.Iterations?.PerSecond ?? run.Summary.RequestsPerSecond;
        if (run.Summary.ErrorRate > ErrorRateMax || perSecond <= 0)
        {
            await Console.Error.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"The probe found no rate to soak at: {run.Summary.ErrorRate:0.#%} of {run.Summary.Requests} requests failed with {LoadProfiles.Probe.Connections} connections. Look at headroom bench first, or give --rate."));
            return null;
        }

        var rate = Math.Min(perSecond / 2, LoadLimits.RateMax);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Probe: {perSecond:0.#} iterations/s with {LoadProfiles.Probe.Connections} VUs; soaking at half of that, {rate:0.#}/s."));
        return rate;
    }
}
