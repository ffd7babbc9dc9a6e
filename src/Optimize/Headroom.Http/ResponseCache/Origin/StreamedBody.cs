using Headroom.Http.ResponseCache.Exchanges;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Http.ResponseCache.Origin;

/// <summary>Sends a body that is still coming, at the pace of this client.</summary>
internal static class StreamedBody
{
    /// <exception cref="IOException">The body broke off: the response cannot be completed.</exception>
    public static async Task SendAsync(BodyBuffer body, IHttpResponseBodyFeature client, CancellationToken aborted)
    {
        var offset = 0;
        while (true)
        {
            var part = await body.ReadAsync(offset, aborted);
            if (!part.Bytes.IsEmpty)
            {
                await client.Stream.WriteAsync(part.Bytes, aborted);
                offset += part.Bytes.Length;
                continue;
            }

            if (part.IsWhole)
                return;
            throw new IOException("The response broke off before its end.");
        }
    }
}
