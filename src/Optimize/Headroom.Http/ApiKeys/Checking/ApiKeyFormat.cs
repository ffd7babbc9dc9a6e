using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Headroom.Http.ApiKeys.Checking;

/// <summary>
/// The text of keys: <c>hr_live_</c>, an id of 16 characters, <c>_</c>, a secret of 32 (190 bits), and 6 of checksum, all letters and digits.
/// <list type="number">
/// <item>Beginning, length and letters must fit.</item>
/// <item>The checksum must be that of all before it (CRC-32C, RFC 3720 §12.1, in base 62, highest digit first): typing mistakes and what people make up end here, without any look-up. It is no secret and protects nothing else.</item>
/// <item>The hash is of all before the checksum. Plain SHA-256: nobody can try 2^190 secrets, so there is nothing that a slow hash would slow down but the check itself (docs/decisions/api-keys.md).</item>
/// </list>
/// </summary>
internal sealed class ApiKeyFormat(ApiKeyOptions options)
{
    public const int IdLength = 16;
    public const int SecretLength = 32;
    public const int HashLength = SHA256.HashSizeInBytes;

    const int LengthAfterPrefix = IdLength + 1 + SecretLength + ApiKeyText.ChecksumLength;
    const int LongestKey = 24 + LengthAfterPrefix;

    static readonly SearchValues<char> Letters = SearchValues.Create(ApiKeyText.Letters);

    readonly string prefix = options.Prefix;
    readonly string[] accepted = [options.Prefix, .. options.AcceptedPrefixes];

    /// <summary>A new key; its hash goes to the store.</summary>
    public (string Key, string Id, byte[] Hash) Make()
    {
        var id = RandomNumberGenerator.GetString(ApiKeyText.Letters, IdLength);
        var key = ApiKeyText.Compose(prefix, id, RandomNumberGenerator.GetString(ApiKeyText.Letters, SecretLength));
        return (key, id, ApiKeyText.Hash(key));
    }

    /// <summary>Whether a text may be an id.</summary>
    public static bool IsId(ReadOnlySpan<char> text) => text.Length == IdLength && !text.ContainsAnyExcept(Letters);

    /// <summary>Whether a text begins as a key of this application does, and so is no other kind of token.</summary>
    public bool IsPrefixed(ReadOnlySpan<char> text)
    {
        foreach (var beginning in accepted)
        {
            if (text.StartsWith(beginning, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    /// <summary>Steps 1 to 3.</summary>
    /// <param name="text">What a client sent.</param>
    /// <param name="hash">Room for <see cref="HashLength"/> bytes.</param>
    /// <param name="id">The part of <paramref name="text"/> that says which key it is.</param>
    public bool TryRead(ReadOnlySpan<char> text, Span<byte> hash, out ReadOnlySpan<char> id)
    {
        id = default;
        if (text.Length > LongestKey || FindPrefix(text) is not { } beginning)
            return false;
        var rest = text[beginning.Length..];
        var secret = rest[(IdLength + 1)..];
        if (rest[IdLength] != '_' || rest[..IdLength].ContainsAnyExcept(Letters) || secret.ContainsAnyExcept(Letters)) // 1
            return false;

        Span<byte> bytes = stackalloc byte[LongestKey];
        var body = bytes[..Encoding.ASCII.GetBytes(text[..^ApiKeyText.ChecksumLength], bytes)];
        Span<char> checksum = stackalloc char[ApiKeyText.ChecksumLength];
        ApiKeyText.WriteChecksum(body, checksum);
        if (!checksum.SequenceEqual(text[^ApiKeyText.ChecksumLength..])) // 2
            return false;

        SHA256.HashData(body, hash); // 3
        id = rest[..IdLength];
        return true;
    }

    string? FindPrefix(ReadOnlySpan<char> text)
    {
        foreach (var beginning in accepted)
        {
            if (text.Length == beginning.Length + LengthAfterPrefix && text.StartsWith(beginning, StringComparison.Ordinal))
                return beginning;
        }

        return null;
    }
}
