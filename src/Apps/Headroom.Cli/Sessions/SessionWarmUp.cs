using Headroom.Load;
using Headroom.Measurements;

namespace Headroom.Cli.Sessions;

/// <summary>
/// Whether variants that take turns have come to rest: the median of the last five turns of none is below that of the five before by more than 5 %. A just-in-time compiler and a growing heap
/// go on for longer than any fixed time that would suit everybody; 8 s of load left a .NET API at three times the CPU per request that it had 5 s later (benchmarks/compare).
/// </summary>
internal sealed class SessionWarmUp(int variants)
{
    private const int Window = 5;

    /// <summary>A fall of more than this is none of chance.</summary>
    public const double FallMax = 0.05;

    private readonly List<double>[] _costs = [.. Enumerable.Range(0, variants).Select(_ => new List<double>())];

    /// <summary>The fewest turns that can tell.</summary>
    public const int TurnsMin = 2 * Window;

    public bool IsSettled => Array.TrueForAll(_costs, costs => FallOf(costs) is <= FallMax);

    /// <summary>How much less the variant's last turns cost than those before: 0.1 is 10 %; null with too few turns.</summary>
    public double? FallOf(int variant) => FallOf(_costs[variant]);

    public void Add(int variant, RunFile turn) =>
        _costs[variant].Add(turn.Summary.TargetCpuMicrosecondsPerRequest ?? turn.Target?.CpuMicrosecondsPerRequest ?? turn.Summary.LatencyMs.P50);

    private static double? FallOf(List<double> costs)
    {
        if (costs.Count < TurnsMin)
            return null;
        var (before, last) = (MedianOf(costs[^TurnsMin..^Window]), MedianOf(costs[^Window..]));
        return before > 0 ? 1 - (last / before) : 0;
    }

    private static double MedianOf(List<double> values) => values.Order().ElementAt(Window / 2);
}
