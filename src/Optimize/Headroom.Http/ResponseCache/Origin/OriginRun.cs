using System.Runtime.ExceptionServices;
using Headroom.Caching;
using Headroom.Http.CacheHeaders;
using Headroom.Http.Compression;
using Headroom.Http.ResponseCache.Answers;
using Headroom.Http.ResponseCache.Capture;
using Headroom.Http.ResponseCache.Exchanges;
using Headroom.Http.ResponseCache.Rules;
using Headroom.Http.ResponseCache.Stored;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Headroom.Http.ResponseCache.Origin;

/// <summary>How a run of the origin ended.</summary>
internal enum RunOutcome : byte
{
    /// <summary>It has not.</summary>
    Running,

    /// <summary>The response went to the client as it came and is not stored.</summary>
    Passed,

    /// <summary>It is complete, to be stored.</summary>
    Complete,

    /// <summary>304: the stored response holds, with new headers.</summary>
    Validated,

    /// <summary>304 about another response than the stored one, which holds no more: to be asked without conditions.</summary>
    OtherValidator,

    /// <summary>An error, in whose place the stored response stands.</summary>
    StandIn,

    /// <summary>It broke off.</summary>
    Broken,
}

/// <summary>
/// One run of the rest of the pipeline for a request that what is stored does not answer, by the leader of an exchange.
/// <list type="number">
/// <item>The request gets the conditions of the stored response.</item>
/// <item>The endpoint runs and sees a response whose headers are the client's, and whose body goes where <see cref="BeginAsync"/> says when the headers are final.</item>
/// <item>A 304 about another response than the stored one (§4.3.4) is of no use; the endpoint runs once more, without conditions.</item>
/// <item>What is not stored passes on, untouched. What is, is held back; beyond a limit it streams to all who wait.</item>
/// <item>When it is complete it is put into the store as the value of a flight, so that what was purged meanwhile is not kept.</item>
/// <item>The client gets the answer that any later client would get.</item>
/// </list>
/// </summary>
#pragma warning disable CA1001 // The body is disposed of where the endpoint has run.
internal sealed class OriginRun(CacheRequest request, Found found, Forwarded reason, Exchange exchange, string[] tags, OriginRuns parts) : IBodyDirector, IOuterEncoder
#pragma warning restore CA1001
{
    readonly HttpContext context = request.Context;
    readonly TaskCompletionSource passing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Task? running;
    CapturedResponse? response;
    CapturedBody? body;
    CapturedLifetime? lifetime;
    IHttpResponseBodyFeature? outerBody;
    Dictionary<string, StringValues> before = [];
    ForwardedConditions? conditions;
    DateTimeOffset requested;
    DateTimeOffset received;
    RunOutcome outcome;
    NotStored notStored;
    StoredHead? head;
    StoredResponse? stored;
    ExceptionDispatchInfo? thrown;
    Task? sending;
    int? originStatus;
    bool isOfThisClient;
    bool tooLong;
    bool ran;

    /// <summary>Runs the origin and answers the client.</summary>
    /// <returns>False: another run made the response meanwhile; look again.</returns>
    public async Task<bool> RunAsync()
    {
        var made = await parts.Store.MakeAsync(found.Key, this, static (run, flight) => run.MakeAsync(flight), tags);
        if (!ran)
        {
            parts.Exchanges.Remove(exchange);
            exchange.Tell(ExchangeResult.LookAgain);
            return false;
        }

        // Kept only now, if at all: who comes from here on finds it. A response that passes on may go on for hours; nobody is to wait for it, neither here nor in the store.
        _ = made;
        if (running is { IsCompleted: false })
        {
            parts.Exchanges.Remove(exchange);
            await running;
        }

        if (!request.IsBackground)
            await AnswerAsync();
        return true;
    }

    async ValueTask<CacheItem> MakeAsync(CacheEntryContext flight)
    {
        ran = true;
        flight.SkipCaching = true;
        running = RunEndpointAsync();
        if (await Task.WhenAny(running, passing.Task) != running && !running.IsCompleted)
            return CacheItem.Nothing;
        await running;
        switch (outcome)
        {
            case RunOutcome.Complete:
                stored = new StoredResponse(parts.Responses.Completed(head!, body!.Buffer.Content.Span), body.Buffer.ToArray(), parts.Options.Name);

                // Before it is stored, so that the form that this client gets outlives a restart, too.
                if (!request.IsBackground)
                    parts.Answer.Prepare(context.Request, stored);
                break;
            case RunOutcome.Validated:
                var (updated, isForAll) = parts.Responses.Updated(request, found.Response!, context.Response.Headers, requested, received);
                stored = found.Response!.With(updated, parts.Options.Name);
                isOfThisClient = !isForAll;
                break;
            case RunOutcome.StandIn:
                stored = found.Response;
                ResponseCacheLog.StaleServed(parts.Logger, thrown?.SourceException);
                break;
        }

        if (stored is null || isOfThisClient)
        {
            // First out of the table: who comes from here on begins anew instead of going alone.
            parts.Exchanges.Remove(exchange);
            exchange.Tell(request.IsAuthorized ? ExchangeResult.LookAgain : ExchangeResult.NotShared);
            return CacheItem.Nothing;
        }

        parts.Unshared.Forget(found.Key, request.IsAuthorized);
        exchange.Tell(new ExchangeResult(ExchangeOutcome.Complete) { Response = stored, ForwardStatus = originStatus, Forward = reason });
        if (outcome == RunOutcome.StandIn)
            return CacheItem.Nothing;
        flight.SkipCaching = false;
        return await parts.Store.KeepAsync(stored, found, request.Key, context.Request.Headers, ResponseStore.KeepFor(stored.Head, parts.Options.KeepForRevalidation, request.HonoursDirectives), flight);
    }

    async Task RunEndpointAsync()
    {
        var features = context.Features;
        var outerResponse = features.GetRequiredFeature<IHttpResponseFeature>();
        var outerLifetime = features.Get<IHttpRequestLifetimeFeature>();
        outerBody = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        requested = parts.Time.GetUtcNow();
        before = context.Response.Headers.ToDictionary(each => each.Key, each => each.Value, StringComparer.OrdinalIgnoreCase);
        response = new CapturedResponse(outerResponse);
        lifetime = new CapturedLifetime(outerLifetime, exchange.Abandoned);
        body = NewBody();
        await using var leaving = (outerLifetime?.RequestAborted ?? default).Register(static state => ((Exchange)state!).Leave(), exchange);
        conditions = ForwardedConditions.Apply(request, found.Response);
        features.Set<IHttpResponseFeature>(response);
        features.Set<IHttpRequestLifetimeFeature>(lifetime);
        features.Set<IHttpResponseBodyFeature>(body);
        features.Set<IOuterEncoder>(this);
        try
        {
            await parts.Next(context);
            await body.FinishAsync();
            if (outcome == RunOutcome.OtherValidator)
                await RunAgainAsync(outerResponse);
            if (outcome == RunOutcome.Running)
                outcome = IsWhole() ? RunOutcome.Complete : RunOutcome.Broken;
        }
#pragma warning disable CA1031 // Thrown again to the client's side, unless a stored response stands in.
        catch (Exception failed)
#pragma warning restore CA1031
        {
            thrown = ExceptionDispatchInfo.Capture(failed);
            if (outcome != RunOutcome.StandIn)
                outcome = outcome == RunOutcome.Passed ? RunOutcome.Passed : RunOutcome.Broken;
        }
        finally
        {
            features.Set<IOuterEncoder>(null);
            features.Set(outerBody);
            features.Set(outerLifetime);
            features.Set(outerResponse);
            conditions?.Restore();
            await body.DisposeAsync();
        }

        if (outcome == RunOutcome.Broken && body.Route is BodyRoute.Undecided or BodyRoute.Hold or BodyRoute.Drop && MayStandIn())
            outcome = RunOutcome.StandIn;
        body.Buffer.End(outcome == RunOutcome.Complete);
    }

    CapturedBody NewBody() => new(outerBody!, this, (int)Math.Min(parts.Options.HoldBackBytes, parts.Options.BodyBytesMax), parts.Options.BodyBytesMax);

    /// <summary>As if nothing were stored.</summary>
    async Task RunAgainAsync(IHttpResponseFeature outerResponse)
    {
        conditions!.Restore();
        conditions = ForwardedConditions.None(request);
        ClearResponse(outerResponse);
        outerResponse.StatusCode = StatusCodes.Status200OK;
        await body!.DisposeAsync();
        outcome = RunOutcome.Running;
        requested = parts.Time.GetUtcNow();
        response = new CapturedResponse(outerResponse);
        body = NewBody();
        context.Features.Set<IHttpResponseFeature>(response);
        context.Features.Set<IHttpResponseBodyFeature>(body);
        await parts.Next(context);
        await body.FinishAsync();
    }

    public async ValueTask<BodyRoute> BeginAsync()
    {
        await response!.StartAsync();
        CacheHeadersMetadata.Apply(context);
        received = parts.Time.GetUtcNow();
        var headers = context.Response.Headers;
        var status = context.Response.StatusCode;
        originStatus = status;
        if (status == StatusCodes.Status304NotModified && conditions is { AreOfStored: true })
        {
            outcome = conditions.AreConfirmedBy(headers) ? RunOutcome.Validated : RunOutcome.OtherValidator;
            return BodyRoute.Drop;
        }

        if (Reusing.IsError(status) && MayStandIn())
        {
            outcome = RunOutcome.StandIn;
            return BodyRoute.Drop;
        }

        var isUnreachable = status == StatusCodes.Status502BadGateway && found.Response is { Head.Terms.NeverStale: true } && headers.ContainsKey("Proxy-Status");
        if (isUnreachable)
        {
            // §5.2.2.2: what must be validated and cannot, because who forwards (RFC 9209) did not reach the origin.
            context.Response.StatusCode = StatusCodes.Status504GatewayTimeout;
            Validation.RemoveContentHeaders(headers);
            headers.ContentLength = 0;
        }

        notStored = parts.Responses.Read(request, context.Response.StatusCode, headers, received).Reason;
        if (notStored == NotStored.No && !isUnreachable)
        {
            head = parts.Responses.HeadOf(request, status, headers, before, requested, received, tags);
            return BodyRoute.Hold;
        }

        outcome = RunOutcome.Passed;
        TellNotStored(status);
        passing.TrySetResult();
        lifetime!.PassesOn = true;
        SetCacheStatus(new CacheStatus { Forward = reason, ForwardStatus = isUnreachable ? status : null });
        return request.IsBackground || isUnreachable ? BodyRoute.Drop : BodyRoute.Pass;
    }

    /// <summary>What a known user was told, or a request that has a header which is not in the key, is no reason for all others to go alone: they begin anew, together.</summary>
    void TellNotStored(int status)
    {
        if (notStored != NotStored.Unkeyed)
            parts.Unshared.Remember(found.Key, request.IsAuthorized, Storing.WillRecur(notStored, status));
        var isOfThisRequest = request.IsAuthorized || notStored == NotStored.Unkeyed;
        if (isOfThisRequest)
            parts.Exchanges.Remove(exchange);
        exchange.Tell(isOfThisRequest ? ExchangeResult.LookAgain : ExchangeResult.NotShared);
    }

    public ValueTask<BodyRoute> GoOnAsync(bool mustNotWait)
    {
        var headers = context.Response.Headers;
        head = head! with { IsCompressible = false };
        if (request.IsBackground)
            return ValueTask.FromResult(BodyRoute.Stream);

        SetCacheStatus(new CacheStatus { Forward = reason, Stored = true });
        lifetime!.PassesOn = true;
        if (headers.ContentLength is not { } length || mustNotWait)
            return ValueTask.FromResult(BodyRoute.Copy);
        exchange.Tell(new ExchangeResult(ExchangeOutcome.Streaming) { Head = head, Body = body!.Buffer, Length = length, Forward = reason });
        sending = StreamedBody.SendAsync(body.Buffer, outerBody!, context.RequestAborted);
        return ValueTask.FromResult(BodyRoute.Stream);
    }

    public void TooLong()
    {
        tooLong = true;
        if (sending is not null || outcome != RunOutcome.Running)
            return;

        // It goes on to its client as it comes, perhaps for hours, and nobody is to wait for it.
        outcome = RunOutcome.Passed;
        // Its head does not show that the next one is too long as well, so nothing would end its passing by.
        parts.Unshared.Remember(found.Key, request.IsAuthorized, counts: false);
        exchange.Tell(ExchangeResult.NotShared);
        passing.TrySetResult();
    }

    /// <summary>Asked by compression further in, with headers that may not be final: it leaves alone what is going to be stored, and encoded then.</summary>
    bool IOuterEncoder.Encodes(HttpContext asked)
    {
        CacheHeadersMetadata.Apply(asked);
        return parts.Responses.MayEncode(asked)
            && parts.Compressible.Is(asked.Response.StatusCode, asked.Response.Headers)
            && parts.Responses.Read(request, asked.Response.StatusCode, asked.Response.Headers, parts.Time.GetUtcNow()).Reason == NotStored.No;
    }

    bool MayStandIn() =>
        found.Response is { } older && Reusing.MayServeOnError(older.Head.Terms, older.AgeAt(parts.Time.GetUtcNow().ToUnixTimeMilliseconds()), request.Directives);

    /// <summary>§3.3: complete as far as it can be known.</summary>
    bool IsWhole() =>
        !tooLong
        && !lifetime!.IsAborted
        && (context.Response.ContentLength is { } length ? length == body!.Buffer.Length : !exchange.IsAbandoned);

    async Task AnswerAsync()
    {
        switch (outcome)
        {
            case RunOutcome.Complete when sending is not null:
                await sending;
                break;
            case RunOutcome.Complete when body!.Route == BodyRoute.Hold:
                await AnswerCompleteAsync(stored!);
                break;
            case RunOutcome.Validated:
                await AnswerStoredAsync(new CacheStatus { Forward = reason, ForwardStatus = originStatus, Stored = !isOfThisClient });
                break;
            case RunOutcome.StandIn:
                await AnswerStoredAsync(new CacheStatus { Forward = reason, ForwardStatus = originStatus, Detail = "stale-if-error" });
                break;
            case RunOutcome.Broken:
                await EndSendingAsync();
                if (thrown is null)
                    context.Abort();
                break;
        }

        if (outcome != RunOutcome.StandIn)
            thrown?.Throw();
    }

    /// <summary>The client is not written to any more when its request ends.</summary>
    async Task EndSendingAsync()
    {
        if (sending is null)
            return;
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>The headers are those that the endpoint set; what the form of the body decides is added.</summary>
    Task AnswerCompleteAsync(StoredResponse complete)
    {
        var headers = context.Response.Headers;
        if (headers.Date.Count == 0)
            headers.Date = complete.Date;
        if (complete.Vary.Count > 0)
            headers.Vary = complete.Vary;
        SetCacheStatus(new CacheStatus { Forward = reason, Stored = true, Ttl = complete.TtlAt(complete.Head.InitialAge / 1000) });
        return parts.Answer.SendContentAsync(context, complete);
    }

    /// <summary>The headers are those of a 304 or an error; they make room for the stored ones.</summary>
    Task AnswerStoredAsync(CacheStatus status)
    {
        ClearResponse(context.Features.Get<IHttpResponseFeature>()!);
        var age = stored!.AgeAt(parts.Time.GetUtcNow().ToUnixTimeMilliseconds());
        return parts.Answer.SendAsync(context, stored, age, stored.StatusOf(Debugged(status with { Ttl = stored.TtlAt(age / 1000) })));
    }

    /// <summary>Back to what was there before the endpoint ran.</summary>
    void ClearResponse(IHttpResponseFeature answering)
    {
        answering.Headers.Clear();
        foreach (var (name, value) in before)
            answering.Headers[name] = value;
        answering.ReasonPhrase = null;
    }

    void SetCacheStatus(CacheStatus status)
    {
        var text = Debugged(status).Format(parts.Options.Name);
        context.Response.Headers.Append("Cache-Status", text);
    }

    CacheStatus Debugged(CacheStatus status) =>
        parts.Options.Debug ? status with { Key = found.Key, Detail = status.Detail ?? (notStored == NotStored.No ? null : notStored.ToString()) } : status;
}
