namespace Headroom.Cli.Sessions;

/// <summary>
/// Blocks: each measures every variant once, in an order of its own. What the machine does meanwhile (a neighbour, its clock, its temperature) then hits all alike, and none is always the
/// first.
/// </summary>
/// <param name="Variants">How many there are.</param>
/// <param name="Blocks">How many blocks.</param>
/// <param name="Seed">The same seed gives the same order.</param>
internal sealed record SessionSchedule(int Variants, int Blocks, int Seed)
{
    /// <summary>For each block the variants, by their number, in the order in which they are measured.</summary>
    public IEnumerable<int[]> Orders()
    {
        var random = new Random(Seed);
        for (var block = 0; block < Blocks; block++)
        {
            var order = Enumerable.Range(0, Variants).ToArray();
            random.Shuffle(order);
            yield return order;
        }
    }
}
