using Headroom.Load;
using Headroom.Measurements;

namespace Headroom.Cli.Demo;

/// <summary>How long the demo measures. Rounds alternate which variant goes first, so that a drift of the machine hits all.</summary>
internal sealed record DemoSchedule(int Rounds, TimeSpan WarmUp, TimeSpan Mixed, TimeSpan Alone)
{
    /// <summary>About 40 s in all.</summary>
    public static readonly DemoSchedule Quick = new(2, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(0.2));

    /// <summary>About 4 minutes in all.</summary>
    public static readonly DemoSchedule Full = new(4, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(0.75));

    public TimeSpan Total(int endpoints, int variants) => variants * (WarmUp + (Rounds * (Mixed + (endpoints * Alone))));
}

/// <summary>
/// Measures all variants in interleaved rounds. A round sends, to each in turn, the mixed plan (latency, rate, bytes) and then every endpoint alone
/// for a moment: a process's CPU cannot be told apart by endpoint while all of them run.
/// </summary>
internal sealed class DemoRounds(DemoSchedule schedule, IReadOnlyList<ReferenceApiProcess> apis, Action<string, TimeSpan> report)
{
    private readonly Dictionary<string, Measured> _measured = apis.ToDictionary(api => api.Variant, _ => new Measured(), StringComparer.Ordinal);

    private sealed class Measured
    {
        public List<RunFile> Mixed { get; } = [];

        public Dictionary<string, (double CpuSeconds, long Requests)> Alone { get; } = new(StringComparer.Ordinal);
    }

    /// <summary>In the order of the report: what the others are measured against first.</summary>
    public IEnumerable<string> Variants => apis.Select(api => api.Variant);

    /// <summary>Rounds that all variants completed.</summary>
    public int Completed { get; private set; }

    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var api in apis)
        {
            report($"warming up {api.Variant}", schedule.WarmUp);
            await SendAsync(api, DemoPlan.Mixed(api.Address, TimeSpan.Zero, schedule.WarmUp), cancellation);
        }

        for (var round = 0; round < schedule.Rounds; round++)
        {
            foreach (var api in round % 2 == 0 ? apis : apis.Reverse())
                await RunRoundAsync(api, $"round {round + 1}/{schedule.Rounds}: {api.Variant}", cancellation);
            Completed++;
        }
    }

    /// <summary>The rounds of a variant as one run; CPU per request of each endpoint is from when it ran alone.</summary>
    public RunFile Merged(string variant)
    {
        var measured = _measured[variant];
        var run = RunMerge.Merge([.. measured.Mixed.Take(Completed)]);
        return run with
        {
            RequestsByName = run.RequestsByName.ToDictionary(
                entry => entry.Key,
                entry => measured.Alone.TryGetValue(entry.Key, out var alone) && alone.Requests > 0
                    ? entry.Value with { TargetCpuMicrosecondsPerRequest = alone.CpuSeconds * 1e6 / alone.Requests }
                    : entry.Value,
                StringComparer.Ordinal),
        };
    }

    private async Task RunRoundAsync(ReferenceApiProcess api, string label, CancellationToken cancellation)
    {
        var measured = _measured[api.Variant];
        report($"{label}, all endpoints", schedule.Mixed);
        var mixed = await SendAsync(api, DemoPlan.Mixed(api.Address, TimeSpan.Zero, schedule.Mixed), cancellation);
        foreach (var name in DemoPlan.Names(api.Address))
        {
            report($"{label}, {name}", schedule.Alone);
            var run = await SendAsync(api, DemoPlan.Alone(api.Address, name, schedule.Alone), cancellation);
            var before = measured.Alone.GetValueOrDefault(name);
            measured.Alone[name] = (before.CpuSeconds + (run.Target?.CpuSeconds ?? 0), before.Requests + (run.Target is null ? 0 : run.Summary.Requests));
        }

        measured.Mixed.Add(mixed);
    }

    private static async Task<RunFile> SendAsync(ReferenceApiProcess api, LoadPlan plan, CancellationToken cancellation)
    {
        var run = await LoadRun.RunAsync(plan, new LoadOptions { TargetProcessId = api.ProcessId, Workers = 1 }, cancellation: cancellation);
        cancellation.ThrowIfCancellationRequested();
        return api.Obituary is { } obituary ? throw new IOException(obituary) : run;
    }
}
