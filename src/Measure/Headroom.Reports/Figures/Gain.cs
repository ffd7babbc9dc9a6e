namespace Headroom.Reports.Figures;

/// <summary>Which way a figure should go.</summary>
internal enum Better
{
    Lower,
    Higher,
}

internal enum GainDirection
{
    /// <summary>One of the runs does not have the figure.</summary>
    Unknown,

    /// <summary>Within 5 %: says nothing without repeated runs.</summary>
    Same,
    Better,
    Worse,
}

/// <summary>How a figure changed between two runs.</summary>
/// <param name="Ratio">Above 1 for an improvement, whichever way the figure should go; null where a figure is missing or zero.</param>
/// <param name="Direction">Better, worse, or neither.</param>
internal sealed record Gain(double? Ratio, GainDirection Direction)
{
    private const double SameWithin = 0.05;

    public static Gain Of(double? before, double? after, Better better)
    {
        if (before is not { } from || after is not { } to)
            return new Gain(null, GainDirection.Unknown);
        if (from == to)
            return new Gain(from == 0 ? null : 1, GainDirection.Same);

        var direction = (better == Better.Lower ? to < from : to > from) ? GainDirection.Better : GainDirection.Worse;
        if (from <= 0 || to <= 0)
            return new Gain(null, direction);

        var ratio = better == Better.Lower ? from / to : to / from;
        return new Gain(ratio, Math.Abs(ratio - 1) < SameWithin ? GainDirection.Same : direction);
    }
}
