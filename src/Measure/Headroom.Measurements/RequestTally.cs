namespace Headroom.Measurements;

/// <summary>
/// What one worker counts for one request name while it runs; merged and turned into a <see cref="RequestSummary"/> at the end.
/// Members are written directly and without a lock: one tally belongs to one worker.
/// </summary>
public sealed class RequestTally
{
    // A histogram takes 264 KiB of address space, and few requests are answered by events.
    private LatencyHistogram? _timeToFirstEvent;

    /// <summary>Status codes from 0 to 999 are counted one by one.</summary>
    public const int StatusLimit = 1000;

    /// <summary>From when a request was due to its end.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>From when a request was sent to its end.</summary>
    public LatencyHistogram ServiceTime { get; } = new();

    /// <summary>From when a request was sent to its first server-sent event. Made when it is first asked for.</summary>
    public LatencyHistogram TimeToFirstEvent => _timeToFirstEvent ??= new();

    /// <summary>Requests that ended: with a response or with an error.</summary>
    public long Requests { get; set; }

    /// <summary>Transport errors and responses with status 400 or above.</summary>
    public long Errors { get; set; }

    /// <summary>Bytes on the wire, heads and framing included.</summary>
    public long BytesReceived { get; set; }

    /// <summary>Bytes on the wire, heads included.</summary>
    public long BytesSent { get; set; }

    /// <summary>Body bytes as received, still content-encoded, chunk framing removed.</summary>
    public long BodyBytes { get; set; }

    /// <summary>Body bytes after undoing Content-Encoding.</summary>
    public long DecodedBodyBytes { get; set; }

    public long CacheHits { get; set; }

    public long CacheMisses { get; set; }

    /// <summary>Arrivals that were due and never started, because the run ended first. Not among <see cref="Requests"/>.</summary>
    public long Dropped { get; set; }

    /// <summary>Server-sent events received.</summary>
    public long Events { get; set; }

    /// <summary>Responses by status code, which is the index, 0 to 999.</summary>
    public long[] StatusCounts { get; } = new long[StatusLimit];

    /// <summary>Errors by kind; the values add up to <see cref="Errors"/>.</summary>
    public Dictionary<string, long> ErrorsByKind { get; } = new(StringComparer.Ordinal);

    /// <summary>Counts one error and its kind.</summary>
    public void RecordError(string kind)
    {
        Errors++;
        ErrorsByKind[kind] = ErrorsByKind.GetValueOrDefault(kind) + 1;
    }

    /// <summary>Adds everything that <paramref name="other"/> counted.</summary>
    public void Add(RequestTally other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Latency.Add(other.Latency);
        ServiceTime.Add(other.ServiceTime);
        Requests += other.Requests;
        Errors += other.Errors;
        BytesReceived += other.BytesReceived;
        BytesSent += other.BytesSent;
        BodyBytes += other.BodyBytes;
        DecodedBodyBytes += other.DecodedBodyBytes;
        CacheHits += other.CacheHits;
        CacheMisses += other.CacheMisses;
        Dropped += other.Dropped;
        Events += other.Events;
        if (other._timeToFirstEvent is { Count: > 0 } firstEvents)
            TimeToFirstEvent.Add(firstEvents);
        for (var status = 0; status < StatusLimit; status++)
            StatusCounts[status] += other.StatusCounts[status];
        foreach (var (kind, count) in other.ErrorsByKind)
            ErrorsByKind[kind] = ErrorsByKind.GetValueOrDefault(kind) + count;
    }

    /// <summary>Forgets everything, so that the tally can be used again.</summary>
    public void Reset()
    {
        Latency.Reset();
        ServiceTime.Reset();
        _timeToFirstEvent?.Reset();
        Requests = Errors = BytesReceived = BytesSent = BodyBytes = DecodedBodyBytes = CacheHits = CacheMisses = Dropped = Events = 0;
        Array.Clear(StatusCounts);
        ErrorsByKind.Clear();
    }

    /// <summary>The figures of everything counted, histograms included.</summary>
    /// <param name="durationSeconds">How long the counting took, for the rates; 0 or more. With 0 the rate is 0.</param>
    /// <param name="targetCpuSeconds">CPU time the target spent meanwhile, when its processes could be seen.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="durationSeconds"/> is negative or not finite.</exception>
    public RequestSummary Summarize(double durationSeconds, double? targetCpuSeconds = null)
    {
        if (!double.IsFinite(durationSeconds) || durationSeconds < 0)
            throw new ArgumentOutOfRangeException(nameof(durationSeconds), durationSeconds, "A duration is 0 seconds or more.");

        var cacheOutcomes = CacheHits + CacheMisses;
        var firstEvents = _timeToFirstEvent is { Count: > 0 } ? _timeToFirstEvent : null;
        return new RequestSummary
        {
            Requests = Requests,
            RequestsPerSecond = durationSeconds > 0 ? Requests / durationSeconds : 0,
            Errors = Errors,
            ErrorRate = Requests > 0 ? (double)Errors / Requests : 0,
            BytesReceived = BytesReceived,
            BytesSent = BytesSent,
            BodyBytes = BodyBytes,
            DecodedBodyBytes = DecodedBodyBytes,
            LatencyMs = Latency.Summarize(),
            ServiceTimeMs = ServiceTime.Summarize(),
            CacheHitRate = cacheOutcomes > 0 ? (double)CacheHits / cacheOutcomes : null,
            CacheHits = CacheHits,
            CacheMisses = CacheMisses,
            Dropped = Dropped,
            Statuses = CountedStatuses(),
            ErrorsByKind = new SortedDictionary<string, long>(ErrorsByKind, StringComparer.Ordinal),
            TargetCpuMicrosecondsPerRequest = targetCpuSeconds is { } cpu && Requests > 0 ? cpu * 1e6 / Requests : null,
            Events = Events,
            TimeToFirstEventMs = firstEvents?.Summarize(),
            LatencyHistogram = Latency.Encode(),
            ServiceTimeHistogram = ServiceTime.Encode(),
            TimeToFirstEventHistogram = firstEvents?.Encode(),
        };
    }

    private SortedDictionary<string, long> CountedStatuses()
    {
        var statuses = new SortedDictionary<string, long>(StringComparer.Ordinal);
        for (var status = 0; status < StatusLimit; status++)
        {
            if (StatusCounts[status] > 0)
                statuses.Add(status.ToString("000", System.Globalization.CultureInfo.InvariantCulture), StatusCounts[status]);
        }

        return statuses;
    }
}
