using System.Text;

namespace Headroom.Load.Wire;

/// <summary>What requests of one kind have in common, and their bytes where those never change.</summary>
internal sealed class RequestImage
{
    /// <summary>The whole request when it has no variables; otherwise empty, and <see cref="Template"/> makes it.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>Makes the bytes of a request with variables; null when it has none.</summary>
    public RequestTemplate? Template { get; init; }

    public required int OriginIndex { get; init; }

    /// <summary>The row of the report that it is counted in; requests with one name share one.</summary>
    public required int Row { get; init; }

    /// <summary>The response to HEAD has no body whatever its headers say (RFC 9110 §9.3.2).</summary>
    public bool IsHead { get; init; }

    /// <summary>Parts of the response that somebody will look at.</summary>
    public Capture Capture { get; init; }

    /// <summary>Longest time to the last byte; null takes the wire's.</summary>
    public long? TimeoutNs { get; init; }

    /// <summary>Ends an event stream after so many events; 0 reads it to its end.</summary>
    public int EventsMax { get; init; }

    /// <summary>Encodes a request without variables.</summary>
    public static RequestImage Encode(PlannedRequest request, int originIndex, int row)
    {
        var head = Encoding.Latin1.GetBytes(HeadOf(request, request.Url.PathAndQuery, request.Body.Length));
        var bytes = new byte[head.Length + request.Body.Length];
        head.CopyTo(bytes, 0);
        request.Body.Span.CopyTo(bytes.AsSpan(head.Length));
        return new RequestImage
        {
            Bytes = bytes,
            OriginIndex = originIndex,
            Row = row,
            IsHead = request.Method == "HEAD",
            TimeoutNs = request.Timeout is { } timeout ? (long)timeout.TotalNanoseconds : null,
            EventsMax = request.EventsMax ?? 0,
        };
    }

    /// <summary>
    /// The head after RFC 9112 §3: request line, Host first, then the plan's headers in their order, Content-Length when there is a body or
    /// the method is one that usually has one. <paramref name="bodyBytes"/> null leaves Content-Length and the empty line to the caller.
    /// </summary>
    public static string HeadOf(PlannedRequest request, string target, int? bodyBytes)
    {
        var head = new StringBuilder();
        head.Append(request.Method).Append(' ').Append(target).Append(" HTTP/1.1\r\n");
        if (!request.Headers.Any(header => header.Name.Equals("Host", StringComparison.OrdinalIgnoreCase)))
            head.Append("Host: ").Append(Origin.HostHeader(request.Url)).Append("\r\n");
        if (!request.Headers.Any(header => header.Name.Equals("User-Agent", StringComparison.OrdinalIgnoreCase)))
            head.Append("User-Agent: headroom\r\n");
        foreach (var (name, value) in request.Headers)
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        if (bodyBytes is { } length)
        {
            if (length > 0 || HasBodyByMethod(request))
                head.Append("Content-Length: ").Append(length).Append("\r\n");
            head.Append("\r\n");
        }

        return head.ToString();
    }

    public static bool HasBodyByMethod(PlannedRequest request) => request.Method is "POST" or "PUT" or "PATCH";
}
