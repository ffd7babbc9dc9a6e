namespace Headroom.Measurements.Statistics;

/// <summary>
/// The exact null distribution of Wilcoxon's signed-rank statistic W⁺, the sum of the ranks of the positive differences: under the hypothesis of no shift every
/// difference is as likely positive as negative, so each rank is in the sum with probability one half, independently of the others.
/// </summary>
/// <remarks>
/// Computed by adding one rank after the other, as in Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 3rd edition, section 3.1 (and R's psignrank for ranks without ties).
/// Ranks are counted in halves, so that midranks are whole numbers: with ties the distribution is conditional on them, and still exact.
/// </remarks>
internal sealed class SignedRankDistribution
{
    private readonly double[] _cumulative;

    private SignedRankDistribution(ReadOnlySpan<int> halfRanks)
    {
        var total = 0;
        foreach (var rank in halfRanks)
            total += rank;
        var probability = new double[total + 1];
        probability[0] = 1;
        var reached = 0;
        foreach (var rank in halfRanks)
        {
            reached += rank;
            for (var sum = reached; sum >= rank; sum--)
                probability[sum] = 0.5 * (probability[sum] + probability[sum - rank]);
            for (var sum = Math.Min(rank - 1, reached); sum >= 0; sum--)
                probability[sum] *= 0.5;
        }

        for (var sum = 1; sum <= total; sum++)
            probability[sum] += probability[sum - 1];
        _cumulative = probability;
    }

    /// <summary>Of these ranks, each doubled.</summary>
    public static SignedRankDistribution OfHalfRanks(ReadOnlySpan<int> halfRanks) => new(halfRanks);

    /// <summary>Of the ranks 1 to <paramref name="pairs"/>.</summary>
    public static SignedRankDistribution WithoutTies(int pairs)
    {
        var halfRanks = new int[pairs];
        for (var i = 0; i < pairs; i++)
            halfRanks[i] = 2 * (i + 1);
        return new SignedRankDistribution(halfRanks);
    }

    /// <summary>P(W⁺ ≤ the sum), which is given in halves.</summary>
    public double AtMost(int halfSum) => halfSum < 0 ? 0 : Math.Min(1, _cumulative[Math.Min(halfSum, _cumulative.Length - 1)]);

    /// <summary>P(W⁺ ≥ the sum), which is given in halves. By symmetry, so that small tails keep their digits.</summary>
    public double AtLeast(int halfSum) => AtMost(_cumulative.Length - 1 - halfSum);
}
