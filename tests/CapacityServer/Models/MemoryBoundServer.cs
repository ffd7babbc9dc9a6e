namespace CapacityServer.Models;

/// <summary>
/// Requests share the server, and the more there are the more each hinders the others (memory, caches, garbage collection): throughput follows the Universal Scalability Law, so
/// beyond its peak more requests are served more slowly, and an overload collapses. All requests have the same work, so they end in the order in which they came.
/// </summary>
public sealed class MemoryBoundServer(double aloneSeconds, double contention, double crosstalk) : ServerModel
{
    /// <summary>Work that each is done at, on a clock that runs by how much of its work a request has had.</summary>
    private readonly Queue<(double DoneAt, Action<int> Answer)> _underWay = new();
    private double _work;
    private double _now = double.NegativeInfinity;

    public override double LimitPerSecond => Enumerable.Range(1, 1000).Max(Throughput);

    public override double NextAnswer => _underWay.TryPeek(out var next) ? _now + ((next.DoneAt - _work) / Speed) : double.PositiveInfinity;

    /// <summary>Shares of a request's work that it gets done a second.</summary>
    private double Speed => Throughput(_underWay.Count) / _underWay.Count;

    public override void Arrive(double now, Action<int> answer)
    {
        AnswerUntil(now);
        _underWay.Enqueue((_work + 1, answer));
    }

    public override void AnswerUntil(double now)
    {
        while (NextAnswer is var next && next <= now)
        {
            _now = next;
            var (doneAt, answer) = _underWay.Dequeue();
            _work = doneAt;
            answer(Ok);
        }

        if (_underWay.Count > 0)
            _work += (now - _now) * Speed;
        _now = now;
    }

    private double Throughput(int requests) => requests / aloneSeconds / (1 + (contention * (requests - 1)) + (crosstalk * requests * (requests - 1)));
}
