using Microsoft.AspNetCore.Http;

namespace Headroom.Http.CacheHeaders;

/// <summary>The <c>Cache-Control</c> of an endpoint's answers.</summary>
internal sealed class CacheHeadersMetadata(CacheDirectives directives)
{
    readonly string value = directives.ToHeader();
    readonly bool everyStatus = directives.NoStore;

    static readonly Func<object, Task> WhenStarting = static context =>
    {
        Apply((HttpContext)context);
        return Task.CompletedTask;
    };

    /// <summary>Wraps an endpoint's handler.</summary>
    public static RequestDelegate Around(RequestDelegate handler) => context =>
    {
        context.Response.OnStarting(WhenStarting, context);
        return handler(context);
    };

    /// <summary>
    /// Sets the header, unless the handler did, on answers that its words are about: 2xx and 304 to GET and HEAD; <c>no-store</c> is for all. Called when the response begins; whoever must
    /// know it before that (the response cache) calls it earlier, a second call changes nothing.
    /// </summary>
    public static void Apply(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<CacheHeadersMetadata>() is not { } said)
            return;
        var response = context.Response;
        if (response.Headers.CacheControl.Count == 0 && !response.Headers.ContainsKey("Expires") && (said.everyStatus || IsAbout(context.Request.Method, response.StatusCode)))
            response.Headers.CacheControl = said.value;
    }

    static bool IsAbout(string method, int statusCode) =>
        (HttpMethods.IsGet(method) || HttpMethods.IsHead(method)) && statusCode is (>= 200 and < 300) or StatusCodes.Status304NotModified;
}
