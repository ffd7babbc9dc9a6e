namespace Headroom.Load.Plans;

/// <summary>Reads the address of an API as people type it.</summary>
public static class HttpAddress
{
    /// <summary>An absolute http or https address with a host; a fragment is dropped, user info refused.</summary>
    public static bool TryParse(string text, out Uri? url, out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        url = null;
        error = null;
        var trimmed = text.Trim();
        if (!trimmed.Contains("://", StringComparison.Ordinal))
        {
            error = $"'{WithoutUser(text)}' is not an http address; write the scheme too: http://{WithoutUser(trimmed).TrimStart('/')}";
            return false;
        }

        if (!Uri.TryCreate(trimmed, UriKind.Absolute, out var parsed))
        {
            error = $"'{WithoutUser(text)}' is not a well-formed address; write one such as http://127.0.0.1:8080/path";
            return false;
        }

        // Before what is told with the whole address.
        if (parsed.UserInfo.Length > 0)
        {
            error = $"the address of {parsed.Host} carries a user name or password; send them in an Authorization header instead";
            return false;
        }

        if (parsed.Scheme is not ("http" or "https") || parsed.Host.Length == 0)
        {
            error = $"'{text}' has scheme '{parsed.Scheme}'; allowed: http, https";
            return false;
        }

        url = parsed;
        return true;
    }
    /// <summary>What cannot be taken apart may still hold a password: nothing before the last '@' is repeated.</summary>
    private static string WithoutUser(string text)
    {
        var at = text.LastIndexOf('@');
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        var start = scheme < 0 ? 0 : scheme + 3;
        return at < start ? text : $"{text[..start]}...{text[at..]}";
    }
}
