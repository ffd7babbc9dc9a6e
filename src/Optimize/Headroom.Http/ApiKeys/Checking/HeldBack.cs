using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Http.ApiKeys.Checking;

/// <summary>An answer that does not begin yet: what comes behind it may still set its status and its fields.</summary>
internal static class HeldBack
{
    public static async Task WriteAsync(HttpContext context, Func<HttpContext, Task> write)
    {
        var response = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var held = new MemoryStream();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(held));
        try
        {
            await write(context);
        }
        finally
        {
            context.Features.Set(response);
        }

        // Sent by the server at the end of the request, as it is not flushed. Where a middleware put a stream in the place of the body, its writer is nobody's to flush, and the stream itself begins nothing.
        if (response is StreamResponseBodyFeature)
            await response.Stream.WriteAsync(held.GetBuffer().AsMemory(0, (int)held.Length), context.RequestAborted);
        else
            response.Writer.Write(held.GetBuffer().AsSpan(0, (int)held.Length));
    }
}
