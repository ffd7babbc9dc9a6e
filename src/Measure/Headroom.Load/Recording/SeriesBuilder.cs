using Headroom.Measurements;

namespace Headroom.Load.Recording;

/// <summary>Merges the slices of all workers into one point a second; a second is encoded, and its memory reused, once it lies well behind.</summary>
internal sealed class SeriesBuilder
{
    /// <summary>Workers hand over a second within a tenth of one; a slice that comes later still is merged, only at more cost.</summary>
    private const int OpenSecondsMax = 3;

    /// <summary>How long after its end a second is asked for.</summary>
    internal const double HandOverSeconds = 0.15;

    private sealed class Open
    {
        public long Requests;
        public long Errors;
        public long BytesReceived;
        public long Vus;
        public int Scenario = -1;
        public readonly LatencyHistogram Latency = new();
    }

    private readonly IReadOnlyList<string> _scenarios;
    private readonly SortedDictionary<long, Open> _open = [];
    private readonly SortedDictionary<long, SeriesPoint> _points = [];
    private readonly Stack<Open> _spare = new();

    public SeriesBuilder(IReadOnlyList<string> scenarios) => _scenarios = scenarios;

    /// <summary>The last second that workers have handed over, for progress; not encoded. Null before there is one.</summary>
    /// <param name="now">Seconds of the series that have passed.</param>
    public SeriesPoint? LatestAt(double now)
    {
        var second = (long)Math.Floor(now - HandOverSeconds) - 1;
        return second < 0 ? null
            : _open.TryGetValue(second, out var open) ? PointOf(second, open)
            : _points.TryGetValue(second, out var point) ? point
            : QuietPoint(second);
    }

    public void Add(SecondSlice slice)
    {
        if (slice.Requests == 0 && slice.Errors == 0 && slice.Vus == 0)
            return;
        if (!_open.TryGetValue(slice.Second, out var open))
        {
            open = _spare.TryPop(out var spare) ? spare : new Open();
            open.Scenario = slice.Scenario;
            _open.Add(slice.Second, open);
            if (_points.Remove(slice.Second, out var closed))
                Reopen(open, closed);
        }

        open.Requests += slice.Requests;
        open.Errors += slice.Errors;
        open.BytesReceived += slice.BytesReceived;
        open.Vus += slice.Vus;
        open.Latency.Add(slice.Latency);
        if (open.Scenario != slice.Scenario)
            open.Scenario = -1;
        while (_open.Count > OpenSecondsMax)
            Close(_open.First().Key);
    }

    /// <summary>Every second from 0 to the last one, quiet ones included.</summary>
    public IReadOnlyList<SeriesPoint> Build(double durationSeconds)
    {
        foreach (var second in _open.Keys.ToArray())
            Close(second);
        var count = Math.Max(_points.Count > 0 ? _points.Keys.Max() + 1 : 0, (long)Math.Ceiling(durationSeconds));
        var series = new List<SeriesPoint>((int)count);
        for (long second = 0; second < count; second++)
            series.Add(_points.TryGetValue(second, out var point) ? point : QuietPoint(second));

        return series;
    }

    private static void Reopen(Open open, SeriesPoint point)
    {
        open.Requests = point.Requests;
        open.Errors = point.Errors;
        open.BytesReceived = point.BytesReceived;
        open.Vus = point.Vus ?? 0;
        if (point.LatencyHistogram is { } encoded)
            open.Latency.Add(LatencyHistogram.Decode(encoded));
    }

    private void Close(long second)
    {
        _open.Remove(second, out var open);
        _points[second] = PointOf(second, open!) with { LatencyHistogram = open!.Latency.Encode() };
        open.Requests = open.Errors = open.BytesReceived = open.Vus = 0;
        open.Scenario = -1;
        open.Latency.Reset();
        _spare.Push(open);
    }

    private static SeriesPoint QuietPoint(long second) => new() { Second = second, Requests = 0, Errors = 0, BytesReceived = 0, LatencyMs = new LatencySummary() };

    private SeriesPoint PointOf(long second, Open open) => new()
    {
        Second = second,
        Requests = open.Requests,
        Errors = open.Errors,
        BytesReceived = open.BytesReceived,
        Vus = open.Vus,
        LatencyMs = open.Latency.Summarize(),
        Phase = open.Scenario >= 0 ? _scenarios[open.Scenario] : null,
    };
}
