using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Headroom.Import.Drafts;

/// <summary>Texts of plans.</summary>
internal static partial class PlanText
{
    /// <summary>A text of the source, in which <c>${</c> is no variable.</summary>
    public static string Literal(string text) => text.Replace("${", "$${", StringComparison.Ordinal);

    /// <summary>A name that variables, feeders and flows can have, made from a text.</summary>
    public static string Identifier(string text, string fallback)
    {
        var name = NotOfName().Replace(text, "_").Trim('_');
        return name.Length == 0 ? fallback : char.IsAsciiDigit(name[0]) ? $"{fallback}_{name}" : name;
    }

    /// <summary>A duration as plans write it.</summary>
    public static string Duration(TimeSpan time) => time.TotalMilliseconds % 1000 == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0}s")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.###}ms");

    /// <summary>An address of the source as a plan's url: what cannot stand in an address is percent-encoded, the rest stays byte for byte.</summary>
    public static string Url(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var value in Encoding.UTF8.GetBytes(Literal(text)))
        {
            if (value is > 0x20 and < 0x7f && !"\"<>\\^`|".Contains((char)value, StringComparison.Ordinal))
                result.Append((char)value);
            else
                result.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
        }

        return result.ToString();
    }

    /// <summary>The path of the name that a request has in a report: without the query.</summary>
    public static string RowName(string method, string url)
    {
        var end = url.IndexOfAny(['?', '#']);
        var path = end < 0 ? url : url[..end];
        return $"{method} {(path.Length == 0 ? "/" : path)}";
    }

    [GeneratedRegex("[^A-Za-z0-9_]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NotOfName();
}
