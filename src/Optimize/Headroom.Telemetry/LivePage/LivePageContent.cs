using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Headroom.Telemetry.LivePage;

/// <summary>The page itself, built from web/live.html and embedded: one file that refers to nothing else.</summary>
internal static partial class LivePageContent
{
    static readonly Lazy<(byte[] Bytes, string Policy)> Page = new(Read);

    public static Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        var headers = response.Headers;
        headers.CacheControl = "no-store";

        // The page names its policy itself; here it holds even for a browser that would take the page for something else, and forbids to be framed.
        headers.ContentSecurityPolicy = $"{Page.Value.Policy}; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = Page.Value.Bytes.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(Page.Value.Bytes, context.RequestAborted).AsTask();
    }

    static (byte[] Bytes, string Policy) Read()
    {
        using var resource = typeof(LivePageContent).Assembly.GetManifestResourceStream("Headroom.Telemetry.live.html")
            ?? throw new InvalidOperationException("The live page is not in this assembly; LivePage/Web.targets embeds it.");
        using var reader = new StreamReader(resource, Encoding.UTF8);
        var page = reader.ReadToEnd();
        var policy = Policy().Match(page);
        return policy.Success
            ? (Encoding.UTF8.GetBytes(page), policy.Groups["policy"].Value)
            : throw new InvalidOperationException("The live page names no content security policy.");
    }

    [GeneratedRegex("""<meta http-equiv="Content-Security-Policy" content="(?<policy>[^"]+)" />""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Policy();
}
