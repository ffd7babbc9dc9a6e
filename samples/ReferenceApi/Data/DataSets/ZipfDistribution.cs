namespace ReferenceApi.Data.DataSets;

/// <summary>
/// Zipf's law with exponent 1: rank k is drawn with a probability proportional to 1/(k+1), so a few things are very popular and most are
/// hardly asked for, as chats, tags and devices are.
/// </summary>
internal sealed class ZipfDistribution
{
    private readonly double[] cumulative;

    public ZipfDistribution(int ranks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        cumulative = new double[ranks];
        var sum = 0.0;
        for (var rank = 0; rank < ranks; rank++)
        {
            sum += 1.0 / (rank + 1);
            cumulative[rank] = sum;
        }
    }

    /// <summary>A rank from 0, the most popular, to one below the number of ranks.</summary>
    public int Sample(SeededRandom random)
    {
        var target = random.NextDouble() * cumulative[^1];
        var index = Array.BinarySearch(cumulative, target);

        // An exact hit belongs to the next rank; no hit returns the complement of the first larger entry.
        var rank = index >= 0 ? index + 1 : ~index;
        return Math.Min(rank, cumulative.Length - 1);
    }
}
