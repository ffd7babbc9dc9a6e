using System.Globalization;
using System.Text;

namespace Headroom.Load.Tests.Wire;

/// <summary>
/// Reads one whole response the slow and obvious way, straight after RFC 9112, to say what the quick reader should have found: where it ends and what its body is. It
/// shares no code with that. Null where there is no complete response before the connection ends.
/// </summary>
internal sealed record ReferenceResponse(int Status, int EndsAt, bool EndsWithConnection, bool KeepAlive, byte[] Body, bool IsEventStream)
{
    private sealed class Head
    {
        public int Status;
        public char MinorVersion;
        public long? Length;
        public bool HasTransferEncoding;
        public readonly List<string> Codings = [];
        public bool Closes;
        public bool KeepsAlive;
        public bool IsEventStream;
        public bool IsEncoded;
        public int EndsAt;
    }

    public static ReferenceResponse? Read(byte[] bytes, bool isHead)
    {
        var position = 0;
        for (var interim = 0; interim <= 64; interim++)
        {
            if (ReadHead(bytes, position) is not { } head || head.Status == 101)
                return null;
            position = head.EndsAt;
            if (head.Status >= 200)
                return ReadBody(bytes, head, isHead);
        }

        return null;
    }

    /// <summary>Events of a stream after the HTML standard §9.2.6, from its complete lines.</summary>
    public int CountEvents()
    {
        if (!IsEventStream)
            return 0;
        var text = Encoding.Latin1.GetString(Body);
        if (text.StartsWith("\u00EF\u00BB\u00BF", StringComparison.Ordinal))
            text = text[3..];
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n')[..^1];
        var (events, hasData) = (0, false);
        foreach (var line in lines)
        {
            if (line.Length == 0)
            {
                events += hasData ? 1 : 0;
                hasData = false;
            }

            hasData |= line.Split(':')[0] == "data";
        }

        return events;
    }

    private static Head? ReadHead(byte[] bytes, int position)
    {
        var lines = new List<string>();
        while (true)
        {
            var lineFeed = Array.IndexOf(bytes, (byte)'\n', position);
            if (lineFeed < 0)
                return null;
            var line = Encoding.Latin1.GetString(bytes, position, lineFeed - position);
            line = line.EndsWith('\r') ? line[..^1] : line;
            position = lineFeed + 1;
            if (line.Length == 0 && lines.Count > 0)
                break;
            lines.Add(line);
        }

        var head = new Head { EndsAt = position };
        return TakeStatusLine(head, lines[0]) && TakeHeaders(head, lines) ? head : null;
    }

    private static bool TakeStatusLine(Head head, string line)
    {
        if (line.Length < 12 || line[..7] != "HTTP/1." || !char.IsAsciiDigit(line[7]) || line[8] != ' ' || (line.Length > 12 && line[12] != ' '))
            return false;
        if (!line[9..12].All(char.IsAsciiDigit))
            return false;
        head.MinorVersion = line[7];
        head.Status = int.Parse(line[9..12], CultureInfo.InvariantCulture);
        return head.Status >= 100;
    }

    private static bool TakeHeaders(Head head, List<string> lines)
    {
        var framed = false;
        if (lines.Any(line => line.AsSpan().ContainsAny('\0', '\r')))
            return false;
        foreach (var line in lines.Skip(1))
        {
            if (line[0] is ' ' or '\t')
            {
                if (framed)
                    return false;
                continue;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || !IsToken(line[..colon]))
                return false;
            var name = line[..colon].ToLowerInvariant();
            framed = name is "content-length" or "transfer-encoding" or "connection";
            if (!Take(head, name, line[(colon + 1)..].Trim(' ', '\t')))
                return false;
        }

        return true;
    }

