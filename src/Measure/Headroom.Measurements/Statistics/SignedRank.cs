namespace Headroom.Measurements.Statistics;

/// <summary>
/// What can be said of a shift from paired differences without assuming how they are distributed, but for symmetry: Wilcoxon's exact signed-rank test and, from the same
/// distribution, the Hodges–Lehmann estimate with its exact confidence interval. The unit is one pair of runs, never one request.
/// </summary>
/// <remarks>
/// Wilcoxon (1945), Individual comparisons by ranking methods, Biometrics Bulletin 1(6), 80–83. Hodges and Lehmann (1963), Estimates of location based on rank tests, Annals of
/// Mathematical Statistics 34(2), 598–611. Hollander, Wolfe and Chicken (2014), Nonparametric Statistical Methods, 3rd edition, sections 3.1 to 3.3.
/// </remarks>
public static class SignedRank
{
    /// <summary>The most differences taken: the exact distribution of more would take seconds, and nobody measures so many pairs.</summary>
    public const int PairsMax = 500;

    /// <summary>The smallest two-sided p value that so many pairs can give: all of them differ in the same direction. 2^(1−n).</summary>
    public static double SmallestP(int pairs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pairs);
        return pairs == 0 ? 1 : Math.Pow(2, 1 - pairs);
    }

    /// <summary>The fewest pairs that can give a two-sided p value of <paramref name="alpha"/> or less: 6 for 0.05.</summary>
    public static int PairsMin(double alpha)
    {
        RequireFraction(alpha, nameof(alpha));
        var pairs = 1;
        while (SmallestP(pairs) > alpha)
            pairs++;
        return pairs;
    }

    /// <summary>The exact two-sided test of no shift. Differences of zero say nothing about a direction and are left out (Wilcoxon's procedure); equal sizes share their middle rank.</summary>
    /// <param name="differences">After less before, one of each pair; at most <see cref="PairsMax"/>.</param>
    /// <exception cref="ArgumentException">A difference is not a finite number, or there are too many.</exception>
    public static SignedRankTest Test(ReadOnlySpan<double> differences)
    {
        RequireFinite(differences);
        var sizes = new List<(double Size, bool Positive)>(differences.Length);
        foreach (var difference in differences)
        {
            if (difference != 0)
                sizes.Add((Math.Abs(difference), difference > 0));
        }

        sizes.Sort((left, right) => left.Size.CompareTo(right.Size));
        var (halfRanks, tied) = MidRanks(sizes);
        var halfSum = 0;
        for (var i = 0; i < halfRanks.Length; i++)
            halfSum += sizes[i].Positive ? halfRanks[i] : 0;
        var distribution = SignedRankDistribution.OfHalfRanks(halfRanks);
        return new SignedRankTest
        {
            PValue = Math.Min(1, 2 * Math.Min(distribution.AtMost(halfSum), distribution.AtLeast(halfSum))),
            Statistic = halfSum / 2.0,
            Pairs = differences.Length,
            Zeros = differences.Length - sizes.Count,
            Tied = tied,
        };
    }

    /// <summary>The Hodges–Lehmann estimate of the shift: the median of the averages of every two differences, each with itself included; and its exact interval.</summary>
    /// <param name="differences">After less before, one of each pair; 1 to <see cref="PairsMax"/>.</param>
    /// <param name="confidence">The coverage that the interval has at least, above 0 and below 1. With ties it covers no less often.</param>
    /// <exception cref="ArgumentException">There is no difference, one is not a finite number, or there are too many.</exception>
    public static ShiftEstimate Estimate(ReadOnlySpan<double> differences, double confidence = 0.95)
    {
        RequireFinite(differences);
        RequireFraction(confidence, nameof(confidence));
        if (differences.IsEmpty)
            throw new ArgumentException("At least one difference is needed for an estimate.", nameof(differences));

        var averages = WalshAverages(differences);
        var middle = averages.Length / 2;
        var estimate = averages.Length % 2 == 1 ? averages[middle] : averages[middle - 1] + ((averages[middle] - averages[middle - 1]) / 2);
        return new ShiftEstimate { Value = estimate, Pairs = differences.Length, Interval = IntervalOf(averages, differences.Length, confidence) };
    }

    /// <summary>
    /// As many of the smallest and of the largest averages are cut off as W⁺ may take values, from 0 on, that are together less likely than half of what may be missed.
    /// Null when not even one value is so unlikely.
    /// </summary>
    private static ShiftInterval? IntervalOf(double[] averages, int pairs, double confidence)
    {
        var distribution = SignedRankDistribution.WithoutTies(pairs);
        var tail = (1 - confidence) / 2;
        var cut = 0;
        // Compared with a little room: 1 − 0.95 is not 0.05 in binary, and an exact tail must not be lost to that.
        while (distribution.AtMost(2 * cut) <= tail * (1 + 1e-12))
            cut++;
        return cut == 0 ? null : new ShiftInterval
        {
            Lower = averages[cut - 1],
            Upper = averages[^cut],
            Confidence = 1 - (2 * distribution.AtMost(2 * (cut - 1))),
        };
    }

    private static double[] WalshAverages(ReadOnlySpan<double> differences)
    {
        var averages = new double[differences.Length * (differences.Length + 1) / 2];
        var next = 0;
        for (var i = 0; i < differences.Length; i++)
        {
            for (var j = i; j < differences.Length; j++)
                averages[next++] = (differences[i] / 2) + (differences[j] / 2);
        }

        Array.Sort(averages);
        return averages;
    }

    private static (int[] HalfRanks, int Tied) MidRanks(List<(double Size, bool Positive)> sorted)
    {
        var halfRanks = new int[sorted.Count];
        var tied = 0;
        for (var first = 0; first < sorted.Count;)
        {
            var last = first;
            while (last + 1 < sorted.Count && sorted[last + 1].Size == sorted[first].Size)
                last++;

            // The mean of the ranks first + 1 to last + 1, doubled.
            for (var i = first; i <= last; i++)
                halfRanks[i] = first + last + 2;
            tied += last > first ? last - first + 1 : 0;
            first = last + 1;
        }

        return (halfRanks, tied);
    }

    private static void RequireFinite(ReadOnlySpan<double> differences)
    {
        if (differences.Length > PairsMax)
            throw new ArgumentException($"There are {differences.Length} differences; at most {PairsMax} are taken.", nameof(differences));
        foreach (var difference in differences)
        {
            if (!double.IsFinite(difference))
                throw new ArgumentException($"A difference is {difference}; only finite numbers can be ranked.", nameof(differences));
        }
    }

    private static void RequireFraction(double value, string name)
    {
        if (!(value > 0 && value < 1))
            throw new ArgumentOutOfRangeException(name, value, "Must be above 0 and below 1.");
    }
}

