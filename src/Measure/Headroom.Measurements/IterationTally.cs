namespace Headroom.Measurements;

/// <summary>
/// What one worker counts of its iterations while it runs; merged and turned into an <see cref="IterationSummary"/> at the end. Members are
/// written directly and without a lock: one tally belongs to one worker.
/// </summary>
public sealed class IterationTally
{
    /// <summary>From when an iteration was due to its end, think times included; only of those that were not cut short.</summary>
    public LatencyHistogram Duration { get; } = new();

    /// <summary>Iterations that came to their end, those cut short included.</summary>
    public long Count { get; set; }

    /// <summary>Iterations that ended early because an extraction found nothing. Among <see cref="Count"/>.</summary>
    public long CutShort { get; set; }

    /// <summary>Requests of those that were therefore never sent.</summary>
    public long RequestsSkipped { get; set; }

    /// <summary>Iterations under way when the run or their VU ended. Not among <see cref="Count"/>.</summary>
    public long Interrupted { get; set; }

    /// <summary>Iterations that were due and never started. Not among <see cref="Count"/>.</summary>
    public long Dropped { get; set; }

    /// <summary>Adds everything that <paramref name="other"/> counted.</summary>
    public void Add(IterationTally other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Duration.Add(other.Duration);
        Count += other.Count;
        CutShort += other.CutShort;
        RequestsSkipped += other.RequestsSkipped;
        Interrupted += other.Interrupted;
        Dropped += other.Dropped;
    }

    /// <summary>Forgets everything, so that the tally can be used again.</summary>
    public void Reset()
    {
        Duration.Reset();
        Count = CutShort = RequestsSkipped = Interrupted = Dropped = 0;
    }

    /// <summary>The figures of everything counted, the histogram included.</summary>
    /// <param name="durationSeconds">How long the counting took, for the rate; 0 or more. With 0 the rate is 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="durationSeconds"/> is negative or not finite.</exception>
    public IterationSummary Summarize(double durationSeconds)
    {
        if (!double.IsFinite(durationSeconds) || durationSeconds < 0)
            throw new ArgumentOutOfRangeException(nameof(durationSeconds), durationSeconds, "A duration is 0 seconds or more.");

        return new IterationSummary
        {
            Count = Count,
            PerSecond = durationSeconds > 0 ? Count / durationSeconds : 0,
            DurationMs = Duration.Summarize(),
            CutShort = CutShort,
            RequestsSkipped = RequestsSkipped,
            Interrupted = Interrupted,
            Dropped = Dropped,
            DurationHistogram = Duration.Encode(),
        };
    }
}
