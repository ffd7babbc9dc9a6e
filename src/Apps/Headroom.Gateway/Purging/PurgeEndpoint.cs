using System.Security.Cryptography;
using System.Text;
using Headroom.Gateway.Configuration;
using Headroom.Http;
using Microsoft.Extensions.Primitives;

namespace Headroom.Gateway.Purging;

/// <summary>
/// <c>POST /.headroom/purge?tag=…&amp;url=…&amp;prefix=…&amp;all&amp;mode=soft</c> with <c>Authorization: Bearer TOKEN</c>: purges stored responses on every gateway that shares the store. 204 when done, 401 without the token, 400 when nothing is
/// named.
/// </summary>
internal sealed class PurgeEndpoint(PurgeSettings? settings, IResponseCache cache)
{
    private const string Bearer = "Bearer ";
    private readonly byte[] _token = SHA256.HashData(Encoding.UTF8.GetBytes(settings?.Token ?? ""));

    public Task InvokeAsync(HttpContext context, RequestDelegate next) =>
        settings is not null && context.Request.Path.Equals(settings.Path, StringComparison.Ordinal) ? PurgeAsync(context) : next(context);

    private async Task PurgeAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsPost(request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "POST";
            return;
        }

        if (!IsAuthorized(request.Headers.Authorization))
        {
            response.StatusCode = StatusCodes.Status401Unauthorized;
            response.Headers.WWWAuthenticate = "Bearer";
            return;
        }

        var mistake = Check(request.Query, out var mode, out var urls);
        if (mistake is not null)
        {
            response.StatusCode = StatusCodes.Status400BadRequest;
            response.ContentType = "text/plain; charset=utf-8";
            await response.WriteAsync(mistake + "\n", context.RequestAborted);
            return;
        }

        // Not ended by an impatient client: half a purge would leave the other half in use.
        foreach (var tag in request.Query["tag"])
            await cache.PurgeTagAsync(tag!, mode, CancellationToken.None);
        foreach (var url in urls)
            await cache.PurgeUrlAsync(url, mode, CancellationToken.None);
        foreach (var prefix in request.Query["prefix"])
            await cache.PurgePrefixAsync(prefix!, mode, CancellationToken.None);
        if (request.Query.ContainsKey("all"))
            await cache.PurgeAllAsync(mode, CancellationToken.None);
        response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Hashes are compared, all of their bytes, so that time tells neither a beginning nor a length.</summary>
    private bool IsAuthorized(StringValues authorization) =>
        authorization is [{ } value] && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(value[Bearer.Length..].Trim())), _token);

    private static string? Check(IQueryCollection query, out PurgeMode mode, out List<Uri> urls)
    {
        mode = PurgeMode.Hard;
        urls = [];
        foreach (var text in query["url"])
        {
            if (!Uri.TryCreate(text, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }, out var url) || url.Scheme is not ("http" or "https"))
                return $"url is '{text}'; write scheme, host, path and query as clients ask for it, such as https://api.example.com/items";
            urls.Add(url);
        }

        switch (query["mode"].ToString())
        {
            case "" or "hard":
                break;
            case "soft":
                mode = PurgeMode.Soft;
                break;
            case var other:
                return $"mode is '{other}'; allowed: hard, soft";
        }

        foreach (var name in query.Keys)
        {
            if (name is not ("tag" or "url" or "prefix" or "all" or "mode"))
                return $"'{name}' is not known; allowed: tag, url, prefix, all, mode";
            if (name is not "all" && query[name].Any(string.IsNullOrEmpty))
                return $"'{name}' is empty; write a value";
            // Somebody who writes all=false does not mean everything.
            if (name is "all" && query[name].Any(static value => value is not (null or "" or "1" or "true")))
                return $"all is '{query[name]}'; write ?all, or leave it out";
        }

        return query.ContainsKey("tag") || query.ContainsKey("url") || query.ContainsKey("prefix") || query.ContainsKey("all")
            ? null
            : "nothing is named; write ?tag=…, ?url=…, ?prefix=… or ?all";
    }
}
