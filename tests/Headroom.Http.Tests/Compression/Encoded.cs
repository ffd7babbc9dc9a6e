using System.IO.Compression;
using System.Text;

namespace Headroom.Http.Tests.Compression;

/// <summary>Content in a coding and back, by the framework's own streams.</summary>
internal static class Encoded
{
    public static string Text(byte[] content, string? coding) => Encoding.UTF8.GetString(Decode(content, coding));

    public static byte[] Decode(byte[] content, string? coding)
    {
        using var decoded = new MemoryStream();
        using var decoder = Decoder(new MemoryStream(content), coding);
        decoder.CopyTo(decoded);
        return decoded.ToArray();
    }

    public static Stream Decoder(Stream content, string? coding) => coding switch
    {
        "br" => new BrotliStream(content, CompressionMode.Decompress),
        "gzip" => new GZipStream(content, CompressionMode.Decompress),
        "deflate" => new ZLibStream(content, CompressionMode.Decompress),
        _ => content,
    };

    public static byte[] Encode(byte[] content, string coding)
    {
        using var encoded = new MemoryStream();
        using (Stream encoder = coding switch
        {
            "br" => new BrotliStream(encoded, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(encoded, CompressionLevel.Fastest, leaveOpen: true),
            _ => new GZipStream(encoded, CompressionLevel.Fastest, leaveOpen: true),
        })
        {
            encoder.Write(content);
        }

        return encoded.ToArray();
    }
}
