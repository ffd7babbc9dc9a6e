namespace Headroom.Measurements.Statistics;

/// <summary>
/// Where a series of measurements, one a run, changed its level for good. Binary segmentation: a series has a change when shuffled ones seldom have a split that
/// separates ranks as well as its best does; the change is where both sides lie closest to their medians, and both are searched again. In the end each is placed anew between its neighbours.
/// </summary>
/// <remarks>
/// Scott and Knott (1974), A cluster analysis method for grouping means, Biometrics 30(3), 507–512 (binary segmentation); Pettitt (1979), A non-parametric approach to the change-point
/// problem, Applied Statistics 28(2), 126–135 (ranks, so that one wild run is no change); Matteson and James (2014), A nonparametric approach for multiple change point analysis,
/// Journal of the American Statistical Association 109, 334–345 (permutations instead of asymptotics); Bai (1997), Estimating multiple breaks one at a time, Econometric Theory 13(3), 315–352
/// (placed anew: the first split of a series of three levels has two of them on one side, whose median is neither).
/// </remarks>
public static class ChangePoints
{
    /// <summary>Fewer values beside a change than this could be chance whatever they are.</summary>
    public const int SegmentMin = 3;

    /// <summary>Shuffled series that a split is measured against.</summary>
    public const int Permutations = 1999;

    /// <summary>The changes, in the order of the series.</summary>
    /// <param name="values">Finite, in the order of time.</param>
    /// <param name="seed">Of the shuffling: the same seed gives the same p values.</param>
    /// <param name="alpha">A split is kept when at most this share of the shuffled series has one as good.</param>
    /// <exception cref="ArgumentException">A value is not a finite number.</exception>
    public static IReadOnlyList<ChangePoint> Find(IReadOnlyList<double> values, int seed, double alpha = 0.01)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Any(value => !double.IsFinite(value)))
            throw new ArgumentException("Only finite numbers can be ranked.", nameof(values));
        var found = new List<ChangePoint>();
        Search(values, 0, values.Count, new Random(seed), alpha, found);
        List<ChangePoint> changes = [.. found.OrderBy(change => change.Index)];
        for (var i = 0; i < changes.Count; i++)
        {
            var (from, to) = (i == 0 ? 0 : changes[i - 1].Index, i == changes.Count - 1 ? values.Count : changes[i + 1].Index);
            changes[i] = changes[i] with { Index = from + ClosestLevels([.. values.Skip(from).Take(to - from)]) };
        }

        return changes;
    }

    private static void Search(IReadOnlyList<double> values, int from, int to, Random random, double alpha, List<ChangePoint> found)
    {
        if (to - from < 2 * SegmentMin)
            return;
        double[] segment = [.. values.Skip(from).Take(to - from)];
        var ranks = Ranks(segment);
        var strength = BestSplit(ranks);
        var asGood = 1;
        for (var i = 0; i < Permutations; i++)
        {
            random.Shuffle(ranks);
            // The comparison has a little room: the same ranks summed in another order must count as equal.
            asGood += BestSplit(ranks) >= strength - 1e-9 ? 1 : 0;
        }

        var pValue = asGood / (Permutations + 1.0);
        if (pValue > alpha)
            return;
        var split = ClosestLevels(segment);
        found.Add(new ChangePoint { Index = from + split, PValue = pValue });
        Search(values, from, from + split, random, alpha, found);
        Search(values, from + split, to, random, alpha, found);
    }

    /// <summary>How far, at the best split, the sides' rank sums lie from what they would be by chance, in standard deviations of the rank-sum statistic.</summary>
    private static double BestSplit(double[] ranks)
    {
        var strength = -1.0;
        var sum = 0.0;
        for (var split = 1; split <= ranks.Length - SegmentMin; split++)
        {
            sum += ranks[split - 1];
            if (split < SegmentMin)
                continue;
            double before = split, after = ranks.Length - split;
            var distance = Math.Abs(sum - (before * (ranks.Length + 1) / 2)) / Math.Sqrt(before * after * (ranks.Length + 1) / 12);
            strength = Math.Max(strength, distance);
        }

        return strength;
    }

    /// <summary>
    /// The split whose sides lie closest to their medians. Ranks tell that there is a change, but are drawn towards the middle of the series: where the last run before the change
    /// is the highest of the low ones, they put the change at that run.
    /// </summary>
    private static int ClosestLevels(double[] values)
    {
        var (best, least) = (0, double.PositiveInfinity);
        for (var split = SegmentMin; split <= values.Length - SegmentMin; split++)
        {
            var distance = DistanceFromMedian(values[..split]) + DistanceFromMedian(values[split..]);
            if (distance < least)
                (best, least) = (split, distance);
        }

        return best;
    }

    private static double DistanceFromMedian(double[] values)
    {
        var median = Median.Of(values);
        return values.Sum(value => Math.Abs(value - median));
    }

    /// <summary>From 1; equal values share the middle of theirs.</summary>
    private static double[] Ranks(double[] values)
    {
        var order = Enumerable.Range(0, values.Length).OrderBy(i => values[i]).ToArray();
        var ranks = new double[values.Length];
        for (var first = 0; first < order.Length;)
        {
            var last = first;
            while (last + 1 < order.Length && values[order[last + 1]] == values[order[first]])
                last++;
            for (var i = first; i <= last; i++)
                ranks[order[i]] = ((first + last) / 2.0) + 1;
            first = last + 1;
        }

        return ranks;
    }
}

/// <summary>A change of level.</summary>
public sealed record ChangePoint
{
    /// <summary>The first value of the new level, counted from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Share of shuffled series with a split as good; at least 1 / 2000.</summary>
    public required double PValue { get; init; }
}
