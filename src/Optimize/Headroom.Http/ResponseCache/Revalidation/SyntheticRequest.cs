using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.AspNetCore.Routing;

namespace Headroom.Http.ResponseCache.Revalidation;

/// <summary>A request like a client's, without the client: what the rest of the pipeline needs is copied, the response goes nowhere but through the cache.</summary>
internal static class SyntheticRequest
{
    public static HttpContext Of(HttpContext original)
    {
        var features = new FeatureCollection();
        var source = original.Features.GetRequiredFeature<IHttpRequestFeature>();
        var headers = new HeaderDictionary();
        foreach (var (name, value) in source.Headers)
            headers[name] = value;
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Method = HttpMethods.Get,
            Scheme = source.Scheme,
            Protocol = source.Protocol,
            PathBase = source.PathBase,
            Path = source.Path,
            QueryString = source.QueryString,
            RawTarget = source.RawTarget,
            Headers = headers,
        });
        features.Set<IHttpResponseFeature>(new DetachedResponse());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature());
        features.Set<IHttpRequestBodyDetectionFeature>(new NoBody());
        features.Set<IHttpAuthenticationFeature>(new HttpAuthenticationFeature { User = original.User is { } user ? new ClaimsPrincipal(user) : null });
        var connection = original.Connection;
        features.Set<IHttpConnectionFeature>(new HttpConnectionFeature
        {
            ConnectionId = connection.Id,
            LocalIpAddress = connection.LocalIpAddress,
            LocalPort = connection.LocalPort,
            RemoteIpAddress = connection.RemoteIpAddress,
            RemotePort = connection.RemotePort,
        });
        var context = new DefaultHttpContext(features) { TraceIdentifier = original.TraceIdentifier + ":revalidation" };
        context.SetEndpoint(original.GetEndpoint());
        context.Request.RouteValues = new RouteValueDictionary(original.Request.RouteValues);

        // Middleware inside may look whether routing and authorization have run: they have, for this request.
        foreach (var (key, value) in original.Items)
        {
            if (key is string name && name.StartsWith("__", StringComparison.Ordinal))
                context.Items[key] = value;
        }

        return context;
    }

    /// <summary>Runs what was registered for the end of the request.</summary>
    public static Task CompleteAsync(HttpContext context) => context.Features.Get<IHttpResponseFeature>() is DetachedResponse response ? response.CompleteAsync() : Task.CompletedTask;

    sealed class NoBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => false;
    }

    sealed class DetachedResponse : IHttpResponseFeature
    {
        readonly Stack<(Func<object, Task> Callback, object State)> completed = new();

        public int StatusCode { get; set; } = StatusCodes.Status200OK;

        public string? ReasonPhrase { get; set; }

        public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();

        public Stream Body { get; set; } = Stream.Null;

        public bool HasStarted => false;

        // Those of the rest of the pipeline are the cache's to run; nobody else registers any here.
        public void OnStarting(Func<object, Task> callback, object state)
        {
        }

        public void OnCompleted(Func<object, Task> callback, object state) => completed.Push((callback, state));

        public async Task CompleteAsync()
        {
            while (completed.TryPop(out var each))
                await each.Callback(each.State);
        }
    }
}
