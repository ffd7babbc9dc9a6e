using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Headroom.Http;

/// <summary>The text of keys, for those that are not made by <see cref="IApiKeys"/>: data sets, tests, keys handed out by another program. Their randomness is then that program's affair.</summary>
public static class ApiKeyText
{
    internal const string Letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    internal const int ChecksumLength = 6;

    /// <summary>A key: what it begins with, its id, <c>_</c>, its secret and the checksum of all that (CRC-32C in base 62).</summary>
    /// <param name="prefix">As <see cref="ApiKeyOptions.Prefix"/>.</param>
    /// <param name="id">16 letters and digits.</param>
    /// <param name="secret">32 letters and digits, drawn at random.</param>
    /// <exception cref="ArgumentException">Id or secret are something else.</exception>
    public static string Compose(string prefix, string id, string secret)
    {
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        if (id?.Length != ApiKeys.Checking.ApiKeyFormat.IdLength || !id.All(char.IsAsciiLetterOrDigit))
            throw new ArgumentException("Write 16 ASCII letters and digits.", nameof(id));
        if (secret?.Length != ApiKeys.Checking.ApiKeyFormat.SecretLength || !secret.All(char.IsAsciiLetterOrDigit))
            throw new ArgumentException("Write 32 ASCII letters and digits.", nameof(secret));
        return WithChecksum($"{prefix}{id}_{secret}");
    }

    /// <summary>What a store keeps of a key: SHA-256 of all before the checksum.</summary>
    /// <param name="key">The whole key.</param>
    /// <exception cref="ArgumentException">It is shorter than a checksum.</exception>
    public static byte[] Hash(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Length > ChecksumLength ? SHA256.HashData(Encoding.ASCII.GetBytes(key[..^ChecksumLength])) : throw new ArgumentException("It is too short for a key.", nameof(key));
    }

    internal static string WithChecksum(string body)
    {
        Span<char> checksum = stackalloc char[ChecksumLength];
        WriteChecksum(Encoding.ASCII.GetBytes(body), checksum);
        return string.Concat(body, checksum);
    }

    internal static void WriteChecksum(ReadOnlySpan<byte> body, Span<char> checksum)
    {
        var crc = uint.MaxValue;
        for (; body.Length >= sizeof(ulong); body = body[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(body));
        foreach (var each in body)
            crc = BitOperations.Crc32C(crc, each);
        crc = ~crc;
        for (var digit = ChecksumLength - 1; digit >= 0; digit--)
        {
            (crc, var value) = Math.DivRem(crc, (uint)Letters.Length);
            checksum[digit] = Letters[(int)value];
        }
    }
}
