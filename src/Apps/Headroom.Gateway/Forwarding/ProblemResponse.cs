using System.Text;
using Microsoft.Net.Http.Headers;

namespace Headroom.Gateway.Forwarding;

/// <summary>Answers a request that could not be forwarded: RFC 9457 problem details, and Proxy-Status (RFC 9209). Nothing in it tells where the upstream is.</summary>
internal static class ProblemResponse
{
    private const string Unavailable = "5";

    private static readonly Dictionary<ForwardError, byte[]> Bodies = Enum.GetValues<ForwardError>()
        .Where(error => error != ForwardError.None)
        .ToDictionary(error => error, error => Body(ForwardErrorText.Of(error), ForwardErrorText.Of(error).Status));

    /// <param name="status">Another status than the error's usual one, 0 for the usual one.</param>
    public static async ValueTask WriteAsync(HttpContext context, ForwardError error, int status = 0)
    {
        var text = ForwardErrorText.Of(error);
        var response = context.Response;
        response.StatusCode = status == 0 ? text.Status : status;
        response.ContentType = "application/problem+json";
        response.Headers.CacheControl = "no-store";
        response.Headers["Proxy-Status"] = $"headroom; error={text.Type}";
        if (response.StatusCode == StatusCodes.Status503ServiceUnavailable)
            response.Headers.RetryAfter = Unavailable;
        var body = status == 0 ? Bodies[error] : Body(text with { Title = TitleOf(status) ?? text.Title }, status);
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static string? TitleOf(int status) => status switch
    {
        StatusCodes.Status413PayloadTooLarge => "The request's body is larger than this gateway takes.",
        StatusCodes.Status501NotImplemented => "The request's body has a transfer coding other than chunked.",
        _ => null,
    };

    private static byte[] Body(ForwardErrorText text, int status) =>
        Encoding.UTF8.GetBytes($$"""{"type":"urn:headroom:gateway:{{text.Type}}","title":"{{text.Title}}","status":{{status}}}""");
}
