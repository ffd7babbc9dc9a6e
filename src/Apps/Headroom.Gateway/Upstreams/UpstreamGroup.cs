namespace Headroom.Gateway.Upstreams;

/// <summary>
/// The upstreams of a route. A request goes to the one with fewer requests in flight of two that are picked at random (Mitzenmacher, "The power of two choices in randomized load balancing",
/// 2001): nearly as even as the least of all, without everybody running to the same one.
/// </summary>
internal sealed class UpstreamGroup(IReadOnlyList<Upstream> upstreams, ulong seed)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private readonly Upstream[] _upstreams = [.. upstreams];
    private ulong _random = seed;

    public IReadOnlyList<Upstream> Upstreams => _upstreams;

    /// <param name="failed">Where the request has been in vain; picked only when there is no other.</param>
    /// <returns>Null when the active checks have found every upstream unhealthy.</returns>
    public Upstream? Pick(Upstream? failed)
    {
        if (_upstreams.Length == 1)
            return _upstreams[0].Health.IsUp ? _upstreams[0] : null;

        // First those that are well, then those that rest: one that may fail is better than none.
        return PickAmong(failed, resting: false) ?? PickAmong(failed, resting: true) ?? (failed is { Health.IsUp: true } ? failed : null);
    }

    private Upstream? PickAmong(Upstream? failed, bool resting)
    {
        // Two starting points, and from each the next one that may be used.
        var random = Next();
        var first = FindFrom((int)((uint)random % (uint)_upstreams.Length), failed, except: null, resting);
        if (first is null)
            return null;
        var second = FindFrom((int)((uint)(random >> 32) % (uint)_upstreams.Length), failed, except: first, resting);
        return second is null || first.InFlight <= second.InFlight ? first : second;
    }

    private Upstream? FindFrom(int start, Upstream? failed, Upstream? except, bool resting)
    {
        for (var offset = 0; offset < _upstreams.Length; offset++)
        {
            var upstream = _upstreams[(start + offset) % _upstreams.Length];
            if (upstream != failed && upstream != except && upstream.Health.IsUp && (resting || !upstream.Health.IsResting))
                return upstream;
        }

        return null;
    }

    /// <summary>SplitMix64 (Steele, Lea, Flood 2014): one atomic addition per number, no lock.</summary>
    private ulong Next()
    {
        var z = Interlocked.Add(ref _random, Golden);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
