namespace Headroom.Load.K6Export;

/// <summary>Rates as k6 has them: whole numbers of iterations in a unit of time.</summary>
/// <param name="Unit">The time.</param>
/// <param name="IsExact">False where rates were rounded.</param>
internal sealed record ArrivalUnits(TimeSpan Unit, bool IsExact)
{
    /// <summary>More than this many stages make a script that nobody reads.</summary>
    private const int BinsMax = 300;

    private static readonly int[] Seconds = [1, 2, 5, 10, 20, 30, 60, 100, 300, 600, 1000, 1800, 3600];

    /// <summary>The shortest unit in which all of the rates (a second) are whole.</summary>
    public static ArrivalUnits Of(IEnumerable<double> rates)
    {
        var all = rates.ToList();
        foreach (var seconds in Seconds)
        {
            if (all.TrueForAll(rate => Math.Abs((rate * seconds) - Math.Round(rate * seconds)) < 1e-6))
                return new ArrivalUnits(TimeSpan.FromSeconds(seconds), IsExact: true);
        }

        return new ArrivalUnits(TimeSpan.FromHours(1), IsExact: false);
    }

    public long In(double perSecond) => Math.Max(perSecond > 0 ? 1 : 0, (long)Math.Round(perSecond * Unit.TotalSeconds));

    /// <summary>Recorded arrivals as counts of equal stretches: of a second, or of whole seconds where there would be too many of them.</summary>
    public static (TimeSpan Width, IReadOnlyList<int> Counts) Bins(IReadOnlyList<TimeSpan> arrivals)
    {
        var width = Math.Max(1, (int)Math.Ceiling((arrivals[^1].TotalSeconds + 0.001) / BinsMax));
        var counts = new int[(int)(arrivals[^1].TotalSeconds / width) + 1];
        foreach (var arrival in arrivals)
            counts[(int)(arrival.TotalSeconds / width)]++;
        return (TimeSpan.FromSeconds(width), counts);
    }
}
