using System.Diagnostics.Metrics;

namespace ReferenceApi.Answers;

/// <summary>
/// How many answer streams are open (<c>reference_api.answers.open_streams</c>) and how those before ended
/// (<c>reference_api.answers.ended_streams</c>, <c>outcome</c> <c>completed</c> or <c>abandoned</c>).
/// </summary>
internal sealed class StreamMetrics
{
    public const string MeterName = "ReferenceApi";

    private readonly UpDownCounter<long> openStreams;
    private readonly Counter<long> endedStreams;
    private int open;
    private int abandoned;

    public StreamMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        openStreams = meter.CreateUpDownCounter<long>("reference_api.answers.open_streams", "{stream}", "Answer streams that are being sent.");
        endedStreams = meter.CreateCounter<long>("reference_api.answers.ended_streams", "{stream}", "Answer streams that ended, by outcome.");
    }

    public int Open => Volatile.Read(ref open);

    public int Abandoned => Volatile.Read(ref abandoned);

    /// <summary>Counts a stream as open until the result is disposed; then as abandoned unless it was completed.</summary>
    public Stream Begin()
    {
        Interlocked.Increment(ref open);
        openStreams.Add(1);
        return new Stream(this);
    }

    public sealed class Stream(StreamMetrics metrics) : IDisposable
    {
        private bool completed;

        public void Complete() => completed = true;

        public void Dispose()
        {
            Interlocked.Decrement(ref metrics.open);
            metrics.openStreams.Add(-1);
            if (!completed)
                Interlocked.Increment(ref metrics.abandoned);

            metrics.endedStreams.Add(1, new KeyValuePair<string, object?>("outcome", completed ? "completed" : "abandoned"));
        }
    }
}
