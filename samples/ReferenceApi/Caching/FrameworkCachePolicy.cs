using Headroom.Telemetry;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Primitives;

namespace ReferenceApi.Caching;

/// <summary>
/// How one endpoint's answers are kept by the framework's output cache: for how long, told apart by which query parameters, and dropped with
/// which tag. Tells in <c>Cache-Status</c> (RFC 9211) whether the answer came from the cache. For <c>--framework</c>: what a good engineer adds to the output cache.
/// </summary>
/// <remarks>
/// Two things go into the key beside path and parameters. The content coding, because the compressed bytes are what is kept, so that
/// a hit compresses nothing. And the tag's generation, which every write raises: an answer that was computed from the
/// data before a write, but stored after it, is filed under a generation that nobody asks for any more.
/// </remarks>
/// <param name="name">What is kept, in the metrics.</param>
/// <param name="tagOf">The tag of a request's answer.</param>
/// <param name="lifetime">How long answers are kept at most.</param>
/// <param name="queryKeys">The parameters that tell answers apart.</param>
internal sealed class FrameworkCachePolicy(string name, Func<HttpContext, string> tagOf, TimeSpan lifetime, params string[] queryKeys) : IOutputCachePolicy
{
    private const string CacheName = "Headroom";

    private readonly StringValues keys = queryKeys;

    public ValueTask CacheRequestAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        var http = context.HttpContext;
        var services = http.RequestServices;
        var cacheable = HttpMethods.IsGet(http.Request.Method) && StringValues.IsNullOrEmpty(http.Request.Headers.Authorization);
        context.EnableOutputCaching = cacheable;
        context.AllowCacheLookup = cacheable;
        context.AllowCacheStorage = cacheable;
        context.AllowLocking = true;
        context.ResponseExpirationTimeSpan = lifetime;
        var tag = tagOf(http);
        context.Tags.Add(tag);

        var vary = context.CacheVaryByRules;
        vary.QueryKeys = keys;
        vary.VaryByValues["generation"] = services.GetRequiredService<ResponseCacheTags>().Generation(tag);
        vary.VaryByValues["coding"] = services.GetService<IResponseCompressionProvider>()?.GetCompressionProvider(http)?.EncodingName ?? "identity";

        // The headers that are kept are those set before the response starts; this one must not be among them.
        var outcome = new Outcome(http.Response);
        http.Features.Set(outcome);
        http.Response.OnStarting(static state => ((Outcome)state).Tell(), outcome);
        return ValueTask.CompletedTask;
    }

    public ValueTask ServeFromCacheAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        context.HttpContext.Features.Get<Outcome>()!.Hit = true;
        context.HttpContext.RequestServices.GetRequiredService<CacheMetrics>().Hit(name);
        return ValueTask.CompletedTask;
    }

    public ValueTask ServeResponseAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        if (context.HttpContext.Response.StatusCode != StatusCodes.Status200OK)
            context.AllowCacheStorage = false;

        context.HttpContext.RequestServices.GetRequiredService<CacheMetrics>().Miss(name);
        return ValueTask.CompletedTask;
    }

    private sealed class Outcome(HttpResponse response)
    {
        public bool Hit { get; set; }

        public Task Tell()
        {
            response.Headers["Cache-Status"] = Hit ? CacheName + "; hit" : CacheName + "; fwd=miss";
            return Task.CompletedTask;
        }
    }
}
