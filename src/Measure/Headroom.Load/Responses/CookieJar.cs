using System.Net;
using System.Text;
using Headroom.Load.Wire;

namespace Headroom.Load.Responses;

/// <summary>Cookies of a VU between its responses and requests (RFC 6265), kept by the framework's container.</summary>
internal static class CookieJar
{
    /// <summary>Keeps what the response sets; what is no cookie is ignored, as user agents do.</summary>
    public static void Take(CookieContainer cookies, Uri url, CapturedResponse response)
    {
        var place = Place(url);
        foreach (var line in Encoding.Latin1.GetString(response.Head).Split('\n'))
        {
            const string Name = "Set-Cookie:";
            if (!line.StartsWith(Name, StringComparison.OrdinalIgnoreCase))
                continue;
            try
            {
                cookies.SetCookies(place, line[Name.Length..].Trim());
            }
            catch (CookieException)
            {
            }
        }
    }

    /// <summary>The value of the Cookie header; empty when there is none to send.</summary>
    public static string HeaderFor(CookieContainer cookies, Uri url) => cookies.GetCookieHeader(Place(url));

    /// <summary>Variables in a path are not yet replaced here: cookies that ask for a path get its first part that is certain.</summary>
    private static Uri Place(Uri url)
    {
        var variable = url.OriginalString.IndexOf("${", StringComparison.Ordinal);
        return variable < 0 ? url : new Uri(url.OriginalString[..(url.OriginalString.LastIndexOf('/', variable) + 1)]);
    }
}
