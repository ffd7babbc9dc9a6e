using Headroom.Http.Concurrency;

namespace Headroom.Http.Tests.Concurrency;

/// <summary>
/// An M/M/c server behind an adaptive limit, in simulated time: requests come by chance at a rate, <c>workers</c> of them are served at once for an exponentially distributed time, others wait inside the server, where the
/// limit sees them as slow. What the limit has no room for is refused.
/// </summary>
internal sealed class SimulatedServer
{
    readonly Clock clock = new();
    readonly Random random;
    readonly ConcurrencyGate gate;
    readonly PriorityQueue<double, double> finishing = new();
    readonly Queue<double> waiting = new();
    readonly Dictionary<double, double> begun = [];
    readonly List<double> latencies = [];
    double now;
    double nextArrival;

    public SimulatedServer(int seed, int workers, double serviceSeconds, double rate, Action<ConcurrencyPolicy>? configure = null)
    {
        random = new Random(seed);
        (Workers, ServiceSeconds, Rate) = (workers, serviceSeconds, rate);
        var policy = new ConcurrencyPolicy { Adaptive = true, Limit = 20, Queue = 0 };
        configure?.Invoke(policy);
        gate = new ConcurrencyGate(policy, clock, new AdaptiveLimit(policy, clock));
        nextArrival = Exponential(1 / rate);
    }

    public int Workers { get; set; }

    public double ServiceSeconds { get; set; }

    /// <summary>Requests a second.</summary>
    public double Rate { get; set; }

    public int Limit => gate.Limit;

    /// <summary>What the last <see cref="Run"/> saw.</summary>
    public Seen Run(double seconds)
    {
        var until = now + seconds;
        var (completed, refused, least, most, sum) = (0, 0, int.MaxValue, 0, 0.0);
        latencies.Clear();
        while (true)
        {
            var finish = finishing.Count > 0 ? finishing.Peek() : double.PositiveInfinity;
            now = Math.Min(nextArrival, finish);
            if (now >= until)
            {
                now = until;
                break;
            }

            clock.Set(now);
            if (finish <= nextArrival)
            {
                finishing.Dequeue();
                begun.Remove(finish, out var began);
                gate.Leave((long)(began * clock.TimestampFrequency), clock.GetTimestamp());
                completed++;
                sum += now - began;
                latencies.Add(now - began);
                if (waiting.TryDequeue(out var next))
                    Serve(next);
            }
            else
            {
                nextArrival = now + Exponential(1 / Rate);
                if (!gate.TryEnter(ShedLevel.Ordinary))
                    refused++;
                else if (finishing.Count < Workers)
                    Serve(now);
                else
                    waiting.Enqueue(now);
            }

            least = Math.Min(least, gate.Limit);
            most = Math.Max(most, gate.Limit);
        }

        latencies.Sort();
        return new Seen(completed / seconds, refused, least, most, completed == 0 ? 0 : sum / completed, latencies.Count == 0 ? 0 : latencies[(int)(latencies.Count * 0.99)]);
    }

    void Serve(double began)
    {
        var end = now + Exponential(ServiceSeconds);
        while (!begun.TryAdd(end, began))
            end = Math.BitIncrement(end);
        finishing.Enqueue(end, end);
    }

    double Exponential(double mean) => -mean * Math.Log(1 - random.NextDouble());

    /// <param name="Throughput">Requests a second.</param>
    /// <param name="Refused">Requests.</param>
    /// <param name="LimitLeast">The lowest limit.</param>
    /// <param name="LimitMost">The highest limit.</param>
    /// <param name="Mean">Seconds.</param>
    /// <param name="P99">Seconds.</param>
    internal sealed record Seen(double Throughput, int Refused, int LimitLeast, int LimitMost, double Mean, double P99);

    sealed class Clock : TimeProvider
    {
        long timestamp;

        public override long TimestampFrequency => 1_000_000_000;

        public override long GetTimestamp() => timestamp;

        public void Set(double seconds) => timestamp = (long)(seconds * TimestampFrequency);
    }
}
