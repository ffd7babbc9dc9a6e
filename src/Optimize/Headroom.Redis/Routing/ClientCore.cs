using System.Security.Cryptography;
using Headroom.Redis.Configuration;
using Headroom.Redis.Connections;
using Microsoft.Extensions.Logging;

namespace Headroom.Redis.Routing;

/// <summary>What all views of one client share: the connections, and which of them a command takes.</summary>
internal sealed partial class ClientCore : IAsyncDisposable
{
    readonly RedisNode first;
    readonly List<RedisEndpoint> endpoints = [];
    Router? router;

    public ClientCore(RedisOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        var errors = RedisOptionsRules.Errors(options);
        if (errors.Count > 0)
            throw new RedisOptionsException(errors);

        var isSentinel = options.ServiceName is not null;
        var defaultPort = isSentinel ? RedisEndpoint.DefaultSentinelPort : options.Ssl ? RedisEndpoint.DefaultTlsPort : RedisEndpoint.DefaultPort;
        foreach (var text in options.Endpoints)
        {
            RedisOptionsRules.ReadEndpoint(text, defaultPort, out var endpoint);
            endpoints.Add(endpoint);
        }

        Time = time;
        Logger = loggers.CreateLogger("Headroom.Redis");
        ChannelPrefix = options.ChannelPrefix ?? "";
        AbortOnConnectFail = options.AbortOnConnectFail;
        Settings = SettingsOf(options, time);
        // The one source of chance: attempts of many clients must not fall together.
#pragma warning disable CA5394 // Nothing is protected by it.
        Delay = new ReconnectDelay(options.ReconnectDelay, options.ReconnectDelayMost, new Random(RandomNumberGenerator.GetInt32(int.MaxValue)));
#pragma warning restore CA5394
        Locator = new FixedEndpoints(endpoints, needsMaster: endpoints.Count > 1);
        first = new RedisNode(Locator, Settings, Delay, null, Logger);
        first.Opened += ChooseRouter;
        if (options.Ignored.Count > 0)
            LogIgnored(Logger, string.Join(", ", options.Ignored));
    }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    public string ChannelPrefix { get; }

    public bool AbortOnConnectFail { get; }

    public ConnectionSettings Settings { get; }

    public ReconnectDelay Delay { get; }

    public IServerLocator Locator { get; }

    /// <summary>Null until the first connection told what it leads to.</summary>
    public Router? Router => Volatile.Read(ref router);

    /// <summary>Waits for the first connection, and throws why there is none when an attempt failed.</summary>
    public async Task<Router> ReadyAsync(CancellationToken cancellationToken = default)
    {
        if (Router is null)
            await first.WhenOpenAsync().WaitAsync(cancellationToken);
        return Router!;
    }

    public void Start() => first.Start();

    /// <summary>For commands that found no connection: sends when there is one.</summary>
    public async Task SendLaterAsync(Operation operation, Request request, int slot)
    {
        if (Router is not { } known)
        {
            try
            {
                known = await LateSending.WaitAsync(ReadyAsync(), operation, Time);
            }
            catch (RedisException e)
            {
                operation.Fail(e);
                known = null;
            }
        }

        if (known is null)
            request.Return();
        else
            await known.SendLaterAsync(operation, request, slot);
    }

    public async ValueTask DisposeAsync()
    {
        if (Router is { } known)
            await known.DisposeAsync();
        await first.DisposeAsync();
    }

    void ChooseRouter(RedisConnection connection)
    {
        if (router is null)
            Volatile.Write(ref router, new SingleRouter(first, Time));
    }

    static ConnectionSettings SettingsOf(RedisOptions options, TimeProvider time) => new()
    {
        User = options.User,
        Password = options.Password,
        ClientName = options.ClientName,
        Database = options.DefaultDatabase,
        PreferResp3 = options.Protocol == 3,
        Tls = options.Ssl,
        TlsHost = options.SslHost,
        TlsProtocols = options.SslProtocols,
        CheckCertificateRevocation = options.CheckCertificateRevocation,
        CertificateValidation = options.CertificateValidation,
        ClientCertificates = options.ClientCertificates,
        ConnectTimeout = options.ConnectTimeout,
        KeepAliveInterval = options.KeepAliveInterval,
        LivenessTimeout = options.LivenessTimeout,
        MaxPendingCommands = options.MaxPendingCommands,
        Time = time,
    };

    [LoggerMessage(4, LogLevel.Information, "The connection string has settings without a meaning for this client: {Settings}.")]
    static partial void LogIgnored(ILogger logger, string settings);
}
