namespace Headroom.Load;

/// <summary>What load to send: weighted requests, and the scenarios that send them. Read from a file by <see cref="LoadPlanFile"/> or built in code.</summary>
public sealed record LoadPlan
{
    public required string Name { get; init; }

    /// <summary>Requests to choose from. Those that share a name share a row of the report.</summary>
    public required IReadOnlyList<PlannedRequest> Requests { get; init; }

    /// <summary>Scenarios, each with its own connections. They overlap unless their start times keep them apart.</summary>
    public required IReadOnlyList<Scenario> Scenarios { get; init; }

    /// <summary>True when the plan names no scenario, so that <see cref="Scenarios"/> are the usual ones (<see cref="DefaultScenarios"/>).</summary>
    public bool HasDefaultScenarios { get; init; }

    /// <summary>Targets of the run in the form <c>p95&lt;150ms</c> (docs/targets.md).</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>Longest time from the start of a request to the last byte of its response. 1 ms to 1 h.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time to make a connection. 1 ms to 1 h.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long after a scenario's end its requests under way, and arrivals that are due and late, may still finish. 0 to 1 h.</summary>
    public TimeSpan GracefulStop { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Seed of the weighted choice of requests: the same seed sends the same sequence.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Every rule that the plan breaks, one sentence each; empty when it can be run.</summary>
    public IReadOnlyList<string> Validate() => [.. Plans.LoadPlanValidation.Check(this)];
}

/// <summary>One kind of request.</summary>
public sealed record PlannedRequest
{
    /// <summary>The row in the report; <c>METHOD /path</c> unless named.</summary>
    public required string Name { get; init; }

    public string Method { get; init; } = "GET";

    /// <summary>Absolute http or https address.</summary>
    public required Uri Url { get; init; }

    /// <summary>Headers in the order they are sent. Host and User-Agent are made when absent; Content-Length always is.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Share among the requests, in proportion to the sum of all weights. Above 0.</summary>
    public double Weight { get; init; } = 1;
}

/// <summary>How a scenario decides when to send, under k6's names.</summary>
public enum ExecutorKind
{
    /// <summary>Closed loop: each connection sends its next request as soon as the last one ended.</summary>
    ConstantVus,

    /// <summary>Open model: requests are due at a constant rate whether or not earlier ones have ended.</summary>
    ConstantArrivalRate,
}

/// <summary>A part of the plan that sends for a time.</summary>
public sealed record Scenario
{
    public required string Name { get; init; }

    public required ExecutorKind Executor { get; init; }

    /// <summary>Connections kept at most. 1 to 65,535.</summary>
    public required int Connections { get; init; }

    /// <summary>Arrivals a second of <see cref="ExecutorKind.ConstantArrivalRate"/>. Above 0, at most 10,000,000.</summary>
    public double RatePerSecond { get; init; }

    /// <summary>When it starts, after the start of the run.</summary>
    public TimeSpan StartTime { get; init; }

    /// <summary>Sent before measuring, with the same load; counted apart.</summary>
    public TimeSpan WarmUp { get; init; }

    /// <summary>The measured part. Zero makes the scenario warm-up only.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Names of the plan's requests that it sends; null sends all.</summary>
    public IReadOnlyList<string>? Requests { get; init; }

    internal TimeSpan End => StartTime + WarmUp + Duration;
}
