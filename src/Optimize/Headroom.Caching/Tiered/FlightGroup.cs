namespace Headroom.Caching.Tiered;

/// <summary>The flights of several keys that one run of one factory is for. It is cancelled when nobody waits for any of them any more.</summary>
#pragma warning disable CA1001 // See the field.
internal sealed class FlightGroup<T>
#pragma warning restore CA1001
{
    // Never disposed: it has no timer and nothing is linked to it.
    readonly CancellationTokenSource cancel = new();
    readonly List<Flight<T>> flights = [];
    readonly Dictionary<Flight<T>, CancellationTokenRegistration> leaving = [];
    int awaited;

    public CancellationToken Cancellation => cancel.Token;

    public IReadOnlyList<Flight<T>> Flights => flights;

    public void Add(Flight<T> flight) => flights.Add(flight);

    /// <summary>After the last one was added.</summary>
    public void Close()
    {
        awaited = flights.Count;
        foreach (var flight in flights)
            leaving[flight] = flight.Cancellation.Register(static group => ((FlightGroup<T>)group!).Leave(), this);
    }

    /// <summary>Has its value, so nobody waits for it any more.</summary>
    public void Landed(Flight<T> flight)
    {
        if (leaving[flight].Unregister())
            Leave();
    }

    void Leave()
    {
        if (Interlocked.Decrement(ref awaited) == 0)
            cancel.Cancel();
    }
}

/// <summary>A factory of several values made others and not this one: who waits for it has it made in another way.</summary>
#pragma warning disable CA1032, CA1064 // Nobody outside sees it.
internal sealed class ValueLeftOutException() : Exception("The factory of several values left this one out.");
#pragma warning restore CA1032, CA1064
