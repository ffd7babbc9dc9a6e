using System.Runtime.InteropServices;
using Microsoft.Extensions.Primitives;

namespace Headroom.Http.Compression;

/// <summary>
/// What a client said about content codings in <c>Accept-Encoding</c> (RFC 9110 §12.5.3): a weight in thousandths for each coding, 0 for "not acceptable". Reading it allocates nothing.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct AcceptEncoding
{
    const int NotListed = -1;
    const int HeaviestWeight = 1000;

    // Acceptable because nothing forbids it (rule 2), but behind whatever the client asked for by name.
    const int Unasked = 1;

    readonly short identity;
    readonly short gzip;
    readonly short brotli;

    AcceptEncoding(int identity, int gzip, int brotli)
    {
        this.identity = (short)identity;
        this.gzip = (short)gzip;
        this.brotli = (short)brotli;
    }

    /// <summary>Whether content as it is may be sent. False only after <c>identity;q=0</c>, or <c>*;q=0</c> without a word about identity.</summary>
    public bool IdentityIsAcceptable => identity > 0;

    /// <summary>
    /// The coding to send: the one that the client weighs most, among equals the server's favourite, br before gzip before identity.
    /// Null when the client accepts none of them.
    /// </summary>
    /// <param name="acceptEncoding">The field's lines. Without any the content goes out as it is: everything would be acceptable, but who says nothing seldom decodes.</param>
    /// <param name="available">What the server can send, in any order; identity among it where the content may go out as it is.</param>
    public static ContentCoding? Choose(StringValues acceptEncoding, ReadOnlySpan<ContentCoding> available) => Read(acceptEncoding).Choose(available);

    /// <summary>As the static method, of a field that was read already.</summary>
    public ContentCoding? Choose(ReadOnlySpan<ContentCoding> available)
    {
        ContentCoding? best = null;
        var bestWeight = 0;
        foreach (var coding in available)
        {
            var weight = Weight(coding);
            if (weight > bestWeight || (weight == bestWeight && weight > 0 && coding > best))
                (best, bestWeight) = (coding, weight);
        }

        return best;
    }

    /// <summary>The client's weight of a coding in thousandths, 0 where it is not acceptable.</summary>
    public int Weight(ContentCoding coding) => coding switch
    {
        ContentCoding.Brotli => brotli,
        ContentCoding.Gzip => gzip,
        _ => identity,
    };

    /// <summary>
    /// Reads the field. An element that is not of the form <c>coding;q=0.5</c> says nothing; of two about the same coding the smaller weight counts, because what was
    /// refused once was refused.
    /// </summary>
    public static AcceptEncoding Read(StringValues lines)
    {
        if (lines.Count == 0)
            return new AcceptEncoding(HeaviestWeight, 0, 0);

        Span<int> listed = stackalloc int[ContentCodings.Count];
        listed.Fill(NotListed);
        var any = NotListed;
        foreach (var line in lines)
        {
            var rest = line.AsSpan();
            while (!rest.IsEmpty)
            {
                var comma = rest.IndexOf(',');
                var element = comma < 0 ? rest : rest[..comma];
                rest = comma < 0 ? [] : rest[(comma + 1)..];
                if (!TryReadElement(element, out var name, out var weight))
                    continue;

                if (name is "*")
                    any = Smaller(any, weight);
                else if (ContentCodings.Named(name) is { } coding)
                    listed[(int)coding] = Smaller(listed[(int)coding], weight);
            }
        }

        // "*" stands for what is not listed; identity is acceptable without either.
        return new AcceptEncoding(
            Or(listed[(int)ContentCoding.Identity], Or(any, Unasked)),
            Or(listed[(int)ContentCoding.Gzip], Or(any, 0)),
            Or(listed[(int)ContentCoding.Brotli], Or(any, 0)));
    }

    static int Or(int weight, int otherwise) => weight == NotListed ? otherwise : weight;

    static int Smaller(int weight, int other) => weight == NotListed ? other : Math.Min(weight, other);

    static bool TryReadElement(ReadOnlySpan<char> element, out ReadOnlySpan<char> name, out int weight)
    {
        weight = HeaviestWeight;
        var semicolon = element.IndexOf(';');
        if (semicolon < 0)
        {
            name = element.Trim(" \t");
            return !name.IsEmpty;
        }

        name = element[..semicolon].Trim(" \t");
        var parameter = element[(semicolon + 1)..].Trim(" \t");
        return !name.IsEmpty
            && parameter is ['q' or 'Q', '=', .. var value]
            && TryReadWeight(value, out weight);
    }

    /// <summary>§12.4.2: 0 or 1, and up to three decimals, which are zeros after 1.</summary>
    static bool TryReadWeight(ReadOnlySpan<char> value, out int weight)
    {
        weight = 0;
        if (value is not ['0' or '1', ..] || value.Length > 5 || (value.Length > 1 && value[1] != '.'))
            return false;

        weight = (value[0] - '0') * HeaviestWeight;
        var unit = 100;
        foreach (var digit in value.Length > 2 ? value[2..] : [])
        {
            if (!char.IsAsciiDigit(digit))
                return false;
            weight += (digit - '0') * unit;
            unit /= 10;
        }

        return weight <= HeaviestWeight;
    }
}