    private static bool Take(Head head, string name, string value)
    {
        switch (name)
        {
            case "content-length":
                if (value.Length is 0 or > 18 || !value.All(char.IsAsciiDigit))
                    return false;
                var length = long.Parse(value, CultureInfo.InvariantCulture);
                if (head.Length is not null && head.Length != length)
                    return false;
                head.Length = length;
                break;
            case "transfer-encoding":
                head.HasTransferEncoding = true;
                head.Codings.AddRange(value.Split(',').Select(coding => coding.Trim(' ', '\t').ToLowerInvariant()).Where(coding => coding.Length > 0));
                if (!head.Codings.All(IsToken) || head.Codings.SkipLast(1).Contains("chunked"))
                    return false;
                break;
            case "connection":
                head.Closes |= value.Split(',').Any(option => IsSame(option, "close"));
                head.KeepsAlive |= value.Split(',').Any(option => IsSame(option, "keep-alive"));
                break;
            case "content-type":
                head.IsEventStream = IsSame(value.Split(';', ' ', '\t')[0], "text/event-stream");
                break;
            case "content-encoding":
                head.IsEncoded = value.Length > 0 && !IsSame(value, "identity");
                break;
        }

        return true;
    }

    private static ReferenceResponse? ReadBody(byte[] bytes, Head head, bool isHead)
    {
        var keepAlive = !head.Closes && (head.KeepsAlive || head.MinorVersion != '0');
        if (isHead || head.Status is 204 or 304)
            return new ReferenceResponse(head.Status, head.EndsAt, false, keepAlive, [], false);
        var isEventStream = head.IsEventStream && !head.IsEncoded;
        if (head.Codings.LastOrDefault() == "chunked")
        {
            return ReadChunks(bytes, head.EndsAt, out var endsAt) is { } body
                ? new ReferenceResponse(head.Status, endsAt, false, keepAlive && head.Length is null && head.MinorVersion != '0', body, isEventStream)
                : null;
        }

        if (head.HasTransferEncoding && head.Length is not null)
            return null;
        if (head.HasTransferEncoding || head.Length is null)
            return new ReferenceResponse(head.Status, bytes.Length, true, false, bytes[head.EndsAt..], isEventStream);
        return head.Length <= bytes.Length - head.EndsAt
            ? new ReferenceResponse(head.Status, head.EndsAt + (int)head.Length, false, keepAlive, bytes[head.EndsAt..(head.EndsAt + (int)head.Length)], isEventStream)
            : null;
    }

    private static byte[]? ReadChunks(byte[] bytes, int position, out int endsAt)
    {
        var body = new List<byte>();
        endsAt = 0;
        while (true)
        {
            if (TakeLine(bytes, ref position) is not { } line)
                return null;
            var digits = line.TakeWhile(char.IsAsciiHexDigit).Count();
            var rest = line[digits..].TrimStart(' ', '\t');
            if (digits is 0 or > 15 || rest is not ("" or "\r") && rest[0] != ';')
                return null;
            var size = long.Parse(line[..digits], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0)
                break;
            if (size > bytes.Length - position)
                return null;
            body.AddRange(bytes[position..(position + (int)size)]);
            position += (int)size;
            if (TakeLine(bytes, ref position) is not ("" or "\r"))
                return null;
        }

        while (true)
        {
            if (TakeLine(bytes, ref position) is not { } line)
                return null;
            if (line is not ("" or "\r"))
                continue;
            endsAt = position;
            return [.. body];
        }
    }

    /// <summary>Without its line feed, but with what stands before that.</summary>
    private static string? TakeLine(byte[] bytes, ref int position)
    {
        var lineFeed = Array.IndexOf(bytes, (byte)'\n', position);
        if (lineFeed < 0)
            return null;
        var line = Encoding.Latin1.GetString(bytes, position, lineFeed - position);
        position = lineFeed + 1;
        return line;
    }

    private static bool IsToken(string text) =>
        text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || "!#$%&'*+-.^_`|~".Contains(letter, StringComparison.Ordinal));

    private static bool IsSame(string option, string word) => option.Trim(' ', '\t').Equals(word, StringComparison.OrdinalIgnoreCase);
}
