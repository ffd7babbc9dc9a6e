namespace Headroom.Caching.Tiered;

/// <summary>Which flights the running code is part of, innermost first: a factory that asks for its own key would wait for itself for ever.</summary>
/// <param name="run">A flight, or the group of several that one factory makes.</param>
/// <param name="outer">What the run is part of.</param>
internal sealed class FlightScope(object run, FlightScope? outer)
{
    static readonly AsyncLocal<FlightScope?> Current = new();

    /// <summary>From here to the end of the calling async method.</summary>
    public static void Enter(object run) => Current.Value = new FlightScope(run, Current.Value);

    public static void ThrowIfInside(Flight asked)
    {
        for (var scope = Current.Value; scope is not null; scope = scope.Outer)
        {
            if (ReferenceEquals(scope.Run, asked) || ReferenceEquals(scope.Run, asked.Group))
            {
                throw new InvalidOperationException(
                    "The factory of a cached value asked the cache for the very value that it is making, and would wait for itself. Call the source directly inside the factory, or use another key.");
            }
        }
    }

    object Run => run;

    FlightScope? Outer => outer;
}
