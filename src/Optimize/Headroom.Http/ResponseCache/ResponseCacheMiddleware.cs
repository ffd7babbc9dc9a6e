using Headroom.Http.Compression;
using Headroom.Http.ResponseCache.Answers;
using Headroom.Http.ResponseCache.Exchanges;
using Headroom.Http.ResponseCache.Origin;
using Headroom.Http.ResponseCache.Policies;
using Headroom.Http.ResponseCache.Purging;
using Headroom.Http.ResponseCache.Revalidation;
using Headroom.Http.ResponseCache.Rules;
using Headroom.Http.ResponseCache.Stored;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Http.ResponseCache;

/// <summary>
/// The cache's place in the pipeline. A request goes this way:
/// <list type="number">
/// <item>It has nothing to do with the cache: on to the next, without a state machine.</item>
/// <item>Memory has a fresh response and the request asks for nothing special: it is sent at once.</item>
/// <item>Memory has none, and those before could not be stored: on to the next, and its headers are looked at when they come (<see cref="UnsharedKeys"/>).</item>
/// <item>Otherwise <see cref="LookUpAsync"/> looks carefully: conditions of the request, stale responses, validation, the distributed tier, what others are already fetching.</item>
/// <item>A request with an unsafe method goes on, and what it may have changed is invalidated afterwards.</item>
/// </list>
/// </summary>
internal sealed class ResponseCacheMiddleware
{
    const int KeyOnStack = 512;
    const int LooksMost = 4;

    // What the authorization middleware leaves behind for exactly this kind of question.
    const string AuthorizationRan = "__AuthorizationMiddlewareWithEndpointInvoked";

    readonly RequestDelegate next;
    readonly ResponseCacheOptions options;
    readonly ResponseStore store;
    readonly ExchangeTable exchanges;
    readonly UnsharedKeys unshared;
    readonly OriginRuns runs;
    readonly StoredAnswer answer;
    readonly BackgroundRevalidation revalidation;
    readonly PurgeSharing purges;
    readonly TimeProvider time;
    readonly Lazy<(bool Any, bool WithKeysOfTheirOwn)> policies;
    readonly string forwardedForMethod;
    readonly bool isOn;
    readonly bool honours;
    readonly bool authorizesAll;
    volatile bool hasSeenKeysOfTheirOwn;

    public ResponseCacheMiddleware(
        RequestDelegate next,
        IOptions<ResponseCacheOptions> options,
        ResponseStore store,
        ExchangeTable exchanges,
        UnsharedKeys unshared,
        StoredAnswer answer,
        OriginResponse responses,
        Compressible compressible,
        BackgroundRevalidation revalidation,
        PurgeSharing purges,
        TimeProvider time,
        ILogger<ResponseCacheMiddleware> logger,
        IServiceProvider services)
    {
        this.next = next;
        this.options = options.Value;
        this.store = store;
        this.exchanges = exchanges;
        this.unshared = unshared;
        this.answer = answer;
        this.revalidation = revalidation;
        this.purges = purges;
        this.time = time;
        runs = new OriginRuns(next, store, exchanges, unshared, responses, answer, compressible, this.options, time, logger);
        forwardedForMethod = new CacheStatus { Forward = Forwarded.Method }.Format(this.options.Name);
        isOn = this.options.Enabled;
        honours = isOn && this.options.HonourCacheHeaders;
        authorizesAll = services.GetService<IOptions<AuthorizationOptions>>()?.Value.FallbackPolicy is not null;

        // Endpoints are all there when the first request comes.
        policies = new Lazy<(bool, bool)>(() =>
        {
            var all = (services.GetService<EndpointDataSource>()?.Endpoints ?? []).Select(endpoint => endpoint.Metadata.GetMetadata<ResponseCachePolicy>()).OfType<ResponseCachePolicy>().Where(policy => !policy.IsOff).ToList();
            return (all.Count > 0, all.Exists(policy => policy.HasKeyOfItsOwn));
        });
    }

    public Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.EndpointOf();
        var policy = endpoint?.Metadata.GetMetadata<ResponseCachePolicy>();
        var method = context.Request.Method;
        var isGet = HttpMethods.IsGet(method);
        if (!isGet && !HttpMethods.IsHead(method))
            return isOn && Invalidation.IsUnsafe(method) && (honours || policies.Value.Any) ? InvalidateAsync(context, policy) : next(context);
        if (!isOn || (policy is null ? !honours : policy.IsOff))
            return next(context);
        if (IsNotForCaches(context))
            return next(context);
        if (endpoint is not null && IsUnauthorized(context, endpoint, policy))
            return next(context);

