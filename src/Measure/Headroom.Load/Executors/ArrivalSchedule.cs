using System.Runtime.InteropServices;

namespace Headroom.Load.Executors;

/// <summary>
/// When the arrivals of an open model are due: a pure function of their number, so that neither rounding nor a late start
/// accumulates, and workers can share one schedule by taking every n-th arrival.
/// </summary>
internal abstract class ArrivalSchedule
{
    /// <summary>Stands for "never".</summary>
    public const long Never = long.MaxValue;

    /// <summary>Due time of arrival <paramref name="arrival"/> (from 0) in nanoseconds after the start, never before that of an earlier one; <see cref="Never"/> when there are fewer.</summary>
    public abstract long DueNs(long arrival);

    /// <summary>How many arrivals are due before <paramref name="durationNs"/>.</summary>
    public virtual long ArrivalsBefore(long durationNs)
    {
        if (durationNs <= 0 || DueNs(0) >= durationNs)
            return 0;

        // Doubling, then bisection: arrival `before` is due before, arrival `after` is not.
        long before = 0, after = 1;
        while (DueNs(after) < durationNs)
            (before, after) = (after, after * 2);
        while (after - before > 1)
        {
            var middle = before + ((after - before) / 2);
            if (DueNs(middle) < durationNs)
                before = middle;
            else
                after = middle;
        }

        return after;
    }

    public static ArrivalSchedule For(Scenario scenario) => scenario.Executor switch
    {
        ExecutorKind.RampingArrivalRate => new RampingArrivals(scenario.StartLevel, scenario.Stages),
        ExecutorKind.Replay => new ReplayedArrivals(scenario.Arrivals),
        _ => new ConstantArrivals(scenario.RatePerSecond),
    };
}

/// <summary>Evenly spaced arrivals.</summary>
internal sealed class ConstantArrivals(double ratePerSecond) : ArrivalSchedule
{
    private readonly double _spacingNs = 1e9 / ratePerSecond;

    public override long DueNs(long arrival)
    {
        var due = Math.Round(arrival * _spacingNs, MidpointRounding.AwayFromZero);
        return due < Never ? (long)due : Never;
    }
}

/// <summary>
/// Arrivals whose rate moves in straight lines. The number of arrivals up to a time is the area under the rate; within a line that begins with rate r and
/// has slope a, area m is reached after 2m / (r + sqrt(r² + 2am)), the form of the quadratic formula that cancels nothing.
/// </summary>
internal sealed class RampingArrivals : ArrivalSchedule
{
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Line(double StartNs, double Rate, double Slope, double ArrivalsBefore, double ArrivalsAfter);

    private readonly Line[] _lines;

    public RampingArrivals(double startRatePerSecond, IReadOnlyList<Stage> stages)
    {
        var lines = new List<Line>();
        double start = 0, arrivals = 0, rate = startRatePerSecond / 1e9;
        foreach (var stage in stages)
        {
            var length = stage.Duration.TotalNanoseconds;
            var target = stage.Target / 1e9;
            var area = length * (rate + target) / 2;

            // Stages without arrivals (a pause, a jump) have no line: the next arrival belongs to the line after.
            if (area > 0)
                lines.Add(new Line(start, rate, (target - rate) / length, arrivals, arrivals + area));
            start += length;
            arrivals += area;
            rate = target;
        }

        _lines = [.. lines];
    }

    public override long DueNs(long arrival)
    {
        int first = 0, end = _lines.Length;
        while (first < end)
        {
            var middle = (first + end) / 2;
            if (_lines[middle].ArrivalsAfter > arrival)
                end = middle;
            else
                first = middle + 1;
        }

        if (first == _lines.Length)
            return Never;
        ref readonly var line = ref _lines[first];
        var area = arrival - line.ArrivalsBefore;
        if (area <= 0)
            return (long)Math.Round(line.StartNs);
        var root = Math.Sqrt(Math.Max(0, (line.Rate * line.Rate) + (2 * line.Slope * area)));
        return (long)Math.Round(line.StartNs + (2 * area / (line.Rate + root)));
    }
}

/// <summary>Arrivals at recorded times.</summary>
internal sealed class ReplayedArrivals(IReadOnlyList<TimeSpan> times) : ArrivalSchedule
{
    private readonly long[] _dueNs = [.. times.Select(time => (long)time.TotalNanoseconds)];

    public override long DueNs(long arrival) => arrival < _dueNs.Length ? _dueNs[arrival] : Never;
}
