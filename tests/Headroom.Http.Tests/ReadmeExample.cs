using Headroom.Http;
using Microsoft.AspNetCore.Builder;

namespace Headroom.Examples;

/// <summary>The example of the package's README, to the letter.</summary>
internal static class ReadmeExample
{
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddHeadroom();

        var app = builder.Build();
        app.UseHeadroom();
        app.MapGet("/overview", () => new { chats = 12, unread = 3 }).CacheResponse(p => p.For(TimeSpan.FromSeconds(30)).Tag("chats"));
        app.MapPost("/chats", (IResponseCache responses) => responses.PurgeTagAsync("chats"));
        return app;
    }
}
