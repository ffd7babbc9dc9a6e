using System.Globalization;
using System.IO.Compression;
using System.Text.Json;

namespace Headroom.Http.Benchmarks;

/// <summary>The limit: an endpoint of Kestrel that writes a static byte array with the header fields that the others have, and what the gateway's upstream needs.</summary>
internal static class Limit
{
    private const string Json = "application/json; charset=utf-8";
    private const long Gigabyte = 1L << 30;

    public static void Map(WebApplication app)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(Content.Make(), ContentJson.Default.MessageArray);
        var brotli = Compressed(plain, output => new BrotliStream(output, CompressionLevel.SmallestSize));
        var gzip = Compressed(plain, output => new GZipStream(output, CompressionLevel.SmallestSize));
        app.MapGet("/identity", context => Write(context, plain, null));
        app.MapGet("/br", context => Write(context, brotli, "br"));
        app.MapGet("/gzip", context => Write(context, gzip, "gzip"));
        app.MapGet("/304", context =>
        {
            if (context.Request.Headers.IfNoneMatch == "\"v1\"")
            {
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                context.Response.Headers.ETag = "\"v1\"";
                return Task.CompletedTask;
            }

            return Write(context, plain, null);
        });
        app.MapGet("/kept", context =>
        {
            context.Response.Headers.CacheControl = "public, max-age=3600";
            return Write(context, plain, null);
        });
        app.MapGet("/passed", context =>
        {
            context.Response.Headers.CacheControl = "no-store";
            return Write(context, plain, null);
        });
        app.MapGet("/gigabyte", async context =>
        {
            context.Response.ContentLength = Gigabyte;
            context.Response.ContentType = "application/octet-stream";
            var piece = new byte[64 * 1024];
            for (var sent = 0L; sent < Gigabyte; sent += piece.Length)
                await context.Response.Body.WriteAsync(piece, context.RequestAborted);
        });
    }

    private static Task Write(HttpContext context, byte[] content, string? coding)
    {
        var response = context.Response;
        response.ContentType = Json;
        response.ContentLength = content.Length;
        response.Headers.ETag = "\"v1\"";
        if (coding is not null)
        {
            response.Headers.ContentEncoding = coding;
            response.Headers.Vary = "Accept-Encoding";
        }

        var written = response.BodyWriter.WriteAsync(content, context.RequestAborted);
        return written.IsCompletedSuccessfully ? Task.CompletedTask : written.AsTask();
    }

    private static byte[] Compressed(byte[] content, Func<Stream, Stream> encoder)
    {
        using var output = new MemoryStream();
        using (var stream = encoder(output))
            stream.Write(content);
        return output.ToArray();
    }
}
