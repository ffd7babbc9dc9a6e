using Headroom.Measurements;

namespace Headroom.Load.Recording;

/// <summary>Rows and checks of a part of a run, for targets that are looked at before its end.</summary>
internal sealed class LiveFigures
{
    private readonly Dictionary<int, RequestTally> _rows = [];
    private readonly Dictionary<int, (long Passes, long Fails)> _checks = [];

    /// <summary>How late the generator was by its own fault.</summary>
    public LatencyHistogram Lag { get; } = new();

    public IReadOnlyDictionary<int, RequestTally> Rows => _rows;

    public IReadOnlyDictionary<int, (long Passes, long Fails)> Checks => _checks;

    public RequestTally Row(int row)
    {
        if (!_rows.TryGetValue(row, out var tally))
            _rows.Add(row, tally = new RequestTally());
        return tally;
    }

    public void Check(int check, bool holds)
    {
        var (passes, fails) = _checks.GetValueOrDefault(check);
        _checks[check] = holds ? (passes + 1, fails) : (passes, fails + 1);
    }

    public void Add(LiveFigures other)
    {
        Lag.Add(other.Lag);
        foreach (var (row, tally) in other._rows)
            Row(row).Add(tally);
        foreach (var (check, (passes, fails)) in other._checks)
        {
            var (own, ownFails) = _checks.GetValueOrDefault(check);
            _checks[check] = (own + passes, ownFails + fails);
        }
    }

    public void Reset()
    {
        Lag.Reset();
        foreach (var tally in _rows.Values)
            tally.Reset();
        _checks.Clear();
    }
}
