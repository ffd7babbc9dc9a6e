using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Headroom.Http.ResponseCache.Rules;

/// <summary>
/// A dictionary as structured field (RFC 9651 §4.2.2) as far as a targeted Cache-Control field can make use of one: values are booleans, integers, decimals, strings and tokens; parameters are read over; anything else,
/// and any mistake, makes the whole field unreadable, as the RFC demands.
/// </summary>
internal static class StructuredDictionary
{
    public static bool TryParse(StringValues lines, out Dictionary<string, object> members)
    {
        members = new Dictionary<string, object>(StringComparer.Ordinal);
        var text = string.Join(", ", lines.ToArray()).AsSpan().Trim(' ');
        while (!text.IsEmpty)
        {
            if (!TryKey(ref text, out var key))
                return false;
            object value = true;
            if (text is ['=', ..])
            {
                text = text[1..];
                if (!TryItem(ref text, out value))
                    return false;
            }

            if (!TryParameters(ref text))
                return false;
            members[key] = value;
            text = text.TrimStart(" \t");
            if (text.IsEmpty)
                return true;
            if (text[0] != ',')
                return false;
            text = text[1..].TrimStart(" \t");
            if (text.IsEmpty)
                return false;
        }

        return true;
    }

    /// <summary>Whether a text can stand as a token (RFC 9651 §3.3.4).</summary>
    public static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && TryToken(ref text, out _) && text.IsEmpty;

    static bool TryParameters(scoped ref ReadOnlySpan<char> text)
    {
        while (text is [';', ..])
        {
            text = text[1..].TrimStart(' ');
            if (!TryKey(ref text, out _))
                return false;
            if (text is not ['=', ..])
                continue;
            text = text[1..];
            if (!TryItem(ref text, out _))
                return false;
        }

        return true;
    }

    static bool TryKey(scoped ref ReadOnlySpan<char> text, out string key)
    {
        key = "";
        if (text.IsEmpty || !(char.IsAsciiLetterLower(text[0]) || text[0] == '*'))
            return false;
        var length = 1;
        while (length < text.Length && (char.IsAsciiLetterLower(text[length]) || char.IsAsciiDigit(text[length]) || text[length] is '_' or '-' or '.' or '*'))
            length++;
        key = text[..length].ToString();
        text = text[length..];
        return true;
    }

    static bool TryItem(scoped ref ReadOnlySpan<char> text, out object value)
    {
        value = false;
        if (text.IsEmpty)
            return false;
        if (text[0] == '"')
            return TryString(ref text, out value);
        if (text[0] == '?')
        {
            if (text.Length < 2 || text[1] is not ('0' or '1'))
                return false;
            value = text[1] == '1';
            text = text[2..];
            return true;
        }

        return text[0] == '-' || char.IsAsciiDigit(text[0]) ? TryNumber(ref text, out value) : TryToken(ref text, out value);
    }

    static bool TryString(scoped ref ReadOnlySpan<char> text, out object value)
    {
        value = "";
        var made = new System.Text.StringBuilder();
        for (var i = 1; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"':
                    value = made.ToString();
                    text = text[(i + 1)..];
                    return true;
                case '\\' when i + 1 < text.Length && text[i + 1] is '"' or '\\':
                    made.Append(text[++i]);
                    break;
                case '\\' or < ' ' or > '~':
                    return false;
                default:
                    made.Append(text[i]);
                    break;
            }
        }

        return false;
    }

    static bool TryNumber(scoped ref ReadOnlySpan<char> text, out object value)
    {
        var length = text[0] == '-' ? 1 : 0;
        while (length < text.Length && (char.IsAsciiDigit(text[length]) || text[length] == '.'))
            length++;
        var digits = text[..length];
        text = text[length..];
        value = 0L;
        if (digits.Contains('.'))
        {
            if (digits[^1] == '.' || !decimal.TryParse(digits, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var real))
                return false;
            value = real;
            return true;
        }

        // At most 15 digits (RFC 9651 §3.3.1).
        if (digits.TrimStart('-').Length is 0 or > 15 || !long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return false;
        value = number;
        return true;
    }

    static bool TryToken(scoped ref ReadOnlySpan<char> text, out object value)
    {
        value = true;
        if (!(char.IsAsciiLetter(text[0]) || text[0] == '*'))
            return false;
        var length = 1;
        while (length < text.Length && (char.IsAsciiLetterOrDigit(text[length]) || "!#$%&'*+-.^_`|~:/".Contains(text[length], StringComparison.Ordinal)))
            length++;
        text = text[length..];
        return true;
    }
}
