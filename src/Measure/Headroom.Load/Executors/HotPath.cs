using System.Reflection;
using System.Runtime.CompilerServices;
using Headroom.Load.Flows;
using Headroom.Load.Recording;
using Headroom.Load.Wire;
using Headroom.Measurements;

namespace Headroom.Load.Executors;

/// <summary>
/// A method is compiled at its first call. On the way of a request that would be the first request's, and a run without warm-up would begin with some 20 ms of our own lateness; so it is done before the
/// first request is due.
/// </summary>
internal static class HotPath
{
    /// <summary>Whose methods are on the way of a request.</summary>
    public static IReadOnlyList<Type> Types { get; } =
    [
        typeof(Worker), typeof(VirtualUser), typeof(OpenSource), typeof(ClosedSource), typeof(ArrivalSchedule), typeof(RequestChoice), typeof(SeededRandom),
        typeof(EpollWire), typeof(ResponseReader), typeof(ResponseHead), typeof(HeadMemo), typeof(Libc), typeof(MonotonicClock), typeof(WakeModeration),
        typeof(Recorder), typeof(SecondSlice), typeof(LiveFigures), typeof(LatencyHistogram), typeof(RequestTally),
    ];

    /// <summary>Compiles them; the second time there is nothing left to do.</summary>
    public static void Compile()
    {
        foreach (var method in Types.SelectMany(MethodsOf))
            RuntimeHelpers.PrepareMethod(method.MethodHandle);
    }

    public static IEnumerable<MethodInfo> MethodsOf(Type type) =>
        type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Where(method => !method.IsAbstract && !method.IsGenericMethodDefinition && !type.ContainsGenericParameters);
}
