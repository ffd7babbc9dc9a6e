using Headroom.Http.ResponseCache.Exchanges;
using Headroom.Http.ResponseCache.Origin;
using Headroom.Http.ResponseCache.Rules;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Http.ResponseCache.Revalidation;

/// <summary>
/// Makes stale responses anew while they are served (RFC 5861 §3): the rest of the pipeline runs once more for a request that nobody sent, with services of its own, at most one at a time for a key, cancelled when the application
/// stops or when it takes too long.
/// </summary>
internal sealed class BackgroundRevalidation(
    IServiceScopeFactory scopes,
    ExchangeTable exchanges,
    IOptions<ResponseCacheOptions> options,
    TimeProvider time,
    ILogger<BackgroundRevalidation> logger,
    IHostApplicationLifetime? lifetime = null,
    IHttpContextAccessor? accessor = null)
{
    readonly int most = options.Value.RevalidationsMax;
    readonly TimeSpan timeout = options.Value.RevalidationTimeout;
    int running;

    /// <summary>Runs under way.</summary>
    public int Running => Volatile.Read(ref running);

    /// <summary>Begins to make a response anew, unless that is being done, too many others are, or the application stops.</summary>
    public void Start(CacheRequest request, Found found, OriginRuns runs)
    {
        if (Running >= most || lifetime?.ApplicationStopping.IsCancellationRequested == true || exchanges.TryLead(found.Key, request.Key) is not { } exchange)
            return;
        Interlocked.Increment(ref running);
        HttpContext context;
        string[] tags;
        try
        {
            // Everything of the client's request is copied before it goes on: it may be over any moment, and its objects used for another one.
            context = SyntheticRequest.Of(request.Context);
            tags = ResponseTags.Of(request);
        }
        catch
        {
            End(exchange);
            throw;
        }

        var background = new CacheRequest(context, request.Policy, request.Key, runs.Options) { IsBackground = true };
        using var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _ = Task.Run(() => RunAsync(background, found, exchange, tags, runs));
    }

    async Task RunAsync(CacheRequest request, Found found, Exchange exchange, string[] tags, OriginRuns runs)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            using var late = new CancellationTokenSource(timeout, time);
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(late.Token, lifetime?.ApplicationStopping ?? default);
            var context = request.Context;
            context.RequestServices = scope.ServiceProvider;
            context.RequestAborted = stopping.Token;
            if (accessor is not null)
                accessor.HttpContext = context;
            await new OriginRun(request, found, Forwarded.Stale, exchange, tags, runs).RunAsync();
            await SyntheticRequest.CompleteAsync(context);
        }
#pragma warning disable CA1031 // Nobody is there whom it could be thrown to.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            ResponseCacheLog.RevalidationFailed(logger, thrown);
        }
        finally
        {
            End(exchange);
        }
    }

    void End(Exchange exchange)
    {
        exchanges.Remove(exchange);
        exchange.Tell(ExchangeResult.NotShared);
        Interlocked.Decrement(ref running);
    }
}
