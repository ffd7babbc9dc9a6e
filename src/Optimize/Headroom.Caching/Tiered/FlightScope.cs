namespace Headroom.Caching.Tiered;

/// <summary>Which flights the running code is part of, innermost first: a factory that asks for its own key would wait for itself for ever.</summary>
internal sealed class FlightScope(Flight flight, FlightScope? outer)
{
    static readonly AsyncLocal<FlightScope?> Current = new();

    /// <summary>From here to the end of the calling async method.</summary>
    public static void Enter(Flight flight) => Current.Value = new FlightScope(flight, Current.Value);

    public static void ThrowIfInside(Flight asked)
    {
        for (var scope = Current.Value; scope is not null; scope = scope.Outer)
        {
            if (ReferenceEquals(scope.Flight, asked))
            {
                throw new InvalidOperationException(
                    "The factory of a cached value asked the cache for the very value that it is making, and would wait for itself. Call the source directly inside the factory, or use another key.");
            }
        }
    }

    Flight Flight => flight;

    FlightScope? Outer => outer;
}
