using Headroom.Http.CacheHeaders;
using Microsoft.AspNetCore.Builder;

namespace Headroom.Http;

/// <summary><c>Cache-Control</c> for endpoints whose answers browsers and CDNs may keep. See docs/conditional-requests.md.</summary>
public static class CacheHeadersExtensions
{
    /// <summary>
    /// Sets <c>Cache-Control</c> on 2xx and 304 answers of these endpoints to GET and HEAD. A handler that sets <c>Cache-Control</c> or <c>Expires</c> itself has the last word; what an
    /// endpoint says wins over what its group says. <c>no-store</c> is set on every answer.
    /// </summary>
    /// <param name="builder">An endpoint or a group.</param>
    /// <param name="directives">A preset (<see cref="CacheDirectives.Data"/>, <see cref="CacheDirectives.Export"/>, <see cref="CacheDirectives.Health"/>) or your own.</param>
    /// <exception cref="ArgumentException">The directives contradict each other or are out of bounds; the message has all of it.</exception>
    public static TBuilder CacheHeaders<TBuilder>(this TBuilder builder, CacheDirectives directives)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(directives);
        var errors = directives.Errors().ToList();
        if (errors.Count > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, errors), nameof(directives));

        var metadata = new CacheHeadersMetadata(directives);
        builder.Finally(endpoint =>
        {
            // What an endpoint says itself comes first and wins over what its group says.
            if (endpoint.RequestDelegate is not { } handler || endpoint.Metadata.OfType<CacheHeadersMetadata>().Any())
                return;
            endpoint.Metadata.Add(metadata);
            endpoint.RequestDelegate = CacheHeadersMetadata.Around(handler);
        });
        return builder;
    }

    /// <summary>The same, for answers that everybody may keep.</summary>
    /// <param name="builder">An endpoint or a group.</param>
    /// <param name="maxAge"><see cref="CacheDirectives.MaxAge"/>.</param>
    /// <param name="sMaxAge"><see cref="CacheDirectives.SharedMaxAge"/>.</param>
    /// <param name="staleWhileRevalidate"><see cref="CacheDirectives.StaleWhileRevalidate"/>.</param>
    /// <param name="staleIfError"><see cref="CacheDirectives.StaleIfError"/>.</param>
    /// <exception cref="ArgumentException">A time is out of bounds.</exception>
    public static TBuilder CacheHeaders<TBuilder>(
        this TBuilder builder, TimeSpan maxAge, TimeSpan? sMaxAge = null, TimeSpan? staleWhileRevalidate = null, TimeSpan? staleIfError = null)
        where TBuilder : IEndpointConventionBuilder =>
        builder.CacheHeaders(new CacheDirectives { MaxAge = maxAge, SharedMaxAge = sMaxAge, StaleWhileRevalidate = staleWhileRevalidate, StaleIfError = staleIfError });
}
