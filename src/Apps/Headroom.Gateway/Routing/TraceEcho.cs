using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Headroom.Gateway.Routing;

/// <summary>The answer to TRACE where it ends: the head of the request as it came, without what is secret (RFC 9110 §9.3.8).</summary>
internal static class TraceEcho
{
    private static readonly string[] Secret = [HeaderNames.Authorization, HeaderNames.Cookie, HeaderNames.ProxyAuthorization];

    public static Task WriteAsync(HttpContext context)
    {
        var request = context.Request;
        var echo = new StringBuilder($"{request.Method} {context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget} {request.Protocol}\r\n");
        foreach (var (name, values) in request.Headers)
        {
            if (Secret.Contains(name, StringComparer.OrdinalIgnoreCase))
                continue;
            foreach (var value in values)
                echo.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        context.Response.ContentType = "message/http";
        return context.Response.Body.WriteAsync(Encoding.Latin1.GetBytes(echo.Append("\r\n").ToString()), context.RequestAborted).AsTask();
    }
}
