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

    /// <summary>
    /// Encodes a request without variables after RFC 9112 §3: request line, Host first, then the plan's headers in their order, Content-Length when there is a body
    /// or the method is one that usually has one.
    /// </summary>
    public static byte[] Encode(PlannedRequest request)
    {
        var head = new StringBuilder();
        head.Append(request.Method).Append(' ').Append(request.Url.PathAndQuery).Append(" HTTP/1.1\r\n").Append(ImpliedHeaders(request));
        foreach (var (name, value) in request.Headers)
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        if (HasLength(request))
            head.Append("Content-Length: ").Append(request.Body.Length).Append("\r\n");
        head.Append("\r\n");
        var headBytes = Encoding.Latin1.GetBytes(head.ToString());
        return [.. headBytes, .. request.Body.Span];
    }

    /// <summary>The lines of Host and User-Agent, where the plan does not give them.</summary>
    public static string ImpliedHeaders(PlannedRequest request) =>
        (HasHeader(request, "Host") ? "" : $"Host: {Origin.HostHeader(request.Url)}\r\n") + (HasHeader(request, "User-Agent") ? "" : "User-Agent: headroom\r\n");

    /// <summary>Whether the request tells the length of its body.</summary>
    public static bool HasLength(PlannedRequest request) => request.Body.Length > 0 || request.Method is "POST" or "PUT" or "PATCH";

    private static bool HasHeader(PlannedRequest request, string name) =>
        request.Headers.Any(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
