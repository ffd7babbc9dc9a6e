namespace Headroom.Load.Plans;

/// <summary>Parts of a url whose path and query may hold variables, which only the text as it was written still shows.</summary>
internal static class UrlTemplate
{
    /// <summary>What is wrong with variables before the path, or null: connections are made before the first value is known.</summary>
    public static string? OriginMistake(string url)
    {
        var origin = url[..PathStart(url)];
        return origin.Contains("${", StringComparison.Ordinal)
            ? $"'{origin}' has a variable in scheme, host or port; variables stand in path and query only, the environment's (${{env.NAME}}) anywhere in a plan file"
            : null;
    }

    /// <summary>The path, without query.</summary>
    public static string PathOf(string url)
    {
        var path = url[PathStart(url)..];
        var end = IndexOutsideVariables(path, '?');
        path = end < 0 ? path : path[..end];
        return path.Length == 0 ? "/" : path;
    }

    /// <summary>Path and query: what variables may stand in.</summary>
    public static string PathAndQueryOf(string url) => url[PathStart(url)..];

    /// <summary>Where the fragment begins, or -1.</summary>
    public static int FragmentStart(string url) => IndexOutsideVariables(url, '#');

    /// <summary>Where the path begins, behind scheme, host and port.</summary>
    public static int PathStart(string url)
    {
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        var start = url.AsSpan(scheme < 0 ? 0 : scheme + 3).IndexOfAny('/', '?', '#');
        return start < 0 ? url.Length : start + (scheme < 0 ? 0 : scheme + 3);
    }

    private static int IndexOutsideVariables(string text, char wanted)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == wanted)
                return i;
            if (text[i] == '$' && i + 1 < text.Length && text[i + 1] == '{' && text.IndexOf('}', i) is var end and > 0)
                i = end;
        }

        return -1;
    }
}
