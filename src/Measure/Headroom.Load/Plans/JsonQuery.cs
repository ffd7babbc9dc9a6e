using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Headroom.Load.Plans;

/// <summary>
/// A singular query of RFC 9535 (§2.3.5.1): <c>$.items[0].id</c>, <c>$['a b'][-1]</c>. It is answered by walking the text once, without building a document and without
/// allocating, and the walk ends where the value ends, so that what follows is not looked at. Of several members with one name the first is taken.
/// </summary>
internal sealed class JsonQuery
{
    /// <summary>Deeper documents are not looked into. Below 64 the reader keeps its place without allocating.</summary>
    private const int DepthMax = 512;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = DepthMax };

    private readonly Segment[] _segments;

    private JsonQuery(List<Segment> segments) => _segments = [.. segments];

    /// <summary>Its segments in their order: a member's name, or an element's index where that is null.</summary>
    public IEnumerable<(string? Name, long Index)> Segments => _segments.Select(segment => (segment.Name is { } name ? Encoding.UTF8.GetString(name) : null, segment.Index));

    /// <param name="text">The query.</param>
    /// <param name="query">Ready to be asked, by several threads at once.</param>
    /// <param name="error">What is wrong and what is allowed.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out JsonQuery? query, [NotNullWhen(false)] out string? error)
    {
        query = null;
        var parser = new Parser(text);
        error = parser.Parse();
        if (error is not null)
            return false;
        query = new JsonQuery(parser.Segments);
        return true;
    }

    /// <summary>False when there is no such value, and for text that is not JSON up to the end of the value.</summary>
    public bool TryFind(ReadOnlySpan<byte> utf8Json, out JsonFound found)
    {
        found = default;
        var text = utf8Json.StartsWith("\ufeff"u8) ? utf8Json[3..] : utf8Json;
        var reader = new Utf8JsonReader(text, Options);
        try
        {
            if (!reader.Read())
                return false;
            foreach (var segment in _segments)
            {
                if (!(segment.Name is { } name ? ToMember(ref reader, name) : ToElement(ref reader, segment.Index)))
                    return false;
            }

            var start = (int)reader.TokenStartIndex;
            var kind = reader.TokenType;
            reader.Skip();
            found = new JsonFound(kind, text[start..(int)reader.BytesConsumed]);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            // A member name with half of a surrogate pair or broken UTF-8 cannot be compared.
            return false;
        }
    }

    private static bool ToMember(ref Utf8JsonReader reader, byte[] name)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(name);
            reader.Read();
            if (isIt)
                return true;
            reader.Skip();
        }

        return false;
    }

    private static bool ToElement(ref Utf8JsonReader reader, long index)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            return false;
        if (index < 0)
        {
            var ahead = reader;
            while (ahead.Read() && ahead.TokenType != JsonTokenType.EndArray)
            {
                ahead.Skip();
                index++;
            }

            // Now the index counts from the front, unless the array was too short.
            if (index < 0)
                return false;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (index-- == 0)
                return true;
            reader.Skip();
        }

        return false;
    }

    /// <summary>A member by name, or an element by index when there is none.</summary>
    private readonly record struct Segment(byte[]? Name, long Index);

    private sealed class Parser(string text)
    {
        /// <summary>RFC 9535 §2.1: the whole numbers that every JSON reader keeps exactly.</summary>
        private const long IndexMax = 9_007_199_254_740_991;

        private const string Allowed = "allowed are singular queries (RFC 9535): $ followed by .name, ['name'] or [index], such as $.items[0].id";

        private int _position;

        public List<Segment> Segments { get; } = [];

        public string? Parse()
        {
            if (!Take('$'))
                return $"JSON query '{text}' does not begin with $; {Allowed}";
            while (_position < text.Length)
            {
                SkipBlanks();
                var error = Take('.') ? ParseName() : Take('[') ? ParseBrackets() : $"JSON query '{text}' has '{Rest}' where a segment should begin; {Allowed}";
                if (error is not null)
                    return error;
            }

            return null;
        }

        private string Rest => _position < text.Length ? text[_position..] : "nothing";

        private string? ParseName()
        {
            if (_position < text.Length && text[_position] is '.' or '*')
                return Many();
            var start = _position;
            while (_position < text.Length && (char.IsAsciiLetter(text[_position]) || text[_position] is '_' or >= '\u0080' || (_position > start && char.IsAsciiDigit(text[_position]))))
                _position++;
            if (_position == start)
                return $"JSON query '{text}' has '{Rest}' where a name should stand; write other names as ['name']; {Allowed}";
            Segments.Add(new Segment(Encoding.UTF8.GetBytes(text[start.._position]), 0));
            return null;
        }

        private string? ParseBrackets()
        {
            SkipBlanks();
            if (_position >= text.Length)
                return Unclosed();
            var error = text[_position] switch
            {
                '\'' or '"' => ParseQuoted(text[_position++]),
                '*' or '?' or ':' or '(' => Many(),
                _ => ParseIndex(),
            };
            if (error is not null)
                return error;
            SkipBlanks();
            if (_position < text.Length && text[_position] is ',' or ':')
                return Many();
            return Take(']') ? null : Unclosed();
        }

        private string? ParseIndex()
        {
            var start = _position;
            while (_position < text.Length && (char.IsAsciiDigit(text[_position]) || text[_position] == '-'))
                _position++;
            var digits = text[start.._position];
            var hasLeadingZero = digits.Length > 1 && digits.TrimStart('-').StartsWith('0');
            if (hasLeadingZero || !long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index) || Math.Abs(index) > IndexMax)
                return $"JSON query '{text}' has '{(digits.Length > 0 ? digits : Rest)}' where an index or a quoted name should stand; {Allowed}";
            Segments.Add(new Segment(null, index));
            return null;
        }

        private string? ParseQuoted(char quote)
        {
            var name = new StringBuilder();
            while (_position < text.Length)
            {
                var letter = text[_position++];
                if (letter == quote)
                {
                    Segments.Add(new Segment(Encoding.UTF8.GetBytes(name.ToString()), 0));
                    return null;
                }

                if (letter != '\\')
                    name.Append(letter);
                else if (!TryUnescape(quote, out var meant))
                    return $"JSON query '{text}' has an escape that is none of \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX \\{quote}";
                else
                    name.Append(meant);
            }

            return Unclosed();
        }

        private bool TryUnescape(char quote, out char meant)
        {
            meant = default;
            if (_position >= text.Length)
                return false;
            var letter = text[_position++];
            if (letter == 'u')
            {
                if (_position + 4 > text.Length || !ushort.TryParse(text.AsSpan(_position, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
                    return false;
                meant = (char)code;
                _position += 4;
                return true;
            }

            meant = letter switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', '/' or '\\' => letter, _ => letter == quote ? quote : '\0' };
            return meant != '\0';
        }

        private string Many() => $"JSON query '{text}' can find several values (wildcard, slice, filter, list or descendants); {Allowed}";

        private string Unclosed() => $"JSON query '{text}' has a bracket or quote that is not closed; {Allowed}";

        private bool Take(char letter)
        {
            if (_position >= text.Length || text[_position] != letter)
                return false;
            _position++;
            return true;
        }

        private void SkipBlanks()
        {
            while (_position < text.Length && text[_position] is ' ' or '\t' or '\n' or '\r')
                _position++;
        }
    }
}

/// <summary>A value in a JSON text, as long as that text is there.</summary>
internal readonly ref struct JsonFound(JsonTokenType kind, ReadOnlySpan<byte> raw)
{
    /// <summary>The value's first token.</summary>
    public JsonTokenType Kind { get; } = kind;

    /// <summary>The whole value as it stands, quotes, objects and arrays included.</summary>
    public ReadOnlySpan<byte> Raw { get; } = raw;

    public bool IsText => Kind == JsonTokenType.String;

    /// <summary>A text without quotes and escapes, everything else as JSON. A text whose escapes stand for no character (half a surrogate pair) is written as it stands.</summary>
    public void CopyTextTo(IBufferWriter<byte> writer)
    {
        var inner = IsText ? Raw[1..^1] : Raw;
        if (IsText && inner.Contains((byte)'\\'))
        {
            var reader = new Utf8JsonReader(Raw);
            try
            {
                reader.Read();
                writer.Advance(reader.CopyString(writer.GetSpan(inner.Length)));
                return;
            }
            catch (InvalidOperationException)
            {
            }
        }

        writer.Write(inner);
    }
}
