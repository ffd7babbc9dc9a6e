using System.Text;
using Microsoft.Net.Http.Headers;

namespace Headroom.Gateway.Wire;

/// <summary>Names of fields as strings: those that nearly every answer has are there already.</summary>
internal static class FieldNames
{
    private static readonly string[][] ByLength = Group(
        HeaderNames.AcceptRanges, HeaderNames.AccessControlAllowOrigin, HeaderNames.Age, HeaderNames.CacheControl, HeaderNames.Connection, HeaderNames.ContentDisposition, HeaderNames.ContentEncoding, HeaderNames.ContentLanguage,
        HeaderNames.ContentLength, HeaderNames.ContentRange, HeaderNames.ContentSecurityPolicy, HeaderNames.ContentType, HeaderNames.Date, HeaderNames.ETag, HeaderNames.Expires, HeaderNames.KeepAlive, HeaderNames.LastModified,
        HeaderNames.Link, HeaderNames.Location, HeaderNames.Pragma, HeaderNames.RetryAfter, HeaderNames.Server, HeaderNames.SetCookie, HeaderNames.StrictTransportSecurity, HeaderNames.TransferEncoding, HeaderNames.Vary,
        HeaderNames.Via, HeaderNames.WWWAuthenticate, HeaderNames.XContentTypeOptions, HeaderNames.XFrameOptions, HeaderNames.XPoweredBy, "Cache-Status", "CDN-Cache-Control", "Server-Timing", "X-Request-Id");

    public static string Of(ReadOnlySpan<byte> name)
    {
        if (name.Length < ByLength.Length)
        {
            foreach (var known in ByLength[name.Length])
            {
                if (Ascii.EqualsIgnoreCase(name, known))
                    return known;
            }
        }

        return Encoding.ASCII.GetString(name);
    }

    private static string[][] Group(params string[] names)
    {
        var groups = new string[names.Max(name => name.Length) + 1][];
        for (var length = 0; length < groups.Length; length++)
            groups[length] = [.. names.Where(name => name.Length == length)];
        return groups;
    }
}
