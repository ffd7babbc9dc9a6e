using System.Text;
using Headroom.Gateway.Forwarding;

namespace Headroom.Gateway.Hosting;

/// <summary>
/// Decodes the Connection field (as Latin-1) so that the names in it survive. Kestrel replaces a Connection that says close, keep-alive or upgrade by that one word, and the fields that it
/// names beside would be forwarded, which RFC 9110 §7.6.1 forbids. It leaves alone a Connection that says both close and keep-alive, so a line that names fields is decoded with these two words before
/// it: the names stay, and the connection ends after the answer. Such lines are rare; all others are decoded as they are.
/// </summary>
internal sealed class ConnectionFieldEncoding : Encoding
{
    private const string BothWords = "close, keep-alive, ";

    public static readonly ConnectionFieldEncoding Instance = new();

    private ConnectionFieldEncoding()
    {
    }

    public override int GetByteCount(char[] chars, int index, int count) => Latin1.GetByteCount(chars, index, count);

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) => Latin1.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    public override int GetCharCount(byte[] bytes, int index, int count) => count + (NamesFields(bytes.AsSpan(index, count)) ? BothWords.Length : 0);

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
    {
        var value = bytes.AsSpan(byteIndex, byteCount);
        var prefix = NamesFields(value) ? BothWords : "";
        prefix.CopyTo(0, chars, charIndex, prefix.Length);
        return prefix.Length + Latin1.GetChars(value, chars.AsSpan(charIndex + prefix.Length));
    }

    public override int GetMaxByteCount(int charCount) => Latin1.GetMaxByteCount(charCount);

    public override int GetMaxCharCount(int byteCount) => byteCount + BothWords.Length;

    private static bool NamesFields(ReadOnlySpan<byte> value)
    {
        if (value.Contains((byte)0))
            throw new InvalidOperationException("A field's value contains a NUL.");
        var text = Latin1.GetString(value);
        return HopByHop.Named(text) is { } named && named.Any(static name => !HopByHop.IsHopByHop(name));
    }
}
