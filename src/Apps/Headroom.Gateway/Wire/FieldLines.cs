using System.Buffers;
using System.Text;

namespace Headroom.Gateway.Wire;

/// <summary>
/// The field lines of a section, one after the other (RFC 9112 §5): a name of token characters, a colon right behind it, a value without control characters. Folded lines (§5.2) are not accepted. Pure.
/// </summary>
internal ref struct FieldLines(ReadOnlySpan<byte> section)
{
    /// <summary>What names and methods are made of (RFC 9110 §5.6.2).</summary>
    public const string TokenLetters = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<byte> Token = SearchValues.Create(Encoding.ASCII.GetBytes(TokenLetters));
    private static readonly SearchValues<byte> Control = SearchValues.Create([.. Enumerable.Range(0, 32).Where(c => c != '\t').Select(c => (byte)c), (byte)127]);
    private ReadOnlySpan<byte> _rest = section;

    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Without the white space around it.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>A line is not a field.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Has it a control character other than a tab?</summary>
    public static bool HasControl(ReadOnlySpan<byte> text) => text.ContainsAny(Control);

    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(Token);

    /// <returns>False at the empty line, and at one that is malformed.</returns>
    public bool MoveNext()
    {
        var end = _rest.IndexOf("\r\n"u8);
        if (end <= 0)
        {
            IsMalformed |= end < 0;
            return false;
        }

        var line = _rest[..end];
        _rest = _rest[(end + 2)..];
        var colon = line.IndexOf((byte)':');
        if (colon <= 0 || !IsToken(line[..colon]) || HasControl(line[(colon + 1)..]))
        {
            IsMalformed = true;
            return false;
        }

        Name = line[..colon];
        Value = line[(colon + 1)..].Trim(" \t"u8);
        return true;
    }
}
