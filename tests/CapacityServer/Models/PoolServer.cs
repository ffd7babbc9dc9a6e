namespace CapacityServer.Models;

/// <summary>A fixed number of threads, each busy for a fixed time with a request; the others wait in one queue.</summary>
public sealed class PoolServer(int threads, double workSeconds) : ServerModel
{
    private readonly PriorityQueue<int, double> _freeAt = new(Enumerable.Range(0, threads).Select(thread => (thread, double.NegativeInfinity)));

    public override double LimitPerSecond => threads / workSeconds;

    public override void Arrive(double now, Action<int> answer)
    {
        _freeAt.TryDequeue(out var thread, out var free);
        var done = Math.Max(now, free) + workSeconds;
        _freeAt.Enqueue(thread, done);
        AnswerAt(done, answer);
    }
}
