using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features.Authentication;

namespace Headroom.Http.Concurrency;

/// <summary>What an endpoint or a group says of its concurrency; null policy: it says that there is none.</summary>
internal sealed record ConcurrencyMetadata(string? Policy);

/// <summary>How important an endpoint or a group says its requests are; null: they are never shed.</summary>
internal sealed record ShedMetadata(ShedLevel? Level);

/// <summary>What limits the requests of one endpoint, and how long they take.</summary>
/// <param name="Gates">The policy.</param>
/// <param name="Gate">Its gate, where that is the endpoint's and not the caller's.</param>
/// <param name="IsItsOwn">The endpoint or a group of it named the policy, which then holds for websockets too.</param>
/// <param name="Said">How important its requests are, where that was said.</param>
internal sealed record EndpointConcurrency(PolicyGates Gates, ConcurrencyGate? Gate, bool IsItsOwn, ShedLevel? Said)
{
    // The last twenty requests or so.
    const double Weight = 0.1;

    // Clearly below what requests of the policy take on average.
    const double CheapShare = 0.5;

    double serviceTime;

    /// <summary>A request's level as far as it is known without looking at it: enough where there is room.</summary>
    public ShedLevel AtLeast => Said ?? ShedLevel.Ordinary;

    public ShedLevel LevelOf(HttpContext context)
    {
        if (Said is { } said)
            return said;
        var level = ShedLevel.Ordinary;
        if (context.Features.Get<IHttpAuthenticationFeature>()?.User?.Identity?.IsAuthenticated == true)
            level++;
        if (IsCheap())
            level++;
        return level;
    }

    public void Took(long elapsed)
    {
        Volatile.Write(ref serviceTime, Mean(serviceTime, elapsed));
        Gates.Took(elapsed);
    }

    public static double Mean(double before, long elapsed) => before == 0 ? elapsed : before + (elapsed - before) * Weight;

    bool IsCheap()
    {
        var own = Volatile.Read(ref serviceTime);
        return own > 0 && own <= Gates.ServiceTime * CheapShare;
    }
}
