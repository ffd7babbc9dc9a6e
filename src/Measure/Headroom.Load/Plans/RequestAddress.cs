using System.Diagnostics.CodeAnalysis;

namespace Headroom.Load.Plans;

/// <summary>Where a request goes, and what it is called for that.</summary>
internal static class RequestAddress
{
    /// <summary>Reads a whole address, or a path under the target. A fragment is for browsers and left out.</summary>
    /// <param name="text">The address; path and query may hold variables.</param>
    /// <param name="target">Put before paths.</param>
    /// <param name="url">What was read; null on an error.</param>
    /// <param name="error">What is wrong with the text; null where it is a path and there is no usable target.</param>
    public static bool TryResolve(string text, Uri? target, [NotNullWhen(true)] out Uri? url, out string? error)
    {
        if (UrlTemplate.FragmentStart(text) is var fragment and >= 0)
            text = text[..fragment];
        if (text.StartsWith('/') && !text.StartsWith("//", StringComparison.Ordinal))
        {
            url = null;
            error = null;
            return target is not null && Uri.TryCreate(target.GetLeftPart(UriPartial.Path).TrimEnd('/') + text, UriKind.Absolute, out url);
        }

        url = null;
        error = UrlTemplate.OriginMistake(text);
        return error is null && HttpAddress.TryParse(text, out url, out error);
    }

    /// <summary><c>METHOD /path</c>, variables unfilled.</summary>
    public static string NameOf(string method, Uri url) =>
        $"{method} {(url.OriginalString.Contains("${", StringComparison.Ordinal) ? UrlTemplate.PathOf(url.OriginalString) : url.AbsolutePath)}";
}
