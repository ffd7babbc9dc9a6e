using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Headroom.Redis.Configuration;

namespace Headroom.Redis;

/// <summary>
/// Where Redis is and how to talk to it. Made from a connection string by <see cref="Parse"/>, by the setting <c>Headroom:Redis:ConnectionString</c>, or set in code; copied when a client is
/// made of it. Wrong values are refused all in one message (<see cref="RedisOptionsException"/>), never corrected.
/// </summary>
public sealed class RedisOptions
{
    /// <summary>The configuration section that holds <c>ConnectionString</c>.</summary>
    public const string SectionName = "Headroom:Redis";

    /// <summary>
    /// <c>host:port</c>, <c>[::1]:6379</c>, or <c>unix:/path/redis.sock</c>; several for a cluster, for sentinels (with <see cref="ServiceName"/>), or for a master and its replicas, of which the master
    /// is used. Without a port 6379, with TLS 6380, for sentinels 26379. At least one.
    /// </summary>
    public IList<string> Endpoints { get; } = [];

    /// <summary>The ACL user. Default none, which is Redis' user <c>default</c>. Needs a password.</summary>
    public string? User { get; set; }

    /// <summary>The password. Default none. Appears in no log, exception or <see cref="ToString"/>.</summary>
    public string? Password { get; set; }

    /// <summary>What <c>CLIENT LIST</c> shows. Default none; no blanks or line ends.</summary>
    public string? ClientName { get; set; }

    /// <summary>The database to <c>SELECT</c>. Default 0, from 0; a cluster only has 0.</summary>
    public int DefaultDatabase { get; set; }

    /// <summary>TLS. Default off.</summary>
    public bool Ssl { get; set; }

    /// <summary>The name that the server's certificate must be for. Default the endpoint's host.</summary>
    public string? SslHost { get; set; }

    /// <summary>TLS versions. Default <see cref="SslProtocols.None"/>: the operating system's choice.</summary>
    public SslProtocols SslProtocols { get; set; }

    /// <summary>Whether certificates are looked up in revocation lists. Default off, as it needs the network.</summary>
    public bool CheckCertificateRevocation { get; set; }

    /// <summary>Decides on the server's certificate instead of the system's trust. Default none. For private certificate authorities; returning true always gives TLS away.</summary>
    public RemoteCertificateValidationCallback? CertificateValidation { get; set; }

    /// <summary>Certificates to show to the server. Default none.</summary>
    public X509CertificateCollection? ClientCertificates { get; set; }

    /// <summary>The name under which sentinels know the master. Default none; with it the endpoints are sentinels.</summary>
    public string? ServiceName { get; set; }

    /// <summary>The ACL user at the sentinels. Default none.</summary>
    public string? SentinelUser { get; set; }

    /// <summary>The password at the sentinels. Default none: that of Redis is not sent to them.</summary>
    public string? SentinelPassword { get; set; }

    /// <summary>From the first packet to being ready for commands. Default 5 s, from 10 ms to 5 min.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>From calling a command to its reply, waiting for a connection included. Default 1 s, from 1 ms to 1 h; <see cref="RedisClient.WithTimeout"/> for single commands.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>After this long without a byte from the server it is asked for a sign of life. Default 1 s, from 100 ms to 1 h.</summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A server that has to answer and sends no byte for this long is taken for dead: the connection is closed and opened anew. Default 5 s, from 200 ms to 1 h. An idle connection's death is
    /// noticed within this and <see cref="KeepAliveInterval"/> together. Give it longer than the slowest command or script that is run on purpose.
    /// </summary>
    public TimeSpan LivenessTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest wait before the second attempt to connect; each later attempt may wait twice as long. Waits are drawn between half and all of that. Default 50 ms, from 1 ms to 1 min.</summary>
    public TimeSpan ReconnectDelay { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest wait between two attempts. Default 2 s, from <see cref="ReconnectDelay"/> to 10 min.</summary>
    public TimeSpan ReconnectDelayMost { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether <see cref="RedisClient.ConnectAsync(RedisOptions, CancellationToken)"/> throws when the first attempt fails. Default true; otherwise it returns and attempts go on.</summary>
    public bool AbortOnConnectFail { get; set; } = true;

    /// <summary>3 or 2. Default 3, with 2 for servers that know no other; client tracking needs 3.</summary>
    public int Protocol { get; set; } = 3;

    /// <summary>Stands before every channel that is published or subscribed to. Default none.</summary>
    public string? ChannelPrefix { get; set; }

    /// <summary>Commands that may be waiting for replies on one connection; more are refused at once. Default 100,000, from 1 to 10,000,000.</summary>
    public int MaxPendingCommands { get; set; } = 100_000;

    /// <summary>Settings that a connection string of StackExchange.Redis had and that mean nothing here. A client logs them once.</summary>
    internal List<string> Ignored { get; } = [];

    /// <summary>What could not be read from the configuration; reported with the validation errors.</summary>
    internal List<string> BindingErrors { get; } = [];

    /// <summary>
    /// Reads <c>host:port,host2:port,password=…,ssl=true,…</c> as StackExchange.Redis has it, or <c>redis://user:password@host:port/database</c>, <c>rediss://…</c> (TLS) and <c>unix:///path?db=1</c>.
    /// Settings and their words are in docs/redis.md.
    /// </summary>
    /// <exception cref="RedisOptionsException">Every part that is wrong, with what is allowed. No secret is repeated.</exception>
    public static RedisOptions Parse(string connectionString)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        var options = new RedisOptions();
        var errors = ConnectionString.ReadInto(options, connectionString);
        errors.AddRange(RedisOptionsRules.Errors(options));
        return errors.Count == 0 ? options : throw new RedisOptionsException(errors);
    }

    /// <summary>The endpoints and no secret.</summary>
    public override string ToString() => string.Join(',', Endpoints);
}
