using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Headroom.Load.Wire;

/// <summary>
/// Turns the bytes of an HTTP/1.1 request, as this project writes them, into what the runtime sends over HTTP/2: Host becomes the authority, headers of the connection
/// (RFC 9113 §8.2.2) are left out, the length is told by the body. Requests without variables are taken apart once.
/// </summary>
internal sealed class Http2Requests
{
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private static readonly HashSet<string> Dropped = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade", "HTTP2-Settings", "Content-Length",
    };

    private sealed record Parts(HttpMethod Method, Uri Url, string? Host, (string Name, string Value)[] Headers, ReadOnlyMemory<byte> Body, bool HasBody);

    private readonly ConditionalWeakTable<RequestImage, Parts> _parts = [];

    public HttpRequestMessage Create(Origin origin, RequestImage image, ReadOnlyMemory<byte> bytes, out int bodyBytes)
    {
        var parts = image.Template is not null ? TakeApart(origin, bytes) : _parts.GetValue(image, _ => TakeApart(origin, bytes));
        var message = new HttpRequestMessage(parts.Method, parts.Url)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = parts.HasBody ? new ReadOnlyMemoryContent(parts.Body) : null,
        };
        if (parts.Host is not null)
            message.Headers.Host = parts.Host;
        foreach (var (name, value) in parts.Headers)
        {
            // The runtime keeps headers that describe a body with the body.
            if (!message.Headers.TryAddWithoutValidation(name, value))
                (message.Content ??= new ReadOnlyMemoryContent(default)).Headers.TryAddWithoutValidation(name, value);
        }

        bodyBytes = parts.Body.Length;
        return message;
    }

    private static Parts TakeApart(Origin origin, ReadOnlyMemory<byte> bytes)
    {
        var headBytes = bytes.Span.IndexOf("\r\n\r\n"u8);
        var lines = Encoding.Latin1.GetString(bytes.Span[..headBytes]).Split("\r\n");
        var words = lines[0].Split(' ');
        var authority = new UriBuilder(origin.Scheme, origin.Host, origin.Port).Uri.GetLeftPart(UriPartial.Authority);
        var url = new Uri(authority + words[1], AsWritten);
        string? host = null;
        var hasLength = false;
        var headers = new List<(string Name, string Value)>();
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = (line[..colon], line[(colon + 1)..].Trim());
            hasLength |= name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase);
            if (name.Equals("Host", StringComparison.OrdinalIgnoreCase))
                host = value.Equals(Origin.HostHeader(url), StringComparison.OrdinalIgnoreCase) ? null : value;
            else if (!Dropped.Contains(name) && !(name.Equals("TE", StringComparison.OrdinalIgnoreCase) && !value.Equals("trailers", StringComparison.OrdinalIgnoreCase)))
                headers.Add((name, value));
        }

        return new Parts(new HttpMethod(words[0]), url, host, [.. headers], bytes[(headBytes + 4)..], hasLength);
    }
}
