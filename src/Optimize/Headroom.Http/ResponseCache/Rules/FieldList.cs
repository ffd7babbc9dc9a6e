using Microsoft.Extensions.Primitives;

namespace Headroom.Http.ResponseCache.Rules;

/// <summary>
/// The members of a field that is a list (RFC 9110 §5.6.1): lines joined, split at commas outside quoted strings, white space around members taken off, empty members left out.
/// </summary>
internal ref struct FieldList(StringValues lines)
{
    readonly StringValues lines = lines;
    ReadOnlySpan<char> rest;
    int line;

    public ReadOnlySpan<char> Current { get; private set; }

    public readonly FieldList GetEnumerator() => this;

    public bool MoveNext()
    {
        while (true)
        {
            while (rest.IsEmpty)
            {
                if (line == lines.Count)
                    return false;
                rest = lines[line++];
            }

            var end = EndOfMember(rest);
            Current = rest[..end].Trim(" \t");
            rest = end == rest.Length ? [] : rest[(end + 1)..];
            if (!Current.IsEmpty)
                return true;
        }
    }

    static int EndOfMember(ReadOnlySpan<char> text)
    {
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"':
                    quoted = !quoted;
                    break;
                case '\\' when quoted:
                    i++;
                    break;
                case ',' when !quoted:
                    return i;
            }
        }

        return text.Length;
    }

    /// <summary>Whether a list has a member, without regard to case.</summary>
    public static bool Contains(StringValues lines, string member)
    {
        foreach (var each in new FieldList(lines))
        {
            if (each.Equals(member, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
