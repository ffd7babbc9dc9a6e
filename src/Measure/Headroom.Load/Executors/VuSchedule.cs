using System.Runtime.InteropServices;

namespace Headroom.Load.Executors;

/// <summary>
/// How many VUs a closed model wants at a time: a pure function of the time. VU number n (from 0) is wanted while there are more than n, so workers
/// share one schedule by owning every n-th VU. On its way up a ramp adds a VU whenever the line reaches a whole number; on its way down it takes one away
/// whenever the line has left one.
/// </summary>
internal sealed class VuSchedule
{
    public const long Never = long.MaxValue;

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Line(double StartNs, double EndNs, double From, double To);

    private readonly Line[] _lines;
    private readonly double _last;

    /// <param name="start">VUs at time 0.</param>
    /// <param name="stages">Straight lines one after another; none keeps <paramref name="start"/>.</param>
    public VuSchedule(double start, IReadOnlyList<Stage> stages)
    {
        var lines = new List<Line>();
        double time = 0;
        _last = start;
        foreach (var stage in stages)
        {
            var end = time + stage.Duration.TotalNanoseconds;
            if (end > time)
                lines.Add(new Line(time, end, _last, stage.Target));
            time = end;
            _last = stage.Target;
        }

        _lines = [.. lines];
    }

    public static VuSchedule For(Scenario scenario) =>
        scenario.Executor == ExecutorKind.RampingVus ? new VuSchedule(scenario.StartLevel, scenario.Stages) : new VuSchedule(scenario.Connections, []);

    public int VusAt(long ns)
    {
        foreach (var line in _lines)
        {
            if (ns < line.EndNs)
                return VusOn(line, ns);
        }

        return (int)_last;
    }

    /// <summary>The first time after <paramref name="ns"/> at which the number is another one.</summary>
    public long NextChangeNs(long ns)
    {
        var now = VusAt(ns);
        foreach (var line in _lines)
        {
            if (line.EndNs <= ns)
                continue;
            var from = Math.Max(ns, (long)line.StartNs);
            if (VusOn(line, from) != now)
                return from;
            if (NextOn(line, from, now) is { } change)
                return change;
        }

        var end = _lines.Length > 0 ? (long)_lines[^1].EndNs : 0;
        return end > ns && (int)_last != now ? end : Never;
    }

    private static int VusOn(Line line, long ns)
    {
        var level = line.From + ((line.To - line.From) * (ns - line.StartNs) / (line.EndNs - line.StartNs));

        // A billionth of a VU makes up for rounding, so that the time at which a whole number is reached is that time.
        return (int)(line.To >= line.From ? Math.Floor(level + 1e-9) : Math.Ceiling(level - 1e-9));
    }

    /// <summary>When the line's number first is not <paramref name="now"/>, by bisection over nanoseconds; null when it stays.</summary>
    private static long? NextOn(Line line, long from, int now)
    {
        long same = from, other = (long)line.EndNs - 1;
        if (other <= same || VusOn(line, other) == now)
            return null;
        while (other - same > 1)
        {
            var middle = same + ((other - same) / 2);
            if (VusOn(line, middle) == now)
                same = middle;
            else
                other = middle;
        }

        return other;
    }
}