        var headers = context.Request.Headers;
        var user = context.Features.Get<IHttpAuthenticationFeature>()?.User;
        var isPlain = headers.CacheControl.Count == 0 && headers.Pragma.Count == 0 && !CacheRequest.HasCredentials(headers) && !CacheRequest.IsKnown(user) && !options.Debug;
        if (isPlain)
        {
            Span<char> buffer = stackalloc char[KeyOnStack];
            var length = ResponseKey.TryWrite(context.Request, policy, buffer);
            var item = length > 0 ? store.Peek(buffer[..length]) : null;
            string? variant = null;
            if (item?.Variants is { } rule)
            {
                variant = rule.KeyOf(buffer[..length], headers);
                item = store.Peek(variant);
            }

            if (item is null && isGet && length > 0 && unshared.Passes(variant is null ? buffer[..length] : variant, ofUser: false))
            {
                var key = buffer[..length].ToString();
                return new PassedResponse(CacheRequest.Plain(context, policy, key, options), variant ?? key, variant is null ? Forwarded.UriMiss : Forwarded.VaryMiss, runs).RunAsync();
            }

            if (item?.Response is { } stored)
            {
                var age = stored.AgeAt(time.GetUtcNow().ToUnixTimeMilliseconds());
                if (age < stored.Head.Terms.Lifetime && !stored.Head.Terms.AlwaysRevalidate && !store.IsPurgedSoftly(stored))
                {
                    purges.Look();
                    return answer.SendAsync(context, stored, age, default);
                }
            }
        }

