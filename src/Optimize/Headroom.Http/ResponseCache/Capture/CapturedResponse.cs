using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Http.ResponseCache.Capture;

/// <summary>
/// The response as the rest of the pipeline sees it. What it registered to run before the response starts runs when the cache decides, so that the cache sees the headers that are set there: a cookie of a session, for one.
/// </summary>
internal sealed class CapturedResponse(IHttpResponseFeature outer) : IHttpResponseFeature
{
    readonly Stack<(Func<object, Task> Callback, object State)> starting = new();

    public int StatusCode
    {
        get => outer.StatusCode;
        set => outer.StatusCode = value;
    }

    public string? ReasonPhrase
    {
        get => outer.ReasonPhrase;
        set => outer.ReasonPhrase = value;
    }

    public IHeaderDictionary Headers
    {
        get => outer.Headers;
        set => outer.Headers = value;
    }

#pragma warning disable CS0618 // Part of the interface.
    public Stream Body
    {
        get => outer.Body;
        set => outer.Body = value;
    }
#pragma warning restore CS0618

    /// <summary>From the decision on, though bytes may be held back: who asks wants to know whether headers can still be set.</summary>
    public bool HasStarted { get; private set; }

    public void OnStarting(Func<object, Task> callback, object state)
    {
        if (HasStarted)
            throw new InvalidOperationException("The response has started; OnStarting comes too late.");
        starting.Push((callback, state));
    }

    public void OnCompleted(Func<object, Task> callback, object state) => outer.OnCompleted(callback, state);

    /// <summary>Runs what is registered, the last first, as a server does.</summary>
    public async ValueTask StartAsync()
    {
        while (starting.TryPop(out var each))
            await each.Callback(each.State);
        HasStarted = true;
    }
}
