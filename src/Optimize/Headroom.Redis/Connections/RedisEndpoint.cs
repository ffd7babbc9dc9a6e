using System.Globalization;

namespace Headroom.Redis.Connections;

/// <summary>Where a Redis listens: a host and port, or the path of a unix socket.</summary>
internal readonly record struct RedisEndpoint(string Host, int Port)
{
    public const int DefaultPort = 6379;
    public const int DefaultTlsPort = 6380;
    public const int DefaultSentinelPort = 26379;

    public bool IsUnixSocket => Port == 0;

    public static RedisEndpoint UnixSocket(string path) => new(path, 0);

    public override string ToString() => IsUnixSocket ? Host
        : Host.Contains(':', StringComparison.Ordinal) ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
