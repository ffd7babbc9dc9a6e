using System.Security.Cryptography.X509Certificates;
using Headroom.Load.Wire;

namespace Headroom.Load;

/// <summary>How to run a plan on this machine, as against what the plan sends.</summary>
public sealed record LoadOptions
{
    /// <summary>Process of the target, watched with its descendants; null finds it by its listening port when the target is local.</summary>
    public int? TargetProcessId { get; init; }

    /// <summary>Metrics endpoint of the target (Prometheus text), asked once before and once after the load for the bytes that its runtime allocated; null asks nothing.</summary>
    public Uri? AllocationMetrics { get; init; }

    /// <summary>Threads that send, for each scenario. Null: half the cores, at least 1, at most 8. 1 to 256.</summary>
    public int? Workers { get; init; }

    /// <summary>Accept any TLS certificate.</summary>
    public bool Insecure { get; init; }

    /// <summary>Shown to servers that ask for a certificate; with its private key.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>Addresses to connect to instead of those that names resolve to.</summary>
    public IReadOnlyList<ResolvedHost> Resolve { get; init; } = [];

    /// <summary>Path of a unix socket to connect to, whatever host the plan names; http and https.</summary>
    public string? UnixSocket { get; init; }

    /// <summary>Which implementation carries HTTP/1.1; the default chooses the fastest that the platform and the target allow.</summary>
    public WireChoice Wire { get; init; }

    internal TlsOptions Tls => new() { Insecure = Insecure, ClientCertificate = ClientCertificate };
}

/// <summary>An address to connect to for a host and port.</summary>
public sealed record ResolvedHost(string Host, int Port, System.Net.IPAddress Address);

/// <summary>Implementations of HTTP/1.1.</summary>
public enum WireChoice
{
    /// <summary><see cref="Epoll"/> on Linux for http, <see cref="Stream"/> otherwise.</summary>
    Auto,

    /// <summary>One epoll loop a worker. Linux, http only.</summary>
    Epoll,

    /// <summary>The runtime's sockets. Every platform, http and https.</summary>
    Stream,
}

/// <summary>What a run has done so far, reported about every 200 ms.</summary>
public sealed record LoadProgress
{
    /// <summary>The scenarios that are sending now; several when they overlap.</summary>
    public required IReadOnlyList<string> Active { get; init; }

    public required bool WarmingUp { get; init; }

    public required TimeSpan Elapsed { get; init; }

    /// <summary>When the last scenario ends; requests under way then may take longer.</summary>
    public required TimeSpan Total { get; init; }

    /// <summary>Measured requests so far.</summary>
    public required long Requests { get; init; }

    public required long Errors { get; init; }

    /// <summary>The last whole second; null before the first has ended.</summary>
    public Measurements.SeriesPoint? LatestSecond { get; init; }

    /// <summary>VUs in an iteration now, all scenarios together; null when it is not counted.</summary>
    public int? Vus { get; init; }

    /// <summary>Every scenario of the plan, in its order; empty when only <see cref="Active"/> is known.</summary>
    public IReadOnlyList<ScenarioProgress> Scenarios { get; init; } = [];
}

/// <summary>How far a scenario has come.</summary>
public sealed record ScenarioProgress
{
    public required string Name { get; init; }

    public required ExecutorKind Executor { get; init; }

    public required ScenarioState State { get; init; }

    /// <summary>Since its start, warm-up included; zero while it waits, at most <see cref="Total"/> once it has ended.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Its planned length with warm-up; of executors that count iterations the longest it may take.</summary>
    public required TimeSpan Total { get; init; }

    /// <summary>VUs in an iteration now.</summary>
    public int Vus { get; init; }

    /// <summary>VUs it may have at most.</summary>
    public int VusMax { get; init; }

    /// <summary>Arrivals a second that are due now; null of closed models.</summary>
    public double? RatePerSecond { get; init; }

    /// <summary>Iterations that have ended.</summary>
    public long IterationsDone { get; init; }

    /// <summary>Iterations it will do, of all VUs together; null when time ends it.</summary>
    public long? IterationsTotal { get; init; }
}

/// <summary>What a scenario is at.</summary>
public enum ScenarioState
{
    /// <summary>Its start time has not come.</summary>
    Waiting,

    /// <summary>Sending what is not measured yet.</summary>
    WarmingUp,

    Running,

    /// <summary>Starts nothing any more, and waits for iterations under way.</summary>
    Stopping,

    Ended,
}

/// <summary>The target could not be reached before anything was sent.</summary>
public sealed class TargetUnreachableException : Exception
{
    internal TargetUnreachableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
