using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;

namespace Headroom.Http.Limits;

/// <summary>
/// The life of a request that has a time. It costs next to nothing until somebody asks for the token.
/// <list type="number">
/// <item>It begins with a look at the clock.</item>
/// <item>Whoever asks for the token gets one that ends with the client or with the time; only now there is a token source, which is this request's alone, and a timer.</item>
/// <item>When the time is over the token is cancelled, unless the request has ended, somebody switched the timeout off, or the answer has begun where only its beginning is bounded. Which of them came first is decided once.</item>
/// <item>When the request has ended, what is still asked is answered by the life outside; so nothing has to be put back.</item>
/// </list>
/// </summary>
internal sealed class RequestDeadline(HttpContext context, RequestTime allowed, DeadlineTimers timers) : IHttpRequestLifetimeFeature, IHttpRequestTimeoutFeature
{
    const int Running = 0;
    const int Unlimited = 1;
    const int Over = 2;
    const int Ended = 3;

    readonly IHttpRequestLifetimeFeature outer = OuterOf(context);
    readonly long began = timers.Now();
    CancellationTokenSource? source;
    CancellationTokenSource? timeoutAlone;
    CancellationTokenRegistration client;
    CancellationToken? replaced;
    IHttpResponseFeature? response;
    DeadlineTimer? timer;
    int state;

    public TimeSpan Remaining => allowed.Timeout - TimeSpan.FromMilliseconds(timers.Now() - began);

    public CancellationToken RequestAborted
    {
        get
        {
            if (Volatile.Read(ref state) == Ended)
                return outer.RequestAborted;
            return replaced ?? Watched().Token;
        }

        set
        {
            if (Volatile.Read(ref state) == Ended)
                outer.RequestAborted = value;
            else
                replaced = value;
        }
    }

    CancellationToken IHttpRequestTimeoutFeature.RequestTimeoutToken
    {
        get
        {
            Watched();
            if (timeoutAlone is null)
                Interlocked.CompareExchange(ref timeoutAlone, new CancellationTokenSource(), null);
            // Expire may have looked for it before it was there.
            if (Volatile.Read(ref state) == Over)
                timeoutAlone.Cancel();
            return timeoutAlone.Token;
        }
    }

    public void Abort() => outer.Abort();

    void IHttpRequestTimeoutFeature.DisableTimeout() => Interlocked.CompareExchange(ref state, Unlimited, Running);

    /// <summary>The request has ended, however it did.</summary>
    /// <returns>Whether its time was over before its answer had begun, or, where it is for all of it, before it had ended; and its client is there to be told.</returns>
    public bool End()
    {
        // First of all, with a full fence: whoever asks for the token meanwhile finds that it has ended, or is found here.
        var before = Interlocked.Exchange(ref state, Ended);
        var isOver = before == Over || (before == Running && source is null && Remaining <= TimeSpan.Zero && !context.Response.HasStarted && !context.IsWebSocketRequest());
        if (source is not null)
            Release();
        return isOver && !outer.RequestAborted.IsCancellationRequested;
    }

    /// <summary>The time is over.</summary>
    public void Expire()
    {
        if (!allowed.IsForAll && response!.HasStarted)
            return;
        if (Interlocked.CompareExchange(ref state, Over, Running) != Running)
            return;
        Cancel(timeoutAlone);
        Cancel(source);
    }

    /// <summary>The source of the token, which the client and the timer know from here on.</summary>
    CancellationTokenSource Watched()
    {
        if (source is { } known)
            return known;
        var made = new CancellationTokenSource();
        if (Interlocked.CompareExchange(ref source, made, null) is { } another)
            return another;

        client = outer.RequestAborted.UnsafeRegister(static state => Cancel(((RequestDeadline)state!).source), this);
        response = context.Features.GetRequiredFeature<IHttpResponseFeature>();
        if (Volatile.Read(ref state) == Running && !context.IsWebSocketRequest())
            timer = timers.Rent(this);

        // Asked for by what runs on behind its request: what is kept above must be seen by End before this looks whether End has been.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref state) == Ended)
            Release();
        return made;
    }

    void Release()
    {
        client.Unregister();
        if (Interlocked.Exchange(ref timer, null) is { } rented)
            timers.Return(rented);
    }

    // Where the request runs through the pipeline once more, the deadline of the first time is there still.
    static IHttpRequestLifetimeFeature OuterOf(HttpContext context) => context.Features[typeof(IHttpRequestLifetimeFeature)] switch
    {
        RequestDeadline { state: Ended } before => before.outer,
        IHttpRequestLifetimeFeature found => found,
        _ => new HttpRequestLifetimeFeature(),
    };

    static void Cancel(CancellationTokenSource? source)
    {
        try
        {
            source?.Cancel();
        }
        catch (AggregateException)
        {
            // Somebody's callback threw, on a thread where nobody would catch it. The request ends all the same.
        }
    }
}
