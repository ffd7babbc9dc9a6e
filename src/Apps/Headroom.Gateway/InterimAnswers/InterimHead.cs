using System.Text;
using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Wire;

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

        var lineEnd = bytes.IndexOf("\r\n"u8);
        if (lineEnd < VersionLength + StatusLength)
            return AnswerStart.Final;
        length = end + 4;
        var status = bytes[VersionLength..lineEnd];
        if (status.StartsWith("100"u8) || FieldLines.HasControl(status))
            return AnswerStart.Withheld;

        using var text = new OutputBuffer();
        text.Write("HTTP/1.1 "u8);
        text.Write(status);
        text.Write("\r\n"u8);
        var fields = new FieldLines(bytes[(lineEnd + 2)..length]);
        while (fields.MoveNext())
        {
            if (HopByHop.IsHopByHop(FieldNames.Of(fields.Name)) || Ascii.EqualsIgnoreCase(fields.Name, "Content-Length"u8))
                continue;
            text.Write(fields.Name);
            text.Write(": "u8);
            text.Write(fields.Value);
            text.Write("\r\n"u8);
        }

        if (fields.IsMalformed)
            return AnswerStart.Withheld;
        text.Write("\r\n"u8);
        head = text.Written.ToArray();
        return AnswerStart.Interim;
    }
}
