using System.Text;

namespace Headroom.Load.Wire;

/// <summary>A request encoded once, as the bytes that go on the wire each time it is sent.</summary>
internal sealed class RequestImage
{
    private RequestImage(byte[] bytes, int originIndex, int row, bool isHead)
    {
        Bytes = bytes;
        OriginIndex = originIndex;
        Row = row;
        IsHead = isHead;
    }

    public byte[] Bytes { get; }

    public int OriginIndex { get; }

    /// <summary>The row of the report that it is counted in; requests with one name share one.</summary>
    public int Row { get; }

    /// <summary>The response to HEAD has no body whatever its headers say (RFC 9110 §9.3.2).</summary>
    public bool IsHead { get; }

    /// <summary>
    /// Encodes after RFC 9112 §3: request line, Host first, then the plan's headers in their order, Content-Length when there is a body or
    /// the method is one that usually has one.
    /// </summary>
    public static RequestImage Encode(PlannedRequest request, int originIndex, int row)
    {
        var head = new StringBuilder();
        head.Append(request.Method).Append(' ').Append(request.Url.PathAndQuery).Append(" HTTP/1.1\r\n");
        if (!request.Headers.Any(header => header.Name.Equals("Host", StringComparison.OrdinalIgnoreCase)))
            head.Append("Host: ").Append(Origin.HostHeader(request.Url)).Append("\r\n");
        if (!request.Headers.Any(header => header.Name.Equals("User-Agent", StringComparison.OrdinalIgnoreCase)))
            head.Append("User-Agent: headroom\r\n");
        foreach (var (name, value) in request.Headers)
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        if (request.Body.Length > 0 || request.Method is "POST" or "PUT" or "PATCH")
            head.Append("Content-Length: ").Append(request.Body.Length).Append("\r\n");
        head.Append("\r\n");

        var headBytes = Encoding.Latin1.GetByteCount(head.ToString());
        var bytes = new byte[headBytes + request.Body.Length];
        Encoding.Latin1.GetBytes(head.ToString(), bytes);
        request.Body.Span.CopyTo(bytes.AsSpan(headBytes));
        return new RequestImage(bytes, originIndex, row, request.Method == "HEAD");
    }
}
