using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;

namespace Headroom.Http.Limits;

/// <summary>
/// The life of a request that has a time. It costs next to nothing until somebody asks for the token, and little then: these objects are used again, and so are their timers, which are not even moved.
/// <list type="number">
/// <item>It begins with a look at the clock.</item>
/// <item>Whoever asks for the token gets one that ends with the client or with the time; the timer is set only if it would fire later than that or not at all.</item>
/// <item>A timer that fires finds its request over (it does nothing), not yet due (it is set again), begun to answer where only the beginning is bounded (it does nothing), or too late: the token is cancelled.</item>
/// <item>What was cancelled is not used again, so nobody's token is another request's while it may still be cancelled.</item>
/// </list>
/// </summary>
internal sealed class RequestDeadline : IHttpRequestLifetimeFeature, IHttpRequestTimeoutFeature, IDisposable
{
    readonly Lock sync = new();
    readonly TimeProvider time;
    readonly ITimer timer;
    readonly CancellationTokenSource source = new();
    CancellationTokenSource? timeoutAlone;
    CancellationTokenRegistration client;
    CancellationToken? replaced;
    IHttpRequestLifetimeFeature outer = null!;
    IHttpResponseFeature response = null!;
    RequestTime allowed;
    long began;
    long timerDue = long.MaxValue;
    bool active;
    bool watched;
    bool disabled;
    bool over;

    public RequestDeadline(TimeProvider time)
    {
        this.time = time;
        timer = time.CreateTimer(static state => ((RequestDeadline)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The time was over before the answer had begun, or, where it is for all of it, before the request had ended.</summary>
    public bool IsOver
    {
        get
        {
            lock (sync)
                return over || (!watched && !disabled && time.GetElapsedTime(began) >= allowed.Timeout && !response.HasStarted);
        }
    }

    public bool IsClientGone => outer.RequestAborted.IsCancellationRequested;

    public CancellationToken RequestAborted
    {
        get
        {
            if (replaced is { } other)
                return other;
            if (!watched)
                Watch();
            return source.Token;
        }

        set => replaced = value;
    }

    CancellationToken IHttpRequestTimeoutFeature.RequestTimeoutToken
    {
        get
        {
            if (!watched)
                Watch();
            lock (sync)
            {
                timeoutAlone ??= new CancellationTokenSource();
                if (over)
                    timeoutAlone.Cancel();
                return timeoutAlone.Token;
            }
        }
    }

    public void Begin(IHttpRequestLifetimeFeature lifetime, IHttpResponseFeature answer, RequestTime time)
    {
        lock (sync)
        {
            (outer, response, allowed) = (lifetime, answer, time);
            (active, watched, disabled) = (true, false, false);
            began = this.time.GetTimestamp();
        }
    }

    public void Abort() => outer.Abort();

    void IHttpRequestTimeoutFeature.DisableTimeout() => disabled = true;

    /// <returns>Whether it can be used for another request.</returns>
    public bool End()
    {
        // Waits for the client's callback where that is running.
        client.Dispose();
        lock (sync)
        {
            active = false;
            client = default;
            replaced = null;
            (outer, response) = (null!, null!);
            return !over && timeoutAlone is null && source.TryReset();
        }
    }

    /// <summary>The sources are left alone: the timer may be about to cancel them at this moment, and they hold nothing.</summary>
    public void Dispose() => timer.Dispose();

    void Watch()
    {
        lock (sync)
        {
            if (watched || !active)
                return;
            watched = true;
            SetTimer(allowed.Timeout - time.GetElapsedTime(began));
        }

        client = outer.RequestAborted.UnsafeRegister(static state => Cancel(((RequestDeadline)state!).source), this);
    }

    void SetTimer(TimeSpan remaining)
    {
        remaining = remaining < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : remaining;
        var due = time.GetTimestamp() + (long)(remaining.TotalSeconds * time.TimestampFrequency);
        if (due >= timerDue)
            return;
        timerDue = due;
        timer.Change(remaining, Timeout.InfiniteTimeSpan);
    }

    void Fire()
    {
        lock (sync)
        {
            timerDue = long.MaxValue;
            if (!active || !watched || disabled)
                return;
            var remaining = allowed.Timeout - time.GetElapsedTime(began);
            if (remaining > TimeSpan.Zero)
            {
                SetTimer(remaining);
                return;
            }

            if (!allowed.IsForAll && response.HasStarted)
                return;
            over = true;
        }

        Cancel(timeoutAlone);
        Cancel(source);
    }

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
