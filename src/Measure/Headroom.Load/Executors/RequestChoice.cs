namespace Headroom.Load.Executors;

/// <summary>Weighted choice among requests. The sequence follows from the seed alone.</summary>
internal sealed class RequestChoice
{
    private readonly double[] _cumulative;
    private readonly int[] _indexes;
    private readonly Random _random;

    /// <param name="candidates">Index and weight of each request to choose from; at least one, weights above 0.</param>
    /// <param name="seed">Seed of the sequence.</param>
    public RequestChoice(IReadOnlyList<(int Index, double Weight)> candidates, int seed)
    {
        _indexes = [.. candidates.Select(candidate => candidate.Index)];
        _cumulative = new double[candidates.Count];
        var sum = 0.0;
        for (var i = 0; i < candidates.Count; i++)
            _cumulative[i] = sum += candidates[i].Weight;
        _random = new Random(seed);
    }

    public int Next()
    {
        if (_indexes.Length == 1)
            return _indexes[0];
        var point = _random.NextDouble() * _cumulative[^1];
        var i = 0;
        while (i < _cumulative.Length - 1 && point >= _cumulative[i])
            i++;
        return _indexes[i];
    }
}
