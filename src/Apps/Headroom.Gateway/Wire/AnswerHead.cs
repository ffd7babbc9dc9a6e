using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using Headroom.Gateway.Forwarding;

namespace Headroom.Gateway.Wire;

/// <summary>
/// What the head of an answer says about its end and its connection (RFC 9112 §6, §9.3). Where others could find the end in another place there is none: two lengths, even equal ones; a length that is not digits;
/// a length beside a coding; a coding other than <c>chunked</c> alone. Pure.
/// </summary>
/// <param name="Status">100 to 999.</param>
/// <param name="IsHttp11">Else it is HTTP/1.0.</param>
/// <param name="Length">Content-Length; -1 for none.</param>
/// <param name="IsChunked">The body comes in chunks.</param>
/// <param name="KeepsAlive">The connection may be used again.</param>
/// <param name="Named">Fields that Connection names, beside the usual ones.</param>
/// <param name="FieldsAt">Where the field lines begin.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AnswerHead(int Status, bool IsHttp11, long Length, bool IsChunked, bool KeepsAlive, HashSet<string>? Named, int FieldsAt)
{
    private const int VersionLength = 9;
    private const int StatusEnd = 12;

    /// <param name="head">A whole head, as <see cref="HeadScan"/> found it.</param>
    /// <param name="parsed">What it says.</param>
    public static bool TryParse(ReadOnlySpan<byte> head, out AnswerHead parsed)
    {
        parsed = default;
        var lineEnd = head.IndexOf("\r\n"u8);
        if (!TryParseStatusLine(head[..lineEnd], out var status, out var isHttp11))
            return false;

        var (length, isChunked, closes, stays) = (-1L, false, false, false);
        HashSet<string>? named = null;
        var fields = new FieldLines(head[(lineEnd + 2)..]);
        while (fields.MoveNext())
        {
            switch (fields.Name.Length)
            {
                case 14 when Is(fields.Name, "Content-Length"u8):
                    if (length >= 0 || !TryParseLength(fields.Value, out length))
                        return false;
                    break;
                case 17 when Is(fields.Name, "Transfer-Encoding"u8):
                    if (isChunked || !Is(fields.Value, "chunked"u8))
                        return false;
                    isChunked = true;
                    break;
                case 10 when Is(fields.Name, "Connection"u8):
                    var value = Encoding.Latin1.GetString(fields.Value);
                    closes |= HopByHop.HasToken(value, "close");
                    stays |= HopByHop.HasToken(value, "keep-alive");
                    if (HopByHop.Named(value) is { } more)
                    {
                        if (named is null)
                            named = more;
                        else
                            named.UnionWith(more);
                    }

                    break;
            }
        }

        if (fields.IsMalformed || (isChunked && length >= 0))
            return false;

        // A coding in HTTP/1.0 is faulty (§6.1): what it says is done, and the connection ends.
        parsed = new AnswerHead(status, isHttp11, length, isChunked, !closes && (isHttp11 || (stays && !isChunked)), named, lineEnd + 2);
        return true;
    }

    /// <summary>The reason phrase; empty when there is none.</summary>
    public static ReadOnlySpan<byte> Phrase(ReadOnlySpan<byte> head)
    {
        var line = head[..head.IndexOf((byte)'\r')];
        return line.Length > StatusEnd ? line[(StatusEnd + 1)..] : default;
    }

    private static bool TryParseStatusLine(ReadOnlySpan<byte> line, out int status, out bool isHttp11)
    {
        (status, isHttp11) = (0, false);
        if (line.Length < StatusEnd || !line.StartsWith("HTTP/1."u8) || !char.IsAsciiDigit((char)line[7]) || line[8] != ' ' || (line.Length > StatusEnd && line[StatusEnd] != ' ') || FieldLines.HasControl(line))
            return false;
        isHttp11 = line[7] != '0';
        return Utf8Parser.TryParse(line[VersionLength..StatusEnd], out status, out var digits) && digits == 3 && status >= 100 && line[VersionLength] is >= (byte)'1' and <= (byte)'9';
    }

    private static bool TryParseLength(ReadOnlySpan<byte> value, out long length)
    {
        length = -1;
        return !value.IsEmpty && !value.ContainsAnyExceptInRange((byte)'0', (byte)'9') && Utf8Parser.TryParse(value, out length, out var read) && read == value.Length;
    }

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> other) => Ascii.EqualsIgnoreCase(text, other);
}
