using System.Collections.Concurrent;
using Headroom.Load.Wire;
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

    public LatencyHistogram Latency { get; } = new();

    public void Reset()
    {
        Requests = Errors = BytesReceived = 0;
        Latency.Reset();
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

/// <summary>
/// Counts what a worker's exchanges came to. Owned by that worker, without a lock; the collector sees whole seconds as they end and
/// the tallies once the worker has finished.
/// </summary>
internal sealed class Recorder
{
    private const long SecondNs = 1_000_000_000;

    private readonly long _seriesStartNs;
    private readonly long _measureFromNs;
    private readonly int _scenario;
    private readonly SliceExchange _slices;
    private readonly long[] _untold;
    private readonly long[] _hitsByAge;
    private SecondSlice _slice;

    /// <param name="rowCount">Number of request names in the plan.</param>
    /// <param name="scenario">Index of the scenario, for the series.</param>
    /// <param name="seriesStartNs">Second 0 of the series.</param>
    /// <param name="measureFromNs">Exchanges due before are warm-up.</param>
    /// <param name="slices">Where ended seconds go.</param>
    public Recorder(int rowCount, int scenario, long seriesStartNs, long measureFromNs, SliceExchange slices)
    {
        _seriesStartNs = seriesStartNs;
        _measureFromNs = measureFromNs;
        _scenario = scenario;
        _slices = slices;
        Tallies = new RequestTally?[rowCount];
        _untold = new long[rowCount];
        _hitsByAge = new long[rowCount];
        _slice = NewSlice(Math.Max(0, (measureFromNs - seriesStartNs) / SecondNs));
    }

    /// <summary>By row; null for those that never ran.</summary>
    public RequestTally?[] Tallies { get; }

    public WarmUpTotals WarmUp => new() { Requests = _warmUpRequests, Errors = _warmUpErrors, BytesReceived = _warmUpBytes };

    public LatencyHistogram Lag { get; } = new();

    public long LastCompletionNs { get; private set; }

    public long UnknownCodings { get; private set; }

    /// <summary>When the current second ends and <see cref="Advance"/> has something to do.</summary>
    public long NextAdvanceNs => _seriesStartNs + ((_slice.Second + 1) * SecondNs);

    private long _warmUpRequests;
    private long _warmUpErrors;
    private long _warmUpBytes;

    public void Record(int row, long dueNs, in Exchange exchange)
    {
        var failed = exchange.Error != WireError.None || exchange.Status >= 400;
        if (dueNs < _measureFromNs)
        {
            _warmUpRequests++;
            _warmUpErrors += failed ? 1 : 0;
            _warmUpBytes += exchange.BytesReceived;
            return;
        }

        LastCompletionNs = exchange.CompletedNs;
        Advance(exchange.CompletedNs);
        var tally = Tallies[row] ??= new RequestTally();
        tally.Requests++;
        tally.BytesReceived += exchange.BytesReceived;
        tally.BytesSent += exchange.BytesSent;
        _slice.Requests++;
        _slice.BytesReceived += exchange.BytesReceived;
        Lag.Record(exchange.LagNs);
        if (failed)
        {
            _slice.Errors++;
            tally.RecordError(exchange.Error != WireError.None ? exchange.Error.Name() : exchange.Status >= 500 ? "http5xx" : "http4xx");
        }

        // A response has a latency whatever its status, and so has a request that waited in vain: leaving that out would hide the stall.
        // A connection that was refused or broke has none; a quick failure must not make the figures look better.
        if (exchange.Error is not (WireError.None or WireError.ResponseTimeout or WireError.TotalTimeout or WireError.ConnectTimeout or WireError.Interrupted))
            return;
        var latency = exchange.CompletedNs - dueNs;
        tally.Latency.Record(latency);
        _slice.Latency.Record(latency);
        tally.ServiceTime.Record(exchange.CompletedNs - (exchange.SentNs != 0 ? exchange.SentNs : exchange.StartedNs));
        if (exchange.Error == WireError.None)
            RecordResponse(row, tally, in exchange);
    }

    public void RecordLag(long lagNs) => Lag.Record(lagNs);

    public void RecordDropped(int row, long count) => (Tallies[row] ??= new RequestTally()).Dropped += count;

    /// <summary>Hands over the seconds that have ended by <paramref name="now"/>.</summary>
    public void Advance(long now)
    {
        if (now < NextAdvanceNs)
            return;
        var second = (now - _seriesStartNs) / SecondNs;
        _slices.Hand(_slice);
        _slice = NewSlice(second);
    }

    /// <summary>Hands over the last second and settles what only the whole run can tell.</summary>
    public void Finish(long now)
    {
        Advance(now);
        _slices.Hand(_slice);
        for (var i = 0; i < Tallies.Length; i++)
        {
            // A cache that only marks hits (Age) says of the rest, by silence, that they were misses.
            if (Tallies[i] is { } tally && _hitsByAge[i] > 0)
            {
                tally.CacheHits += _hitsByAge[i];
                tally.CacheMisses += _untold[i];
            }
        }
    }

    private void RecordResponse(int row, RequestTally tally, in Exchange exchange)
    {
        tally.StatusCounts[exchange.Status]++;
        tally.BodyBytes += exchange.BodyBytes;
        tally.DecodedBodyBytes += exchange.DecodedBodyBytes;
        UnknownCodings += exchange.UnknownCoding ? 1 : 0;
        switch (exchange.Cache)
        {
            case CacheOutcome.Hit:
                tally.CacheHits++;
                break;
            case CacheOutcome.Miss:
                tally.CacheMisses++;
                break;
            case CacheOutcome.HitByAge:
                _hitsByAge[row]++;
                break;
            default:
                _untold[row]++;
                break;
        }
    }

    private SecondSlice NewSlice(long second)
    {
        var slice = _slices.Rent();
        slice.Second = second;
        slice.Scenario = _scenario;
        return slice;
    }
}
