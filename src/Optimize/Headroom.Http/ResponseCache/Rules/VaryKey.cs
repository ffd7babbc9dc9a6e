using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Headroom.Http.ResponseCache.Rules;

/// <summary>
/// Which request headers select a response (RFC 9111 §4.1), and the key that their values make. Values are compared as the RFC allows: lines joined, white space around members off; languages, codings
/// and the like, which are lists without an order of their own, as sets.
/// </summary>
internal static class VaryKey
{
    /// <summary>Headers named by a <c>Vary</c> field, in lower case, each once, sorted; without those that <paramref name="except"/> names.</summary>
    public static string[] Names(StringValues vary, string? except = null)
    {
        if (vary.Count == 0)
            return [];
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var member in new FieldList(vary))
        {
            var name = member.ToString().ToLowerInvariant();
            if (name != except)
                names.Add(name);
        }

        return [.. names];
    }

    /// <summary>Adds names and normalised values, each with its length before it, so that no value can look like the end of another one.</summary>
    public static void Append(StringBuilder key, string[] names, IHeaderDictionary request)
    {
        foreach (var name in names)
        {
            key.Append('\n').Append(name);
            var value = request.TryGetValue(name, out var lines) ? Normalised(name, lines) : null;

            // A header that is absent is not an empty one.
            if (value is null)
                key.Append('-');
            else
                key.Append('=').Append(value.Length).Append(':').Append(value);
        }
    }

    public static string Normalised(string name, StringValues lines)
    {
        var members = new List<string>();
        foreach (var member in new FieldList(lines))
            members.Add(WithoutSpaces(member));
        if (name is "accept-encoding" or "accept-language" or "accept" or "accept-charset")
        {
            // A weight of 1 is the same as none; order says nothing (RFC 9110 §12.4.2, §12.5.4).
            for (var i = 0; i < members.Count; i++)
                members[i] = WithoutFullWeight(members[i].ToLowerInvariant());
            members.Sort(StringComparer.Ordinal);
        }

        return string.Join(',', members);
    }

    static string WithoutFullWeight(string member)
    {
        var semicolon = member.LastIndexOf(';');
        return semicolon > 0 && member.AsSpan(semicolon + 1) is ("q=1" or "q=1.0" or "q=1.00" or "q=1.000" or "q=1.") ? member[..semicolon] : member;
    }

    // "de; q=0.5" is "de;q=0.5". White space inside a word of its own stays: a User-Agent is not a list.
    static string WithoutSpaces(ReadOnlySpan<char> member)
    {
        if (!member.Contains(';') || member.Contains('"'))
            return member.ToString();
        var made = new StringBuilder(member.Length);
        foreach (var part in member.ToString().Split(';', StringSplitOptions.TrimEntries))
        {
            if (made.Length > 0)
                made.Append(';');
            made.Append(part);
        }

        return made.ToString();
    }
}
