using System.Buffers;
using Headroom.Gateway.Forwarding;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Headroom.Gateway.Wire;

/// <summary>
/// The head of a request as bytes (RFC 9112 §3, §5, §6): what <see cref="RequestHead"/> says of its fields, written without a message object between. Nothing goes out that could end a line or a head: such a request is
/// refused.
/// </summary>
internal static class WireRequest
{
    /// <summary>What may stand in a target; a space would end it.</summary>
    private static readonly SearchValues<char> Target = SearchValues.Create([.. Enumerable.Range(0x21, 0x7F - 0x21).Select(c => (char)c)]);
    private static readonly SearchValues<char> Token = SearchValues.Create(FieldLines.TokenLetters);

    /// <param name="output">Where it is written.</param>
    /// <param name="context">The client's request.</param>
    /// <param name="target">Base path of the upstream and the target behind it.</param>
    /// <param name="upstreamHost">The upstream's own authority.</param>
    /// <param name="options">The route's.</param>
    /// <param name="body">Null: the request has none.</param>
    /// <returns>False: the request cannot be written as HTTP/1.1.</returns>
    public static bool TryWrite(OutputBuffer output, HttpContext context, (string Base, string Target) target, string upstreamHost, ForwardOptions options, RequestBody? body)
    {
        // 1. Method and target.
        var request = context.Request;
        if (target.Target.AsSpan().ContainsAnyExcept(Target) || request.Method.AsSpan().ContainsAnyExcept(Token))
            return false;
        output.Write(request.Method);
        output.Write(" "u8);
        output.Write(target.Base);
        output.Write(target.Target);
        output.Write(" HTTP/1.1\r\n"u8);

        // 2. Host, whose place is the first (RFC 9110 §7.2).
        var clientHost = request.Headers.Host.ToString();
        var isClients = options.Host is HostPolicy.Preserve or HostPolicy.Automatic && clientHost.Length > 0;
        if (!TryWriteField(output, HeaderNames.Host, isClients ? clientHost : upstreamHost))
            return false;

        // 3. End-to-end fields.
        var named = HopByHop.Named(request.Headers.Connection);
        foreach (var (name, values) in request.Headers)
        {
            if (RequestHead.IsOurs(name, options.Origin) || HopByHop.IsHopByHop(name) || HopByHop.Contains(named, name) || name.AsSpan().ContainsAnyExcept(Token))
                continue;
            if (!TryWriteFields(output, name, values))
                return false;
        }

        // 4. TE, for all we can pass is trailers; Via and the client.
        if (request.Headers.TE.Count > 0 && HopByHop.HasToken(request.Headers.TE, "trailers"))
            output.Write("TE: trailers\r\n"u8);
        if (options.Via is not null && !TryWriteField(output, HeaderNames.Via, Vias.Line(request.Protocol, options.Via)))
            return false;
        if (options.Origin.Policy != OriginPolicy.Off && !RequestHead.TryAddOrigin(context, options.Origin, output, static (to, name, value) => TryWriteField(to, name, value)))
            return false;

        // 5. The body's length. A method that may have a body says that it has none (RFC 9110 §8.6).
        if (body is { Length: null })
            output.Write("Transfer-Encoding: chunked\r\n"u8);
        else if (body is not null || !RequestHead.IsSafe(request.Method))
        {
            output.Write("Content-Length: "u8);
            output.Write(body?.Length ?? 0);
            output.Write("\r\n"u8);
        }

        output.Write("\r\n"u8);
        return true;
    }

    private static bool TryWriteFields(OutputBuffer output, string name, StringValues values)
    {
        // HTTP/2 clients send Cookie in pieces; HTTP/1.1 has it on one line (RFC 9113 §8.2.3).
        if (values.Count > 1 && string.Equals(name, HeaderNames.Cookie, StringComparison.OrdinalIgnoreCase))
            values = string.Join("; ", values.ToArray());
        foreach (var value in values)
        {
            if (!TryWriteField(output, name, value ?? ""))
                return false;
        }

        return true;
    }

    private static bool TryWriteField(OutputBuffer output, string name, string value)
    {
        if (!IsLine(value))
            return false;
        output.WriteField(name, value);
        return true;
    }

    /// <summary>One byte for each character, and none that ends a line.</summary>
    private static bool IsLine(string value) => !value.AsSpan().ContainsAny('\r', '\n', '\0') && !value.AsSpan().ContainsAnyExceptInRange('\u0001', '\u00FF');
}
