using Headroom.Load.Target;
using Headroom.Load.Wire;

namespace Headroom.Load.Capacity;

/// <summary>What the target's runtime told during a step; each null where it does not tell that.</summary>
/// <param name="GcPauseShare">Part of the time for which garbage collections had stopped it, 0 to 1.</param>
/// <param name="HeapBytes">Managed heap, the highest look.</param>
/// <param name="ThreadPoolQueue">Work that waited for a thread, in the median look.</param>
internal sealed record RuntimeUsage(double? GcPauseShare, double? HeapBytes, double? ThreadPoolQueue);

/// <summary>Looks at the metrics of the target's runtime once a second while a step goes on, without ever holding the step up.</summary>
internal sealed class RuntimeWatch : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly MetricsEndpoint _endpoint;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending = new();
    private readonly List<Look> _looks = [];
    private readonly Task _looking;

    private RuntimeWatch(MetricsEndpoint endpoint, TimeProvider time)
    {
        _endpoint = endpoint;
        _time = time;
        _looking = LookForEverAsync();
    }

    internal sealed record Look(double AtSeconds, double? GcPauseSeconds, double? HeapBytes, double? ThreadPoolQueue);

    /// <summary>Whether the endpoint tells anything of a runtime: otherwise it is not asked again.</summary>
    public static async Task<bool> TellsAnythingAsync(MetricsEndpoint endpoint, CancellationToken cancellation) =>
        (await endpoint.ReadAsync(cancellation)).Samples is { } samples && LookAt(0, samples) is not { GcPauseSeconds: null, HeapBytes: null, ThreadPoolQueue: null };

    public static RuntimeWatch Start(MetricsEndpoint endpoint, TimeProvider time) => new(endpoint, time);

    /// <summary>What it told until now. An answer that an overloaded target still owes is not waited for.</summary>
    public async Task<RuntimeUsage> EndAsync()
    {
        await _ending.CancelAsync();
        await _looking;
        return UsageOf(_looks);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _ending.Dispose();
    }

    /// <param name="looks">In the order of time.</param>
    internal static RuntimeUsage UsageOf(IReadOnlyList<Look> looks)
    {
        var paused = looks.Where(look => look.GcPauseSeconds is not null).ToArray();
        var seconds = paused.Length > 1 ? paused[^1].AtSeconds - paused[0].AtSeconds : 0;

        // A counter that went back is of a process that was started anew meanwhile.
        var growth = seconds > 0 ? paused[^1].GcPauseSeconds - paused[0].GcPauseSeconds : null;
        var queue = looks.Select(look => look.ThreadPoolQueue).OfType<double>().Order().ToArray();
        return new RuntimeUsage(growth >= 0 ? Math.Min(1, growth.Value / seconds) : null, looks.Max(look => look.HeapBytes), queue.Length > 0 ? queue[(queue.Length - 1) / 2] : null);
    }

    private static Look LookAt(double seconds, PrometheusSamples samples) =>
        new(seconds, RuntimeMetrics.GcPauseSeconds(samples), RuntimeMetrics.HeapBytes(samples), RuntimeMetrics.ThreadPoolQueue(samples));

    private async Task LookForEverAsync()
    {
        try
        {
            while (true)
            {
                // The runtime counted a moment before its answer was here: half of the way is as near as one gets.
                var asked = MonotonicClock.NowNs;
                var samples = (await _endpoint.ReadAsync(_ending.Token)).Samples;
                if (samples is not null)
                    _looks.Add(LookAt((asked + MonotonicClock.NowNs) / 2e9, samples));
                await Task.Delay(Pause, _time, _ending.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The step has ended.
        }
    }
}
