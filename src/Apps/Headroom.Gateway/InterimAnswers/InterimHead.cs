using System.Buffers;
using System.Text;
using Headroom.Gateway.Forwarding;

namespace Headroom.Gateway.InterimAnswers;

/// <summary>What the first bytes of an answer are.</summary>
internal enum AnswerStart
{
    /// <summary>Too few to tell.</summary>
    Unknown,

    /// <summary>The final answer begins.</summary>
    Final,

    /// <summary>A whole interim head, to be passed on.</summary>
    Interim,

    /// <summary>A whole interim head that is not passed on: 100, which the client did not ask for, or one with fields that could be read two ways.</summary>
    Withheld,
}

/// <summary>Reads the beginning of an HTTP/1.1 answer. Pure.</summary>
internal static class InterimHead
{
    private const int VersionLength = 9;
    private const int StatusLength = 3;
    private static readonly SearchValues<char> Control = SearchValues.Create([.. Enumerable.Range(0, 32).Where(c => c != '\t').Select(c => (char)c), (char)127]);

    /// <param name="bytes">From the first byte of the answer on.</param>
    /// <param name="length">Of the interim head, its empty line included.</param>
    /// <param name="head">What the client gets: the same status and the end-to-end fields.</param>
    public static AnswerStart Read(ReadOnlySpan<byte> bytes, out int length, out byte[] head)
    {
        length = 0;
        head = [];
        if (bytes.Length < VersionLength + StatusLength)
            return AnswerStart.Unknown;
        if (!bytes.StartsWith("HTTP/1."u8) || bytes[VersionLength] != '1' || bytes.Slice(VersionLength, StatusLength).SequenceEqual("101"u8))
            return AnswerStart.Final;
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return AnswerStart.Unknown;

        length = end + 4;
        var lines = Encoding.Latin1.GetString(bytes[..end]).Split("\r\n");
        var status = lines[0][VersionLength..];
        if (status.StartsWith("100", StringComparison.Ordinal) || status.AsSpan().ContainsAny(Control))
            return AnswerStart.Withheld;

        var text = new StringBuilder("HTTP/1.1 ").Append(status).Append("\r\n");
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || !line.AsSpan(0, colon).ContainsOnlyTokenCharacters() || line.AsSpan().ContainsAny(Control))
                return AnswerStart.Withheld;
            if (!HopByHop.IsHopByHop(line[..colon]) && !line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                text.Append(line).Append("\r\n");
        }

        head = Encoding.Latin1.GetBytes(text.Append("\r\n").ToString());
        return AnswerStart.Interim;
    }

    private static bool ContainsOnlyTokenCharacters(this ReadOnlySpan<char> name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !"!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal))
                return false;
        }

        return true;
    }
}
