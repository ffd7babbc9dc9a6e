using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Headroom.Caching;

/// <summary>
/// Makes keys of parts so that different parts never make the same key: <c>CacheKey.For("user", 7)</c> is <c>user:7</c>. In each part <c>:</c>, <c>#</c>, <c>%</c>, <c>*</c>, <c>?</c>, braces control
/// characters and halves of surrogate pairs are written as <c>%</c> and four hexadecimal digits. A key longer than <see cref="Longest"/> ends in a hash instead (SHA-256, 43 characters); its first part stays readable, so that
/// it can still be removed by prefix.
/// </summary>
public static class CacheKey
{
    /// <summary>Keys are at most this long, in characters.</summary>
    public const int Longest = 256;

    const int HashLength = 43;
    const char Separator = ':';

    /// <summary>A key of one part.</summary>
    /// <param name="part">What is cached, for example <c>settings</c>.</param>
    public static string For(string part) => Joined([part]);

    /// <summary>A key of two parts.</summary>
    /// <typeparam name="T1">The second part's type: a string, number, <see cref="Guid"/>, date, enum …</typeparam>
    /// <param name="part">What is cached, for example <c>user</c>.</param>
    /// <param name="first">Which one; written without regard to culture. Null differs from the empty text.</param>
    public static string For<T1>(string part, T1 first) => Joined([part, Text(first)]);

    /// <summary>A key of three parts.</summary>
    /// <typeparam name="T1">The second part's type.</typeparam>
    /// <typeparam name="T2">The third part's type.</typeparam>
    /// <param name="part">What is cached.</param>
    /// <param name="first">Which one.</param>
    /// <param name="second">Which one of those.</param>
    public static string For<T1, T2>(string part, T1 first, T2 second) => Joined([part, Text(first), Text(second)]);

    /// <summary>A key of four parts.</summary>
    /// <typeparam name="T1">The second part's type.</typeparam>
    /// <typeparam name="T2">The third part's type.</typeparam>
    /// <typeparam name="T3">The fourth part's type.</typeparam>
    /// <param name="part">What is cached.</param>
    /// <param name="first">Which one.</param>
    /// <param name="second">Which one of those.</param>
    /// <param name="third">Which one of those.</param>
    public static string For<T1, T2, T3>(string part, T1 first, T2 second, T3 third) => Joined([part, Text(first), Text(second), Text(third)]);

    static string Joined(ReadOnlySpan<string?> parts)
    {
        ArgumentException.ThrowIfNullOrEmpty(parts[0]);
        var key = new StringBuilder();
        var firstEnds = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            if (i > 0)
                key.Append(Separator);

            // Null is the one part that begins with an escape that no text is written as.
            if (parts[i] is null)
                key.Append("%null");
            else
                Escape(parts[i]!, key);
            if (i == 0)
                firstEnds = key.Length;
        }

        return key.Length <= Longest ? key.ToString() : Hashed(key.ToString(), Math.Min(firstEnds, Longest - HashLength - 2));
    }

    // A part never contains '#' unescaped, so no key of parts looks like a hashed one.
    static string Hashed(string key, int readable)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.Unicode.GetBytes(key), hash);
        if (char.IsHighSurrogate(key[readable - 1]))
            readable--;
        return string.Concat(key.AsSpan(0, readable), ":#", Base64Url.EncodeToString(hash));
    }

    static void Escape(string part, StringBuilder key)
    {
        for (var i = 0; i < part.Length; i++)
        {
            var character = part[i];
            if (character is Separator or '%' or '#' or '*' or '?' or '{' or '}' || char.IsControl(character) || IsLoneSurrogate(part, i))
                key.Append('%').Append(((int)character).ToString("x4", CultureInfo.InvariantCulture));
            else
                key.Append(character);
        }
    }

    static bool IsLoneSurrogate(string part, int i) => char.IsSurrogate(part[i])
        && !(i + 1 < part.Length && char.IsSurrogatePair(part[i], part[i + 1]))
        && !(i > 0 && char.IsSurrogatePair(part[i - 1], part[i]));

    static string? Text<T>(T part) => part switch
    {
        null => null,
        string text => text,
        DateTime or DateTimeOffset => ((IFormattable)part).ToString("O", CultureInfo.InvariantCulture),
        double or float => ((IFormattable)part).ToString("R", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => part.ToString(),
    };
}
