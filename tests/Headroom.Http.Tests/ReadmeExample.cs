using Headroom.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Examples;

/// <summary>The example of the package's README, to the letter.</summary>
internal static class ReadmeExample
{
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddResponseCompression();
        builder.Services.AddOutputCache();

        var app = builder.Build();
        app.UseResponseCompression();
        app.UseConditionalRequests();
        app.UseOutputCache();
        app.MapGet("/overview", () => new { chats = 12, unread = 3 }).WithETag().CacheOutput();
        return app;
    }
}
