using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.ResponseCache.Purging;

/// <summary>What a purge request does.</summary>
internal static class PurgeEndpoint
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    public static async Task PurgeAsync(HttpContext context)
    {
        PurgeOrder? order;
        try
        {
            order = await JsonSerializer.DeserializeAsync<PurgeOrder>(context.Request.Body, Json, context.RequestAborted);
        }
        catch (JsonException unreadable)
        {
            await ProblemAsync(context, StatusCodes.Status400BadRequest, $"The body cannot be read: {unreadable.Message} {PurgeOrder.Example}");
            return;
        }

        var cache = context.RequestServices.GetRequiredService<IResponseCache>();
        var mode = order?.Soft == true ? PurgeMode.Soft : PurgeMode.Hard;
        try
        {
            await (order switch
            {
                { Tag: { } tag, Url: null, Prefix: null, All: false } => cache.PurgeTagAsync(tag, mode, context.RequestAborted),
                { Tag: null, Url: { } url, Prefix: null, All: false } => cache.PurgeUrlAsync(url, mode, context.RequestAborted),
                { Tag: null, Url: null, Prefix: { } prefix, All: false } => cache.PurgePrefixAsync(prefix, mode, context.RequestAborted),
                { Tag: null, Url: null, Prefix: null, All: true } => cache.PurgeAllAsync(mode, context.RequestAborted),
                _ => throw new ArgumentException($"Not exactly one of tag, url, prefix and all is given. {PurgeOrder.Example}"),
            });
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (ArgumentException wrong)
        {
            await ProblemAsync(context, StatusCodes.Status400BadRequest, wrong.Message);
        }
    }

    public static Task RefuseAsync(HttpContext context) => ProblemAsync(
        context, StatusCodes.Status403Forbidden, "This endpoint has no authorization policy, so it purges nothing. Write app.MapHeadroomPurge().RequireAuthorization(\"operator\") with a policy of that name.");

    static Task ProblemAsync(HttpContext context, int status, string detail)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { title = status == StatusCodes.Status403Forbidden ? "Forbidden" : "Bad Request", status, detail }, Json, "application/problem+json", context.RequestAborted);
    }
}

/// <summary>The body of a purge request.</summary>
internal sealed record PurgeOrder(string? Tag = null, Uri? Url = null, string? Prefix = null, bool All = false, bool Soft = false)
{
    public const string Example = "Write for example {\"tag\": \"chats\"}, {\"url\": \"https://api.example/users\"}, {\"prefix\": \"https://api.example/users/\", \"soft\": true} or {\"all\": true}.";
}
