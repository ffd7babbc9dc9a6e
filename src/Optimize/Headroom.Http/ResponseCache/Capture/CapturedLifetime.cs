using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Http.ResponseCache.Capture;

/// <summary>The request's life as the rest of the pipeline sees it: over when nobody waits for the response any more, not when the first client went.</summary>
internal sealed class CapturedLifetime(IHttpRequestLifetimeFeature? outer, CancellationToken abandoned) : IHttpRequestLifetimeFeature
{
    public CancellationToken RequestAborted { get; set; } = abandoned;

    /// <summary>Somebody gave the response up: whatever there is of it is not all.</summary>
    public bool IsAborted { get; private set; }

    /// <summary>Whether it is the client's connection that ends with it: not while the cache may still answer otherwise.</summary>
    public bool PassesOn
    {
        get;
        set
        {
            field = value;

            // Given up before it was known: what comes after would look like the end of a whole response.
            if (value && IsAborted)
                outer?.Abort();
        }
    }

    public void Abort()
    {
        IsAborted = true;
        if (PassesOn)
            outer?.Abort();
    }
}
