using Headroom.Http.ConditionalRequests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http;

/// <summary>
/// Entity tags for endpoints and 304 answers to clients that have the current content already (RFC 9110 §8.8.3, §13). Two parts work together:
/// <see cref="WithETag{TBuilder}"/> makes the tag where the content is made, <see cref="UseConditionalRequests"/> compares it with what the client has.
/// </summary>
public static class ConditionalRequestExtensions
{
    /// <summary>Content up to this many bytes gets a tag unless the endpoint says otherwise: 1 MiB.</summary>
    public const int DefaultMaxContentBytes = 1024 * 1024;

    /// <summary>The most that <see cref="WithETag{TBuilder}"/> accepts: 64 MiB.</summary>
    public const int LargestMaxContentBytes = 64 * 1024 * 1024;

    /// <summary>
    /// Gives the 200 answers of GET and HEAD requests to these endpoints a strong <c>ETag</c> made from their content and media type, unless the handler
    /// set one itself. The content is held back until it is complete; more than <paramref name="maxContentBytes"/>, an event stream, a handler that
    /// disables buffering and <c>Cache-Control: no-store</c> are passed on as they come, without a tag.
    /// </summary>
    /// <param name="builder">An endpoint or a group.</param>
    /// <param name="maxContentBytes">Bytes held back per request; 1 to 67,108,864, default 1,048,576.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is out of bounds.</exception>
    public static TBuilder WithETag<TBuilder>(this TBuilder builder, int maxContentBytes = DefaultMaxContentBytes)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxContentBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxContentBytes, LargestMaxContentBytes);

        builder.Finally(endpoint =>
        {
            // What an endpoint says itself comes first and wins over what its group says.
            if (endpoint.RequestDelegate is not { } handler || endpoint.Metadata.OfType<ETagMetadata>().Any())
                return;
            endpoint.Metadata.Add(ETagMetadata.Instance);
            endpoint.RequestDelegate = new ETagGenerator(handler, maxContentBytes).InvokeAsync;
        });
        return builder;
    }

    /// <summary>
    /// Gives the answers of GET and HEAD requests to these endpoints a weak <c>ETag</c> from the version of what they show, asked for before the handler runs. A client that has that
    /// version gets its 304 without the handler's work. Needs no middleware.
    /// </summary>
    /// <param name="builder">An endpoint or a group.</param>
    /// <param name="version">
    /// Says the version for a request, for example a row's version, the newest time of a change, or a counter that writes raise; it must change whenever the answer would, so it has in it whatever the answer depends on
    /// (the user, for one). Null: there is none, the handler runs and no tag is set.
    /// </param>
    public static TBuilder WithETagFrom<TBuilder>(this TBuilder builder, Func<HttpContext, ValueTask<string?>> version)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(version);
        builder.Finally(endpoint =>
        {
            if (endpoint.RequestDelegate is { } handler)
                endpoint.RequestDelegate = new VersionTag(handler, version).InvokeAsync;
        });
        return builder;
    }

    /// <summary>
    /// Answers GET and HEAD requests to endpoints with <see cref="WithETag{TBuilder}"/> by 304 without content when <c>If-None-Match</c> has the current
    /// tag, or, without that header, when nothing changed since <c>If-Modified-Since</c>. Other endpoints pay one metadata look-up.
    /// <para>Place it after <c>UseRouting</c> (which a <c>WebApplication</c> does by itself) and <c>UseResponseCompression</c>, and before
    /// <c>UseOutputCache</c>: so a 304 also fills the cache, and nothing is compressed only to be thrown away. Behind the output cache it could not
    /// do its work; a request that comes to it that way fails with an <see cref="InvalidOperationException"/> that says so.
    /// See docs/conditional-requests.md.</para>
    /// </summary>
    public static IApplicationBuilder UseConditionalRequests(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        return app.UseMiddleware<ConditionalRequestMiddleware>();
    }
}
