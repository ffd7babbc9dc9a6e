using System.Collections.Concurrent;
using Headroom.Measurements;

namespace Headroom.Load.Recording;

/// <summary>One second of one worker, handed from the worker to the collector.</summary>
internal sealed class SecondSlice
{
    public long Second { get; set; }

    public int Scenario { get; set; }

    public long Requests { get; set; }

    public long Errors { get; set; }

    public long BytesReceived { get; set; }

    public long Iterations { get; set; }

    /// <summary>VUs in an iteration when it ended.</summary>
    public int Vus { get; set; }

    public LatencyHistogram Latency { get; } = new();

    /// <summary>Every row and check of this second; null unless somebody looks at targets while the run goes on.</summary>
    public LiveFigures? Live { get; private set; }

    /// <summary>The same, made when it is first asked for.</summary>
    public LiveFigures LiveFigures => Live ??= new LiveFigures();

    public void Reset()
    {
        Requests = Errors = BytesReceived = Iterations = 0;
        Vus = 0;
        Latency.Reset();
        Live?.Reset();
    }
}

/// <summary>Carries slices from workers to the collector and back empty, so that a long run makes no garbage.</summary>
internal sealed class SliceExchange
{
    private readonly ConcurrentQueue<SecondSlice> _full = new();
    private readonly ConcurrentBag<SecondSlice> _empty = [];

    public SecondSlice Rent() => _empty.TryTake(out var slice) ? slice : new SecondSlice();

    public void Hand(SecondSlice slice) => _full.Enqueue(slice);

    public bool TryTake(out SecondSlice slice) => _full.TryDequeue(out slice!);

    public void Return(SecondSlice slice)
    {
        slice.Reset();
        _empty.Add(slice);
    }
}
