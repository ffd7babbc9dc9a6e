using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Http.ConditionalRequests;

/// <summary>
/// Wraps an endpoint's handler: holds its content back up to a limit and sets the tag before the first byte leaves. Innermost, so that an output cache
/// stores the tag with the content and every later hit has it for nothing.
/// </summary>
internal sealed class ETagGenerator(RequestDelegate handler, int maxContentBytes)
{
    // 128 bits of SHA-256: as good as no chance that two contents meet, in 22 characters.
    const int TagBytes = 16;

    public Task InvokeAsync(HttpContext context)
    {
        if (!ConditionalRequestMiddleware.IsSafe(context.Request.Method))
            return handler(context);
        if (context.Features.Get<ConditionalRequestFeature>() is null)
        {
            throw new InvalidOperationException(
                $"The endpoint '{context.GetEndpoint()?.DisplayName}' has WithETag(), but no middleware evaluated the request's conditions. "
                + "Call 'app.UseConditionalRequests()' after routing and before 'app.UseOutputCache()'.");
        }

        return new HeldBackBody(context, context.Features.GetRequiredFeature<IHttpResponseBodyFeature>(), maxContentBytes).RunAsync(context, handler);
    }

    /// <summary>The strong tag of a representation: its bytes and its media type (RFC 9110 §8.8.1), quoted.</summary>
    public static string TagOf(ReadOnlySpan<byte> content, string? contentType)
    {
        var type = Encoding.UTF8.GetBytes(contentType ?? "");
        var joined = new byte[SHA256.HashSizeInBytes + type.Length];
        SHA256.HashData(content, joined);
        type.CopyTo(joined, SHA256.HashSizeInBytes);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(joined, digest);
        return $"\"{Base64Url.EncodeToString(digest[..TagBytes])}\"";
    }
}
