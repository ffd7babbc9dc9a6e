using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Headroom.Redis.Connections;

/// <summary>What one connection needs to know, copied from <see cref="RedisOptions"/> so that later changes to those change nothing. Prints no secret.</summary>
internal sealed record ConnectionSettings
{
    /// <summary>Commands that may wait for their replies, where nobody says otherwise.</summary>
    public const int MaxPendingCommandsDefault = 100_000;

    public string? User { get; init; }

    public string? Password { get; init; }

    public string? ClientName { get; init; }

    public int Database { get; init; }

    public bool PreferResp3 { get; init; } = true;

    public bool Tls { get; init; }

    public string? TlsHost { get; init; }

    public SslProtocols TlsProtocols { get; init; }

    public bool CheckCertificateRevocation { get; init; }

    public RemoteCertificateValidationCallback? CertificateValidation { get; init; }

    public X509CertificateCollection? ClientCertificates { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan LivenessTimeout { get; init; } = TimeSpan.FromSeconds(5);

    public long MaxBacklogBytes { get; init; } = 64 * 1024 * 1024;

    public int MaxPendingCommands { get; init; } = MaxPendingCommandsDefault;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Null: nobody wants to know.</summary>
    public ClientMetrics? Metrics { get; init; }

    public override string ToString() => nameof(ConnectionSettings);
}
