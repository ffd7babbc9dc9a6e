using System.Text;

namespace Headroom.Gateway.Hosting;

/// <summary>
/// Decodes Content-Length, and refuses what is not digits alone (RFC 9110 §8.6): Kestrel takes <c>+5</c>, and white space that is none in HTTP, for a number, where a proxy in front of this one may see no length, and with it
/// another request in the body.
/// </summary>
internal sealed class LengthFieldEncoding : Encoding
{
    /// <summary>Of the largest number there is. The server has room for one digit more, and would end the connection without an answer where there are more than that.</summary>
    private const int DigitsMax = 19;

    public static readonly LengthFieldEncoding Instance = new();

    private LengthFieldEncoding()
    {
    }

    public override int GetByteCount(char[] chars, int index, int count) => Latin1.GetByteCount(chars, index, count);

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) => Latin1.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    /// <exception cref="InvalidOperationException">Not a length; the server answers 400.</exception>
    public override int GetCharCount(byte[] bytes, int index, int count)
    {
        if (count is 0 or > DigitsMax || bytes.AsSpan(index, count).ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            throw new InvalidOperationException("Content-Length is not a number of bytes.");
        return count;
    }

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
        Latin1.GetChars(bytes, byteIndex, GetCharCount(bytes, byteIndex, byteCount), chars, charIndex);

    public override int GetMaxByteCount(int charCount) => Latin1.GetMaxByteCount(charCount);

    public override int GetMaxCharCount(int byteCount) => byteCount;
}
