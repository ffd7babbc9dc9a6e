namespace CapacityServer.Models;

/// <summary>
/// A server whose limit is known because its times are computed, not worked off: given when requests arrive it says when each is answered, and how. The same model answers real
/// requests (Program.cs) and runs in virtual time in tests, so that neither the machine nor its noise sets the limit. Times are seconds on any clock that does not go back.
/// </summary>
public abstract class ServerModel
{
    protected const int Ok = 200;
    protected const int TooManyRequests = 429;

    private readonly PriorityQueue<(Action<int> Answer, int Status), double> _answers = new();

    /// <summary>The highest rate of evenly spaced arrivals, a second, that it takes for ever with latencies that are bounded and without an error.</summary>
    public abstract double LimitPerSecond { get; }

    /// <summary>When something is answered next; infinity when nothing is under way.</summary>
    public virtual double NextAnswer => _answers.TryPeek(out _, out var at) ? at : double.PositiveInfinity;

    /// <summary>A request has come.</summary>
    /// <param name="now">Not before any earlier call.</param>
    /// <param name="answer">Called with the status, by <see cref="AnswerUntil"/>.</param>
    public abstract void Arrive(double now, Action<int> answer);

    /// <summary>Answers everything that is due by <paramref name="now"/>.</summary>
    public virtual void AnswerUntil(double now)
    {
        while (_answers.TryPeek(out var next, out var at) && at <= now)
        {
            _answers.Dequeue();
            next.Answer(next.Status);
        }
    }

    protected void AnswerAt(double at, Action<int> answer, int status = Ok) => _answers.Enqueue((answer, status), at);

    /// <summary>The five kinds.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="seed">Of those that have chance in them.</param>
    public static ServerModel Create(string kind, int seed) => kind switch
    {
        "token-bucket" => new TokenBucketServer(perSecond: 200, burst: 10, meanServiceSeconds: 0.01, seed),
        "pool" => new PoolServer(threads: 4, workSeconds: 0.02),
        "lock" => new LockServer(lockedSeconds: 0.004, besideSeconds: 0.01),
        "memory" => new MemoryBoundServer(aloneSeconds: 0.02, contention: 0.05, crosstalk: 0.002),
        "limiter" => new LimiterServer(perSecond: 150, burst: 15, serviceSeconds: 0.005),
        _ => throw new ArgumentException($"There is no server '{kind}'; allowed: {string.Join(", ", Kinds)}", nameof(kind)),
    };

    public static IReadOnlyList<string> Kinds { get; } = ["token-bucket", "pool", "lock", "memory", "limiter"];
}