        return LookUpAsync(context, policy);
    }

    /// <summary>
    /// A request with a body (what a GET's body means only the endpoint knows, and it is not in the key), one that becomes another protocol, one whose conditions are not for caches (RFC 9110 §13.1.1, §13.1.4).
    /// </summary>
    static bool IsNotForCaches(HttpContext context)
    {
        var headers = context.Request.Headers;
        return HasIfMatch(headers)
            || context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }
            || headers.Upgrade.Count > 0
            || headers.IfUnmodifiedSince.Count > 0;
    }

    /// <summary>The condition is the origin's to evaluate, and its tags are those of plain bodies.</summary>
    static bool HasIfMatch(IHeaderDictionary headers)
    {
        var ifMatch = headers.IfMatch;
        if (ifMatch.Count == 0)
            return false;
        headers.IfMatch = EntityTag.WithOrigins(ifMatch);
        return true;
    }

    /// <summary>An endpoint that wants authorization is answered from the cache only behind the middleware that gives it.</summary>
    bool IsUnauthorized(HttpContext context, Endpoint endpoint, ResponseCachePolicy? policy)
    {
        var wantsIt = authorizesAll
            || endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null
            || endpoint.Metadata.GetMetadata<IAuthorizationRequirementData>() is not null
            || endpoint.Metadata.GetMetadata<AuthorizationPolicy>() is not null;
        if (!wantsIt || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null || context.Items.ContainsKey(AuthorizationRan))
            return false;
        return policy is null
            ? true
            : throw new InvalidOperationException(
                $"The endpoint '{endpoint.DisplayName}' has CacheResponse and needs authorization, but the response cache runs before it and would answer without asking. Call 'app.UseAuthorization()' before 'app.UseHeadroom()'.");
    }

    async Task LookUpAsync(HttpContext context, ResponseCachePolicy? policy)
    {
        if (ResponseKey.Of(context, policy) is not { } key)
        {
            await PassAsync(context, null, Forwarded.Bypass);
            return;
        }

        // Endpoints that are not among those of routing, a gateway's for one, are known when they are asked for.
        if (policy is { HasKeyOfItsOwn: true } && !hasSeenKeysOfTheirOwn)
            hasSeenKeysOfTheirOwn = true;
        await purges.LookAsync();
        var request = new CacheRequest(context, policy, key, options);
        for (var looks = 0; looks < LooksMost; looks++)
        {
            if (await TryAnswerAsync(request))
                return;
        }

        await PassAsync(context, request, Forwarded.UriMiss);
    }

    /// <summary>One look; false: what was waited for is of no use to this request, look again.</summary>
    async Task<bool> TryAnswerAsync(CacheRequest request)
    {
        var context = request.Context;
        var isHead = HttpMethods.IsHead(context.Request.Method);
        if (request.IsAuthorized && request.Policy is not null)
        {
            await PassAsync(context, request, Forwarded.Bypass);
            return true;
        }

        var found = store.Find(request.Key, context.Request.Headers);
        var reason = found.Rule is not null ? Forwarded.VaryMiss : Forwarded.UriMiss;
        if (found.Response is { } stored && !(request.IsAuthorized && CacheRequest.IsKnown(context.User)))
        {
            var age = stored.AgeAt(time.GetUtcNow().ToUnixTimeMilliseconds());
            var counted = store.IsPurgedSoftly(stored) ? Math.Max(age, stored.Head.Terms.Lifetime) : age;
            var reuse = Reusing.Decide(stored.Head.Terms, counted, request.Directives);
            if (reuse is Reuse.Fresh or Reuse.Stale or Reuse.StaleWhileRevalidate)
            {
                if (reuse == Reuse.StaleWhileRevalidate && !request.IsUnkeyed)
                    revalidation.Start(request, found, runs);
                await answer.SendAsync(context, stored, age, options.Debug ? stored.StatusOf(new CacheStatus { Hit = true, Ttl = stored.TtlAt(age / 1000), Key = found.Key }) : default);
                return true;
            }

            reason = reuse == Reuse.RevalidateForRequest ? Forwarded.Request : Forwarded.Stale;
        }

        if (request.Directives.OnlyIfCached)
        {
            // §5.2.1.7.
            context.Response.StatusCode = StatusCodes.Status504GatewayTimeout;
            context.Response.Headers.Append("Cache-Status", new CacheStatus { Detail = "only-if-cached", Key = options.Debug ? found.Key : null }.Format(options.Name));
            return true;
        }

        if (isHead)
        {
            await HeadAsync(request, found, reason);
            return true;
        }

        // Those before could not be stored. Or this one never is: nobody waits for it, and it waits for nobody, for where a proxy adds such a header to all requests they would go one after the other.
        if (request.IsUnkeyed || (found.Response is null && unshared.Passes(found.Key, request.IsAuthorized)))
        {
            await new PassedResponse(request, found.Key, reason, runs).RunAsync();
            return true;
        }

        // Nothing that others could share, or nothing that may be kept: nobody waits.
        if (request.IsAuthorized && request.Policy is null)
            return await LeadOrPassAsync(request, found, reason);
        if (request.Directives.NoStore || !unshared.IsShared(found.Key, ofUser: false))
            return await LeadOrPassAsync(request, found, reason);

        var exchange = exchanges.Join(found.Key, request.Key, out var leads);
        return leads ? await LeadAsync(request, found, reason, exchange) : await FollowAsync(request, exchange);
    }

    /// <summary>Leads if nobody does, so that the response can be stored; otherwise goes alone. A known user leads no more once a response of one was not stored: those who follow would wait for nothing.</summary>
    async Task<bool> LeadOrPassAsync(CacheRequest request, Found found, Forwarded reason)
    {
        if (request.IsAuthorized && !unshared.IsShared(found.Key, ofUser: true))
        {
            await new PassedResponse(request, found.Key, reason, runs).RunAsync();
            return true;
        }

        if (!request.Directives.NoStore && exchanges.TryLead(found.Key, request.Key) is { } exchange)
            return await LeadAsync(request, found, reason, exchange);
        await PassAsync(request.Context, request, reason);
        return true;
    }

    async Task<bool> LeadAsync(CacheRequest request, Found found, Forwarded reason, Exchange exchange)
    {
        try
        {
            // Memory looked at once more: between the look and the lead another leader may have put it in. Then what the store has.
            var again = store.Find(request.Key, request.Context.Request.Headers);
            if (again.Key != found.Key || !ReferenceEquals(again.Response, found.Response) || (found.Response is null && await store.FetchAsync(found.Key, CancellationToken.None)))
            {
                exchanges.Remove(exchange);
                exchange.Tell(ExchangeResult.LookAgain);
                return false;
            }

            return await new OriginRun(request, found, reason, exchange, ResponseTags.Of(request), runs).RunAsync();
        }
        finally
        {
            exchanges.Remove(exchange);
            exchange.Tell(ExchangeResult.NotShared);
        }
    }

    async Task<bool> FollowAsync(CacheRequest request, Exchange exchange)
    {
        var context = request.Context;
        try
        {
            var result = await exchange.Result.WaitAsync(context.RequestAborted);
            switch (result.Outcome)
            {
                case ExchangeOutcome.LookAgain:
                    return false;
                case ExchangeOutcome.Complete when FollowerAnswer.IsFor(request, result.Response!.Head):
                    var age = result.Response.AgeAt(time.GetUtcNow().ToUnixTimeMilliseconds());
                    var status = new CacheStatus { Forward = result.Forward, ForwardStatus = result.ForwardStatus, Collapsed = true, Ttl = result.Response.TtlAt(age / 1000), Key = options.Debug ? exchange.Key : null };
                    await answer.SendAsync(context, result.Response, age, result.Response.StatusOf(status));
                    return true;
                case ExchangeOutcome.Streaming when FollowerAnswer.IsFor(request, result.Head!):
                    await FollowerAnswer.StreamAsync(context, result, options.Name);
                    return true;
                case ExchangeOutcome.Complete or ExchangeOutcome.Streaming:
                    return false;
                default:
                    await PassAsync(context, request, Forwarded.UriMiss);
                    return true;
            }
        }
        finally
        {
            exchange.Leave();
        }
    }

    /// <summary>A HEAD goes on as it is; what it says updates what is stored (§4.3.5), or shows that it is over.</summary>
    async Task HeadAsync(CacheRequest request, Found found, Forwarded reason)
    {
        var requested = time.GetUtcNow();
        await PassAsync(request.Context, request, reason);
        var response = request.Context.Response;

        // What one user is told, or a request that may be for something else, says nothing about what all others get.
        if (request.IsAuthorized || request.IsUnkeyed)
            return;
        if (found.Response is not { Head.Status: StatusCodes.Status200OK } stored || response.StatusCode is not (StatusCodes.Status200OK or StatusCodes.Status404NotFound or StatusCodes.Status410Gone))
            return;

        var modified = stored.LastModified.Count == 1 ? stored.LastModified.ToString() : null;
        if (response.StatusCode != StatusCodes.Status200OK || !Validation.HeadIsOf(response.Headers, stored.Head.TagIsOrigins ? stored.Head.Tag : EntityTag.Of(response.Headers), modified, stored.Content.Length))
            await store.RemoveAsync(found.Key);
        else
        {
            var (head, isForAll) = runs.Responses.Updated(request, stored, response.Headers, requested, time.GetUtcNow());
            if (isForAll)
                await store.ReplaceAsync(found, stored.With(head, options.Name), ResponseStore.KeepFor(head, options.KeepForRevalidation, request.HonoursDirectives));
        }
    }

    /// <summary>On to the next, alone and not stored.</summary>
    Task PassAsync(HttpContext context, CacheRequest? request, Forwarded reason)
    {
        var status = new CacheStatus { Forward = reason, Key = options.Debug ? request?.Key : null }.Format(options.Name);
        context.Response.OnStarting(
            static state =>
            {
                var (response, text) = ((HttpResponse, string))state;
                response.Headers.Append("Cache-Status", text);
                return Task.CompletedTask;
            },
            (context.Response, status));
        return next(context);
    }

    /// <summary>§4.4. Before the client is answered: whoever saw the answer of a write does not get what was before it. And once more when the endpoint has ended.</summary>
    async Task InvalidateAsync(HttpContext context, ResponseCachePolicy? policy)
    {
        var request = context.Request;
        var (scheme, host, target) = (request.Scheme, request.Host.Value ?? "", ResponseKey.TargetOf(request).ToString());
        HasIfMatch(request.Headers);
        var isDone = false;
        context.Response.OnStarting(async () =>
        {
            context.Response.Headers.Append("Cache-Status", forwardedForMethod);
            await DoneAsync();
        });
        try
        {
            await next(context);
        }
        finally
        {
            // It may have changed something after it began to answer, and a GET in between have stored what was before.
            isDone = false;
            await DoneAsync();
        }

        async Task DoneAsync()
        {
            if (isDone || !Invalidation.IsCausedBy(context.Response.StatusCode))
                return;
            isDone = true;
            var targets = new HashSet<string>(StringComparer.Ordinal) { target };
            foreach (var reference in new[] { context.Response.Headers.Location.ToString(), context.Response.Headers.ContentLocation.ToString() })
            {
                if (Invalidation.SameOriginTarget(reference, scheme, host, target) is { } other)
                    targets.Add(other);
            }

            foreach (var each in targets)
                await purges.InvalidateAsync(ResponseKey.UrlOf(scheme, host, each), policies.Value.WithKeysOfTheirOwn || hasSeenKeysOfTheirOwn || policy is { HasKeyOfItsOwn: true });
        }
    }
}
