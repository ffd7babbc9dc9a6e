using System.Security.Cryptography;
using System.Text;

namespace Headroom.Redis;

/// <summary>A Lua script. Sent by its hash (EVALSHA), and in full (EVAL) only to a server that does not have it yet. Make it once and keep it.</summary>
public sealed class RedisScript
{
    /// <summary>Takes the script's text: keys are <c>KEYS[n]</c>, other arguments <c>ARGV[n]</c>.</summary>
    public RedisScript(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        Text = text;
#pragma warning disable CA5350 // Redis names scripts by SHA-1; nothing is protected by it.
        Hash = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
    }

    /// <summary>The script.</summary>
    public string Text { get; }

    /// <summary>Its SHA-1 in hexadecimal digits.</summary>
    public string Hash { get; }
}