/// <summary>The outcome of the exact two-sided signed-rank test.</summary>
public sealed record SignedRankTest
{
    /// <summary>How likely a sum of ranks at least as far out is when there is no shift; 0 to 1.</summary>
    public required double PValue { get; init; }

    /// <summary>W⁺: the sum of the ranks of the positive differences.</summary>
    public required double Statistic { get; init; }

    /// <summary>Differences given.</summary>
    public required int Pairs { get; init; }

    /// <summary>Those of zero, which were left out.</summary>
    public required int Zeros { get; init; }

    /// <summary>Differences that share their size with another and therefore have its middle rank.</summary>
    public required int Tied { get; init; }
}

/// <summary>The shift that the differences show.</summary>
public sealed record ShiftEstimate
{
    /// <summary>The Hodges–Lehmann estimate.</summary>
    public required double Value { get; init; }

    /// <summary>Differences given.</summary>
    public required int Pairs { get; init; }

    /// <summary>Null when there are too few pairs for the confidence: fewer than 6 for 95 %.</summary>
    public ShiftInterval? Interval { get; init; }
}

/// <summary>Where the shift is, with the confidence that it has exactly.</summary>
public sealed record ShiftInterval
{
    public required double Lower { get; init; }

    public required double Upper { get; init; }

    /// <summary>The coverage that it really has: at least what was asked for, since W⁺ takes steps. 0 to 1.</summary>
    public required double Confidence { get; init; }

    /// <summary>Half of its length.</summary>
    public double HalfWidth => (Upper - Lower) / 2;
}
