using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Headroom.Http.ConditionalRequests;

/// <summary>
/// Compares a response's validators with the request's conditions. The comparison happens when the response is about to begin, whoever made it:
/// the endpoint, or an output cache between here and there.
/// </summary>
internal sealed class ConditionalRequestMiddleware(RequestDelegate next, IServiceProvider services)
{
    // A response that is compressed by this provider varies by Accept-Encoding, and so does its 304 (RFC 9110 §15.4.5).
    readonly bool compressionIsPossible = services.GetService<IResponseCompressionProvider>() is not null;

    public Task InvokeAsync(HttpContext context)
    {
        if (context.EndpointOf()?.Metadata.GetMetadata<ETagMetadata>() is null || !IsSafe(context.Request.Method))
            return next(context);
        return EvaluateAsync(context);
    }

    internal static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);

    Task EvaluateAsync(HttpContext context)
    {
        // Behind the cache this would not see what the cache answers: it could neither weaken the tag of a compressed entry nor answer 304 for it.
        if (context.Features.Get<IOutputCacheFeature>() is not null)
        {
            throw new InvalidOperationException(
                "The output cache runs before conditional requests. Call 'app.UseConditionalRequests()' before 'app.UseOutputCache()'.");
        }

        var conditions = RequestConditions.Of(context.Request.Headers);
        context.Features.Set(new ConditionalRequestFeature());
        context.Response.OnStarting(() =>
        {
            AdjustHeaders(context, conditions);
            return Task.CompletedTask;
        });

        return conditions.Any ? new PreconditionBody(context, context.Features.GetRequiredFeature<IHttpResponseBodyFeature>(), conditions).RunAsync(context, next) : next(context);
    }

    /// <summary>
    /// When the headers are final. A tag that was made from the plain content is not a strong tag of its compressed form; as a weak one it holds for
    /// both (RFC 9110 §8.8.1), and weak comparison is all that If-None-Match needs. A 304 repeats the tag in the form that the client has, because a
    /// cache updates a stored response only by a validator of the same strength (RFC 9111 §4.3.4).
    /// </summary>
    void AdjustHeaders(HttpContext context, RequestConditions conditions)
    {
        var response = context.Response;
        var headers = response.Headers;
        if (response.StatusCode == StatusCodes.Status304NotModified)
        {
            if (conditions.HasWeak(headers.ETag.ToString()))
                Weaken(headers);
            if (compressionIsPossible && context.Request.Headers.AcceptEncoding.Count > 0)
                VaryByEncoding(headers);
        }
        else if (headers.ContentEncoding.Count > 0)
            Weaken(headers);
    }

    static void Weaken(IHeaderDictionary headers)
    {
        var tag = headers.ETag.ToString();
        if (tag.StartsWith('"'))
            headers.ETag = "W/" + tag;
    }

    static void VaryByEncoding(IHeaderDictionary headers)
    {
        foreach (var line in headers.Vary)
        {
            foreach (var name in (line ?? "").Split(',', StringSplitOptions.TrimEntries))
            {
                if (name == "*" || name.Equals(HeaderNames.AcceptEncoding, StringComparison.OrdinalIgnoreCase))
                    return;
            }
        }

        headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
    }
}

/// <summary>Tells <see cref="ETagGenerator"/> that the middleware is in the pipeline.</summary>
internal sealed class ConditionalRequestFeature;
