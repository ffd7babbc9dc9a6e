using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Headroom.Gateway.Forwarding;

/// <summary>
/// The head of a response as the client gets it (RFC 9110 §7.6):
/// 1. nothing is passed whose end clients could find in different places (RFC 9112 §6.3): a length beside another coding, two lengths, a coding we do not know;
/// 2. the status, and its phrase where that is not the usual one;
/// 3. every field that is not for this hop alone, its value as it came; fields that came more than once stay apart;
/// 4. Via.
/// Date is made by the server when the upstream sent none (§6.6.1).
/// </summary>
internal static class ResponseHead
{
    /// <returns>False, and nothing written, when the response's framing is ambiguous.</returns>
    public static bool TryWrite(HttpResponseMessage message, HttpContext context, ForwardOptions options)
    {
        // 1. Framing.
        var hasCoding = false;
        if (message.Headers.NonValidated.TryGetValues(HeaderNames.TransferEncoding, out var coding))
        {
            if (coding.Count != 1 || !string.Equals(coding.ToString().Trim(), "chunked", StringComparison.OrdinalIgnoreCase))
                return false;
            hasCoding = true;
        }

        if (message.Content.Headers.NonValidated.TryGetValues(HeaderNames.ContentLength, out var length) && (hasCoding || length.Count != 1 || message.Content.Headers.ContentLength is null))
            return false;

        // 2. Status.
        var response = context.Response;
        response.StatusCode = (int)message.StatusCode;
        if (message.ReasonPhrase is { Length: > 0 } phrase && phrase != ReasonPhrases.GetReasonPhrase(response.StatusCode) && context.Features.Get<IHttpResponseFeature>() is { } feature)
            feature.ReasonPhrase = phrase;

        // 3. End-to-end fields.
        var headers = response.Headers;
        var named = message.Headers.NonValidated.TryGetValues(HeaderNames.Connection, out var connection) ? HopByHop.Named(ToStringValues(connection)) : null;
        Copy(message.Headers.NonValidated, headers, named, keepLength: true);
        Copy(message.Content.Headers.NonValidated, headers, named, keepLength: response.StatusCode != StatusCodes.Status204NoContent);

        // 4. Via.
        if (options.Via is not null)
            headers.Append(HeaderNames.Via, Vias.Line(message.Version, options.Via));
        return true;
    }

    /// <summary>A response to HEAD, 204 and 304 has no body, whatever its fields say (RFC 9110 §6.4.1).</summary>
    public static bool HasBody(HttpRequest request, int status, long? length) =>
        !HttpMethods.IsHead(request.Method) && status is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified) && length != 0;

    private static void Copy(HttpHeadersNonValidated source, IHeaderDictionary target, HashSet<string>? named, bool keepLength)
    {
        foreach (var (name, values) in source)
        {
            if (HopByHop.IsHopByHop(name) || HopByHop.Contains(named, name))
                continue;
            if (!keepLength && string.Equals(name, HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase))
                continue;
            target[name] = ToStringValues(values);
        }
    }

    private static StringValues ToStringValues(HeaderStringValues values)
    {
        if (values.Count <= 1)
            return values.ToString();
        var all = new string[values.Count];
        var index = 0;
        foreach (var value in values)
            all[index++] = value;
        return all;
    }
}
