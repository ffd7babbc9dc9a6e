using Headroom.Measurements.Statistics;

namespace Headroom.Measurements.Comparison;

/// <summary>
/// Which metrics may decide. Every test more costs the others power, and ten pairs cannot decide thirty tests at all: the smallest p value that they can give, 2 of 1024, times
/// thirty is above 5 %. So metrics join in the order of their noise, a group at a time, while twice that product stays below α. That depends on the number of pairs
/// and of endpoints alone, never on what was measured. The first joins as soon as it can be decided alone.
/// </summary>
internal static class ComparisonFamily
{
    /// <summary>Half of what is allowed, so that not every single pair has to point the same way.</summary>
    private const double Room = 2;

    /// <summary>How many of the groups, in their order, so many pairs can decide.</summary>
    public static int GroupsDecided(IReadOnlyList<int> groupSizes, int pairs, double alpha)
    {
        var tests = 0;
        for (var group = 0; group < groupSizes.Count; group++)
        {
            tests += groupSizes[group];
            if (SignedRank.SmallestP(pairs) * tests * (tests == 1 ? 1 : Room) > alpha)
                return group;
        }

        return groupSizes.Count;
    }

    /// <summary>The fewest pairs that decide all groups.</summary>
    public static int PairsForAll(IReadOnlyList<int> groupSizes, double alpha)
    {
        var pairs = SignedRank.PairsMin(alpha);
        while (GroupsDecided(groupSizes, pairs, alpha) < groupSizes.Count)
            pairs++;
        return pairs;
    }
}
