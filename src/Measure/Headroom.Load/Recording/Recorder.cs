using System.Runtime.CompilerServices;
using Headroom.Load.Wire;
using Headroom.Measurements;

namespace Headroom.Load.Recording;

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
    private readonly bool _live;
    private SecondSlice _slice;
    private int _vus;

    /// <param name="rowCount">Number of rows of the report.</param>
    /// <param name="checkCount">Number of checks in the plan.</param>
    /// <param name="extractionCount">Number of extractions in the plan.</param>
    /// <param name="scenario">Index of the scenario, for the series.</param>
    /// <param name="seriesStartNs">Second 0 of the series.</param>
    /// <param name="measureFromNs">Exchanges due before are warm-up.</param>
    /// <param name="slices">Where ended seconds go.</param>
    /// <param name="live">Whether seconds carry every row, for targets that are looked at while the run goes on.</param>
    public Recorder(
        int rowCount, int checkCount, int extractionCount, int scenario, long seriesStartNs, long measureFromNs, SliceExchange slices, bool live = false)
    {
        _live = live;
        ChecksPassed = new long[checkCount];
        ChecksFailed = new long[checkCount];
        FailedExtractions = new long[extractionCount];
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

    /// <summary>By number of the check.</summary>
    public long[] ChecksPassed { get; }

    public long[] ChecksFailed { get; }

    /// <summary>By number of the extraction.</summary>
    public long[] FailedExtractions { get; }

    public IterationTally Iterations { get; } = new();

    public WarmUpTotals WarmUp => new() { Requests = _warmUpRequests, Errors = _warmUpErrors, BytesReceived = _warmUpBytes };

    public LatencyHistogram Lag { get; } = new();

    public long LastCompletionNs { get; private set; }

    /// <summary>When its worker ended.</summary>
    public long FinishedNs { get; private set; }

    public long UnknownCodings { get; private set; }

    /// <summary>When the current second ends and <see cref="Advance"/> has something to do.</summary>
    public long NextAdvanceNs => _seriesStartNs + ((_slice.Second + 1) * SecondNs);

    private long _warmUpRequests;
    private long _warmUpErrors;
    private long _warmUpBytes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
        Advance(exchange.CompletedNs, _vus);
        _slice.Requests++;
        _slice.Errors += failed ? 1 : 0;
        _slice.BytesReceived += exchange.BytesReceived;
        RecordLag(exchange.LagNs);
        if (HasLatency(exchange.Error))
            _slice.Latency.Record(exchange.CompletedNs - dueNs);
        Count(Tallies[row] ??= new RequestTally(), failed, dueNs, in exchange);
        if (_live)
            Count(_slice.LiveFigures.Row(row), failed, dueNs, in exchange);
        if (exchange.Error == WireError.None)
            CountCache(row, in exchange);
    }

    public void RecordCheck(long dueNs, int check, bool holds)
    {
        if (dueNs < _measureFromNs)
            return;
        (holds ? ChecksPassed : ChecksFailed)[check]++;
        if (_live)
            _slice.LiveFigures.Check(check, holds);
    }

    public void RecordFailedExtraction(long dueNs, int extraction)
    {
        if (dueNs >= _measureFromNs)
            FailedExtractions[extraction]++;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void IterationEnded(long dueNs, long now)
    {
        if (dueNs < _measureFromNs)
            return;
        Iterations.Count++;
        Iterations.Duration.Record(now - dueNs);
        _slice.Iterations++;
    }

    public void IterationCutShort(long dueNs, int requestsSkipped)
    {
        if (dueNs < _measureFromNs)
            return;
        Iterations.Count++;
        Iterations.CutShort++;
        Iterations.RequestsSkipped += requestsSkipped;
        _slice.Iterations++;
    }

    public void IterationInterrupted(long dueNs)
    {
        if (dueNs >= _measureFromNs)
            Iterations.Interrupted++;
    }

    public void IterationsDropped(long count) => Iterations.Dropped += count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void RecordLag(long lagNs)
    {
        Lag.Record(lagNs);
        if (_live)
            _slice.LiveFigures.Lag.Record(lagNs);
    }

    public void RecordDropped(int row, long count) => (Tallies[row] ??= new RequestTally()).Dropped += count;

    /// <summary>Hands over the seconds that have ended by <paramref name="now"/>.</summary>
    /// <param name="now">The time.</param>
    /// <param name="vus">VUs in an iteration.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Advance(long now, int vus)
    {
        _vus = vus;
        if (now < NextAdvanceNs)
            return;
        _slice.Vus = vus;
        var second = (now - _seriesStartNs) / SecondNs;
        _slices.Hand(_slice);
        _slice = NewSlice(second);
    }

    /// <summary>Hands over the last second and settles what only the whole run can tell.</summary>
    public void Finish(long now)
    {
        FinishedNs = now;
        Advance(now, _vus);
        _slice.Vus = _vus;
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Count(RequestTally tally, bool failed, long dueNs, in Exchange exchange)
    {
        tally.Requests++;
        tally.BytesReceived += exchange.BytesReceived;
        tally.BytesSent += exchange.BytesSent;
        if (failed)
            tally.RecordError(exchange.Error != WireError.None ? exchange.Error.Name() : exchange.Status >= 500 ? "http5xx" : "http4xx");
        if (!HasLatency(exchange.Error))
            return;
        tally.Latency.Record(exchange.CompletedNs - dueNs);
        tally.ServiceTime.Record(exchange.CompletedNs - (exchange.SentNs != 0 ? exchange.SentNs : exchange.StartedNs));
        if (exchange.Error != WireError.None)
            return;
        tally.StatusCounts[exchange.Status]++;
        tally.BodyBytes += exchange.BodyBytes;
        tally.DecodedBodyBytes += exchange.DecodedBodyBytes;
        if (exchange.Events > 0)
        {
            tally.Events += exchange.Events;
            tally.TimeToFirstEvent.Record(exchange.FirstEventNs - exchange.SentNs);
        }
    }

    /// <summary>
    /// A response has a latency whatever its status, and so has a request that waited in vain: leaving that out would hide the stall.
    /// A connection that was refused or broke has none; a quick failure must not make the figures look better.
    /// </summary>
    private static bool HasLatency(WireError error) =>
        error is WireError.None or WireError.ResponseTimeout or WireError.TotalTimeout or WireError.ConnectTimeout or WireError.Interrupted;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CountCache(int row, in Exchange exchange)
    {
        UnknownCodings += exchange.UnknownCoding ? 1 : 0;
        switch (exchange.Cache)
        {
            case CacheOutcome.Hit:
                Tallies[row]!.CacheHits++;
                break;
            case CacheOutcome.Miss:
                Tallies[row]!.CacheMisses++;
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
