using Headroom.Caching;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Caching.Hybrid;

namespace Headroom.Examples;

/// <summary>The example of the package's README, to the letter.</summary>
internal static class ReadmeExample
{
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddHeadroomCaching(options => options.Default.EagerRefresh = 0.8);

        var app = builder.Build();
        app.MapGet("/users/{id:int}", (int id, HybridCache cache, CancellationToken cancellation) => cache.GetOrCreateAsync(
            CacheKey.For("user", id),
            id,
            static (id, _) => new ValueTask<string>($"user {id}"),
            tags: ["users"],
            cancellationToken: cancellation));
        app.MapDelete("/users", (HybridCache cache) => cache.RemoveByTagAsync("users"));
        return app;
    }
}
