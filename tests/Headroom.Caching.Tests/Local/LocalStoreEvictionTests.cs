using System.Globalization;
using Headroom.Caching.Local;

namespace Headroom.Caching.Tests.Local;

/// <summary>What share of look-ups a full store answers; the bounds are a little under what was measured. docs/decisions/cache-eviction.md has the traces at full size.</summary>
public sealed class LocalStoreEvictionTests(ITestOutputHelper output)
{
    const int Capacity = 2_000;

    [Theory]
    [InlineData(2_040, 0.94)]
    [InlineData(2_100, 0.91)]
    [InlineData(2_180, 0.88)]
    [InlineData(2_400, 0.80)]
    [InlineData(4_000, 0.47)]
    public void Find_LoopLargerThanTheCache_AllButWhatDoesNotFitIsAnswered(int keys, double share) =>
        Assert.InRange(ShareAnswered(Enumerable.Range(0, 80 * keys).Select(i => i % keys)), share, 1);

    [Fact]
    public void Find_FavouritesChange_AtLeastWhatLruAnswers()
    {
        var trace = Shifting(new Random(Seed.Printed(output)), keys: 20_000, every: 20_000, length: 400_000);
        Assert.InRange(ShareAnswered(trace), LruShareAnswered(trace), 1);
    }

    [Fact]
    public void Find_FavouritesStay_MoreThanLruAnswers()
    {
        var trace = Shifting(new Random(Seed.Printed(output)), keys: 20_000, every: int.MaxValue, length: 400_000);
        Assert.InRange(ShareAnswered(trace), LruShareAnswered(trace) + 0.05, 1);
    }

    static double ShareAnswered(IEnumerable<int> trace)
    {
        using var store = new LocalStore(Capacity, new ManualTime());
        var (hits, all) = (0, 0);
        foreach (var key in trace)
        {
            var name = key.ToString(CultureInfo.InvariantCulture);
            all++;
            if (store.Find(name) is not null)
                hits++;
            else
                Assert.True(store.Set(new NewEntry(name, name, store.Invalidations)));
        }

        return (double)hits / all;
    }

    static double LruShareAnswered(int[] trace)
    {
        var order = new LinkedList<int>();
        var nodes = new Dictionary<int, LinkedListNode<int>>();
        var hits = 0;
        foreach (var key in trace)
        {
            if (nodes.Remove(key, out var node))
            {
                hits++;
                order.Remove(node);
            }
            else if (nodes.Count == Capacity)
            {
                nodes.Remove(order.Last!.Value);
                order.RemoveLast();
            }

            nodes[key] = order.AddFirst(key);
        }

        return (double)hits / trace.Length;
    }

    /// <summary>Zipf 0.9; after so many look-ups other keys are the favourites.</summary>
    static int[] Shifting(Random random, int keys, int every, int length)
    {
        var cumulative = new double[keys];
        var sum = 0.0;
        for (var rank = 0; rank < keys; rank++)
            cumulative[rank] = sum += Math.Pow(rank + 1, -0.9);
        var names = Enumerable.Range(0, keys).ToArray();
        random.Shuffle(names);
        var trace = new int[length];
        for (var i = 0; i < length; i++)
        {
            var at = Array.BinarySearch(cumulative, random.NextDouble() * sum);
            trace[i] = (names[Math.Min(at < 0 ? ~at : at, keys - 1)] + (i / every * 7_403)) % keys;
        }

        return trace;
    }
}
