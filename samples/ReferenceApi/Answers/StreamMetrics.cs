using System.Diagnostics.Metrics;

namespace ReferenceApi.Answers;

/// <summary>How many answer streams are open: the gauge <c>reference_api.answers.open_streams</c>.</summary>
internal sealed class StreamMetrics(IMeterFactory meters)
{
    public const string MeterName = "ReferenceApi";

    private readonly UpDownCounter<long> open = meters.Create(MeterName).CreateUpDownCounter<long>(
        "reference_api.answers.open_streams", "{stream}", "Answer streams that are being sent.");

    private int count;

    public int Count => Volatile.Read(ref count);

    /// <summary>Counts a stream until the result is disposed.</summary>
    public IDisposable Open()
    {
        Interlocked.Increment(ref count);
        open.Add(1);
        return new Stream(this);
    }

    private sealed class Stream(StreamMetrics metrics) : IDisposable
    {
        public void Dispose()
        {
            Interlocked.Decrement(ref metrics.count);
            metrics.open.Add(-1);
        }
    }
}
