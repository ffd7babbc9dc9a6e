using System.IO.Pipelines;
using System.Text;
using Headroom.Gateway.Forwarding;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Headroom.Gateway.Wire;

/// <summary>The head of an answer as the client gets it: what <see cref="ResponseHead"/> says, from bytes to the server's own fields without a message object between.</summary>
internal static class WireAnswer
{
    /// <summary>Fields that mean nothing, or something dangerous, behind a body (RFC 9110 §6.5.1): framing, routing, authentication, and what decides about the body before it.</summary>
    private static readonly HashSet<string> NeverTrailers = new(StringComparer.OrdinalIgnoreCase)
    {
        "Age", "Authorization", "Cache-Control", "Content-Encoding", "Content-Length", "Content-Range", "Content-Type", "Date", "Expect", "Expires", "Host", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range",
        "If-Unmodified-Since", "Location", "Max-Forwards", "Pragma", "Range", "Retry-After", "Set-Cookie", "Vary", "Warning", "WWW-Authenticate",
    };

    public static void Write(ReadOnlySpan<byte> bytes, in AnswerHead head, HttpContext context, ForwardOptions options)
    {
        var response = context.Response;
        response.StatusCode = head.Status;
        var phrase = AnswerHead.Phrase(bytes);
        if (!phrase.IsEmpty && !Ascii.Equals(phrase, ReasonPhrases.GetReasonPhrase(head.Status)) && context.Features.Get<IHttpResponseFeature>() is { } feature)
            feature.ReasonPhrase = Encoding.Latin1.GetString(phrase);

        // Fields that come more than once are put together at the end: a head has room for thousands of one name, and a longer array for each would take a second.
        Dictionary<string, List<string?>>? repeated = null;
        var headers = response.Headers;
        var fields = new FieldLines(bytes[head.FieldsAt..]);
        while (fields.MoveNext())
        {
            var name = FieldNames.Of(fields.Name);
            if (HopByHop.IsHopByHop(name) || HopByHop.Contains(head.Named, name) || string.Equals(name, HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase))
                continue;
            var value = Encoding.Latin1.GetString(fields.Value);
            if (repeated is not null && repeated.TryGetValue(name, out var values))
                values.Add(value);
            else if (headers.TryGetValue(name, out var before))
                (repeated ??= new(StringComparer.OrdinalIgnoreCase)).Add(name, [.. before, value]);
            else
                headers[name] = value;
        }

        if (repeated is not null)
        {
            foreach (var (name, values) in repeated)
                headers[name] = values.ToArray();
        }

        if (head.Length >= 0 && head.Status != StatusCodes.Status204NoContent && !HopByHop.Contains(head.Named, HeaderNames.ContentLength))
            headers.ContentLength = head.Length;
        if (options.Via is not null)
            headers.Append(HeaderNames.Via, head.IsHttp11 ? options.ViaHttp11 : Vias.Line("HTTP/1.0", options.Via));
    }

    /// <returns>False: a line is not a field.</returns>
    public static bool TryWriteTrailers(ReadOnlySpan<byte> section, HttpResponse response)
    {
        var takes = response.SupportsTrailers();
        var trailers = new Dictionary<string, List<string?>>(StringComparer.OrdinalIgnoreCase);
        var fields = new FieldLines(section);
        while (fields.MoveNext())
        {
            var name = FieldNames.Of(fields.Name);
            if (!takes || HopByHop.IsHopByHop(name) || NeverTrailers.Contains(name))
                continue;
            if (!trailers.TryGetValue(name, out var values))
                trailers.Add(name, values = []);
            values.Add(Encoding.Latin1.GetString(fields.Value));
        }

        foreach (var (name, values) in trailers)
            response.AppendTrailer(name, values.ToArray());
        return !fields.IsMalformed;
    }

    /// <summary>Copies what is there into the server's buffer, and takes it from the connection.</summary>
    public static void Move(WireConnection connection, int count, PipeWriter target)
    {
        target.Write(connection.InputSpan[..count]);
        connection.Take(count);
    }

    private static void Write(this PipeWriter target, ReadOnlySpan<byte> bytes) => System.Buffers.BuffersExtensions.Write(target, bytes);
}
