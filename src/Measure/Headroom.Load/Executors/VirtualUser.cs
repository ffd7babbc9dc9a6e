using System.Net;
using Headroom.Load.Flows;
using Headroom.Load.Wire;

namespace Headroom.Load.Executors;

/// <summary>One user of a scenario: where it is in its iteration and what it knows.</summary>
internal sealed class VirtualUser
{
    public VirtualUser(int slot, int number, SeededRandom random)
    {
        Slot = slot;
        Number = number;
        Random = random;
    }

    /// <summary>The wire's slot that it sends on.</summary>
    public int Slot { get; }

    /// <summary>Its number in the scenario, from 0.</summary>
    public int Number { get; }

    /// <summary>Whether a closed model wants it to start iterations.</summary>
    public bool IsWanted { get; set; }

    /// <summary>In an iteration, or waiting after one.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Waiting after an iteration.</summary>
    public bool IsPausing { get; set; }

    /// <summary>A request is under way.</summary>
    public bool IsSending { get; set; }

    /// <summary>A feeder has no row for it: it starts nothing any more.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Counts what it waits for, so that a timer of something long over is known.</summary>
    public int Wait { get; set; }

    public long IterationsStarted { get; set; }

    public CompiledFlow Flow { get; set; } = null!;

    /// <summary>Index of the flow's step that it is at.</summary>
    public int Step { get; set; }

    public long IterationDueNs { get; set; }

    public CompiledRequest Request { get; set; } = null!;

    public long RequestDueNs { get; set; }

    public int RedirectsFollowed { get; set; }

    /// <summary>How long it rests before its next iteration, after failing to connect.</summary>
    public long RestNs { get; set; }

    public bool ConnectFailed { get; set; }

    public SeededRandom Random;

    /// <summary>Null when the plan has no variables.</summary>
    public VariableValues? Values { get; init; }

    /// <summary>Its numbers in feeders that give each VU a row.</summary>
    public int[] FeederNumbers { get; init; } = [];

    /// <summary>Null until it sends a request that changes.</summary>
    public RequestBuffer? Buffer { get; set; }

    /// <summary>Null when the plan keeps no cookies.</summary>
    public CookieContainer? Cookies { get; set; }
}
