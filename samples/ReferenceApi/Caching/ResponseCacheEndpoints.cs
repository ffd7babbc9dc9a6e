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
        builder.KeepAnswers(tag, _ => tag, lifetime, queryKeys);

    /// <summary>The same with a tag of what a request asks for, so that a write invalidates no more than it changed.</summary>
    /// <param name="builder">The endpoint.</param>
    /// <param name="name">What is kept, in the metrics.</param>
    /// <param name="tagOf">The tag of a request's answer.</param>
    /// <param name="lifetime">How long answers are kept at most.</param>
    /// <param name="queryKeys">The parameters that tell answers apart.</param>
    public static TBuilder KeepAnswers<TBuilder>(this TBuilder builder, string name, Func<HttpContext, string> tagOf, TimeSpan lifetime, params string[] queryKeys)
        where TBuilder : IEndpointConventionBuilder =>
        builder
            .CacheResponse(policy => policy.For(lifetime).Tag(tagOf).VaryByQuery(queryKeys))
            .CacheOutput(new FrameworkCachePolicy(name, tagOf, lifetime, queryKeys));
}
