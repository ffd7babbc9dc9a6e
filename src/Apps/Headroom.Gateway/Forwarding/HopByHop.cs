using Microsoft.Extensions.Primitives;

namespace Headroom.Gateway.Forwarding;

/// <summary>
/// Fields that are for the next hop alone and are not forwarded, RFC 9110 §7.6.1: the ones it lists, the proxy's own authentication, and every field that Connection names.
/// </summary>
internal static class HopByHop
{
    public static bool IsHopByHop(string name) => name.Length switch
    {
        2 => Is(name, "TE"),
        5 => Is(name, "Proxy"),
        7 => Is(name, "Upgrade") || Is(name, "Trailer"),
        10 => Is(name, "Connection") || Is(name, "Keep-Alive"),
        14 => Is(name, "HTTP2-Settings"),
        16 => Is(name, "Proxy-Connection"),
        17 => Is(name, "Transfer-Encoding"),
        18 => Is(name, "Proxy-Authenticate"),
        19 => Is(name, "Proxy-Authorization"),
        25 => Is(name, "Proxy-Authentication-Info"),
        _ => false,
    };

    /// <summary>The fields named in Connection beside those that <see cref="IsHopByHop"/> knows; null, the ordinary case, when there are none. A set: thousands of names beside thousands of fields fit into one head.</summary>
    public static HashSet<string>? Named(StringValues connection)
    {
        HashSet<string>? named = null;
        foreach (var value in connection)
        {
            foreach (var range in value.AsSpan().Split(','))
            {
                var token = value.AsSpan()[range].Trim(" \t");
                if (token.IsEmpty || token.Equals("close", StringComparison.OrdinalIgnoreCase) || token.Equals("keep-alive", StringComparison.OrdinalIgnoreCase)
                    || token.Equals("upgrade", StringComparison.OrdinalIgnoreCase))
                    continue;
                (named ??= new HashSet<string>(StringComparer.OrdinalIgnoreCase)).Add(token.ToString());
            }
        }

        return named;
    }

    public static bool Contains(HashSet<string>? named, string name) => named is not null && named.Contains(name);

    /// <summary>Does one of the comma-separated tokens of a field equal this one, whatever its case and parameters?</summary>
    public static bool HasToken(StringValues values, string token)
    {
        foreach (var value in values)
        {
            foreach (var range in value.AsSpan().Split(','))
            {
                var found = value.AsSpan()[range];
                var parameters = found.IndexOf(';');
                if ((parameters < 0 ? found : found[..parameters]).Trim(" \t").Equals(token, StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        }

        return false;
    }

    private static bool Is(string name, string other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);
}
