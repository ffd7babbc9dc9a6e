using System.Buffers.Text;
using System.Globalization;

namespace Headroom.Redis.Protocol;

/// <summary>Numbers as RESP writes them.</summary>
internal static class RespNumber
{
    public static bool TryInteger(ReadOnlySpan<byte> text, out long value)
    {
        if (text is [(byte)'+', >= (byte)'0' and <= (byte)'9', ..])
            text = text[1..];
        return Utf8Parser.TryParse(text, out value, out var consumed) && consumed == text.Length;
    }

    /// <summary>Decimal or exponent notation, <c>inf</c>, <c>-inf</c> and <c>nan</c>, as RESP3 has them and as RESP2 strings of Redis do.</summary>
    public static bool TryDouble(ReadOnlySpan<byte> text, out double value)
    {
        switch (text)
        {
            case [(byte)'i', (byte)'n', (byte)'f'] or [(byte)'+', (byte)'i', (byte)'n', (byte)'f']:
                value = double.PositiveInfinity;
                return true;
            case [(byte)'-', (byte)'i', (byte)'n', (byte)'f']:
                value = double.NegativeInfinity;
                return true;
            case [(byte)'n', (byte)'a', (byte)'n'] or [(byte)'-', (byte)'n', (byte)'a', (byte)'n']:
                value = double.NaN;
                return true;
            default:
                return double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value)
                    && text[^1] is >= (byte)'0' and <= (byte)'9' or (byte)'.';
        }
    }

    public static bool IsBigNumber(ReadOnlySpan<byte> text)
    {
        if (text is [(byte)'-' or (byte)'+', ..])
            text = text[1..];
        return !text.IsEmpty && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }
}
