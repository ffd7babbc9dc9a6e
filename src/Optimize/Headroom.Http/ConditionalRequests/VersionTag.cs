using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http.ConditionalRequests;

/// <summary>
/// Wraps an endpoint's handler: asks for the version of what it would answer and, where the client has that one, answers 304 without running it.
/// </summary>
internal sealed class VersionTag(RequestDelegate handler, Func<HttpContext, ValueTask<string?>> version)
{
    const int LongestVersion = 64;
    const int HashBytes = 16;

    // With the tag of data that could not be had after all, a client would keep the error.
    static readonly Func<object, Task> WhenStarting = static state =>
    {
        var response = ((HttpContext)state).Response;
        if (response.StatusCode is not ((>= 200 and < 300) or StatusCodes.Status304NotModified))
            response.Headers.ETag = default;
        return Task.CompletedTask;
    };

    // RFC 9110 §8.8.3: etagc, of ASCII.
    static readonly SearchValues<char> TagCharacters = SearchValues.Create([.. Enumerable.Range(0x21, 0x7e - 0x21 + 1).Select(code => (char)code).Where(character => character != '"')]);

    public Task InvokeAsync(HttpContext context) => ConditionalRequestMiddleware.IsSafe(context.Request.Method) ? AnswerAsync(context) : handler(context);

    /// <summary>
    /// A weak tag: the version is the data's, and says nothing of the bytes that a serializer makes of it. A version with other characters than a tag may
    /// have, or a long one, is hashed.
    /// </summary>
    internal static string Of(string version)
    {
        if (version.Length is > 0 and <= LongestVersion && !version.AsSpan().ContainsAnyExcept(TagCharacters))
            return $"W/\"{version}\"";
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(version));
        return $"W/\"{Base64Url.EncodeToString(hash.AsSpan(0, HashBytes))}\"";
    }

    async Task AnswerAsync(HttpContext context)
    {
        if (await version(context) is { } current)
        {
            var headers = context.Response.Headers;
            headers.ETag = Of(current);
            context.Response.OnStarting(WhenStarting, context);
            if (RequestConditions.Of(context.Request.Headers).AreMetBy(headers))
            {
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
        }

        await handler(context);
    }
}
