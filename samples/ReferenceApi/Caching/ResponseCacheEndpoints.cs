using Headroom.Http;

namespace ReferenceApi.Caching;

internal static class ResponseCacheEndpoints
{
    /// <summary>
    /// Keeps this endpoint's 200 answers for a time, told apart by these query parameters, until a write invalidates the tag. Said once for either cache; which of them is in the pipeline, if any,
    /// is decided by the feature ResponseCache and <see cref="Hosting.HttpParts"/>.
    /// </summary>
    public static TBuilder KeepAnswers<TBuilder>(this TBuilder builder, string tag, TimeSpan lifetime, params string[] queryKeys)
        where TBuilder : IEndpointConventionBuilder =>
        builder
            .CacheResponse(policy => policy.For(lifetime).Tag(tag).VaryByQuery(queryKeys))
            .CacheOutput(new FrameworkCachePolicy(tag, lifetime, queryKeys));
}
