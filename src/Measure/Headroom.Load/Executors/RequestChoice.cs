namespace Headroom.Load.Executors;

/// <summary>
/// Weighted choice among requests by a low-discrepancy sequence (multiples of the golden ratio, modulo 1, from a start that the seed gives): each request
/// comes up in its proportion within every short stretch already, so that two runs differ by what they measure and not by their luck in drawing.
/// </summary>
internal sealed class RequestChoice
{
    public const double GoldenRatio = 0.618033988749894848;

    private readonly double[] _cumulative;
    private readonly int[] _indexes;
    private double _point;

    /// <param name="candidates">Index and weight of each request to choose from; at least one, weights above 0.</param>
    /// <param name="seed">The same seed gives the same sequence.</param>
    public RequestChoice(IReadOnlyList<(int Index, double Weight)> candidates, int seed)
    {
        _indexes = [.. candidates.Select(candidate => candidate.Index)];
        _cumulative = new double[candidates.Count];
        var sum = 0.0;
        for (var i = 0; i < candidates.Count; i++)
            _cumulative[i] = sum += candidates[i].Weight;
        _point = StartOf(seed);
    }

    /// <summary>The seed of a scenario's worker: the same in every process, so that a plan's seed repeats a run.</summary>
    public static int SeedOf(LoadPlan plan, int scenario, int worker) => plan.Seed ^ (scenario << 16) ^ worker;

    /// <summary>The point, from 0 to below 1, before the first that chooses.</summary>
    public static double StartOf(int seed) => new Random(seed).NextDouble();

    public int Next()
    {
        if (_indexes.Length == 1)
            return _indexes[0];
        _point += GoldenRatio;
        if (_point >= 1)
            _point -= 1;
        var weight = _point * _cumulative[^1];
        var i = 0;
        while (i < _cumulative.Length - 1 && weight >= _cumulative[i])
            i++;
        return _indexes[i];
    }
}
