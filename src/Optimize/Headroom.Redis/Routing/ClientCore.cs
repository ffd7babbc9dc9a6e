using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Headroom.Redis.Configuration;
using Headroom.Redis.Connections;
using Headroom.Redis.Subscriptions;
using Headroom.Redis.Tracking;
using Microsoft.Extensions.Logging;

namespace Headroom.Redis.Routing;

/// <summary>What all views of one client share: the connections, and which of them a command takes.</summary>
internal sealed partial class ClientCore : IAsyncDisposable
{
    readonly RedisNode first;
    readonly List<RedisEndpoint> endpoints = [];
    readonly SentinelWatch? watch;
    readonly NodeTracking firstTracking;
    Router? router;

    public ClientCore(RedisOptions options, TimeProvider time, ILoggerFactory loggers, IMeterFactory? meters = null)
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
        Settings = SettingsOf(options, time) with { Metrics = meters is null ? null : new ClientMetrics(meters, time) };
        // The one source of chance: attempts of many clients must not fall together.
#pragma warning disable CA5394 // Nothing is protected by it.
        Delay = new ReconnectDelay(options.ReconnectDelay, options.ReconnectDelayMost, new Random(RandomNumberGenerator.GetInt32(int.MaxValue)));
#pragma warning restore CA5394
        Locator = isSentinel
            ? new SentinelLocator(options.ServiceName!, endpoints, SentinelSettingsOf(options, time))
            : new FixedEndpoints(endpoints, needsMaster: endpoints.Count > 1);
        Tracker = new InvalidationTracker(Logger, time);
        firstTracking = Tracker.AddNode();
        Tracker.Expect([firstTracking]);
        first = new RedisNode(Locator, Settings, Delay, firstTracking, Logger);
        first.Opened += ChooseRouter;
        if (isSentinel)
            watch = new SentinelWatch(options.ServiceName!, endpoints, SentinelSettingsOf(options, time), Delay, first, Logger);
        Subscriptions = new SubscriptionHub(Locator, Settings, Delay, Logger);
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

    public InvalidationTracker Tracker { get; }

    public SubscriptionHub Subscriptions { get; }

    /// <summary>Null until the first connection told what it leads to.</summary>
    public Router? Router => Volatile.Read(ref router);

    /// <summary>Waits for the first connection, and throws why there is none when an attempt failed.</summary>
    public async Task<Router> ReadyAsync(CancellationToken cancellationToken = default)
    {
        if (Router is null)
            await first.WhenOpenAsync().WaitAsync(cancellationToken);
        return Router!;
    }

    /// <summary>The same within a command's timeout.</summary>
    public async Task<Router> ReadyAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (Router is { } known)
            return known;
        try
        {
            return await ReadyAsync(cancellationToken).WaitAsync(timeout, Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new RedisTimeoutException($"No connection to Redis within {timeout.TotalMilliseconds:0} ms. The command was not sent.");
        }
    }

    public void Start() => first.Start();

    /// <summary>For commands that found no connection: sends when there is one.</summary>
    public void SendLater(Operation operation, Request request, int slot)
    {
        if (Router is { } known)
            known.SendLater(operation, request, slot);
        else
            first.SendWhenOpen(operation, request);
    }

    public async ValueTask DisposeAsync()
    {
        if (watch is not null)
            await watch.DisposeAsync();
        await Subscriptions.DisposeAsync();
        if (Router is { } known)
            await known.DisposeAsync();
        await first.DisposeAsync();
    }

    void ChooseRouter(RedisConnection connection)
    {
        if (router is null && connection.Mode == "cluster")
        {
            // Until the map tells which masters there are, tracking is not complete.
            Tracker.Expect(null);
            firstTracking.End();
            var cluster = new ClusterRouter(this, first);
            first.Adopt = cluster.Adopt;
            Volatile.Write(ref router, cluster);
        }
        else if (router is null)
        {
            Volatile.Write(ref router, new SingleRouter(first));
        }

        watch?.Start();
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

    // TLS and timeouts are the same for sentinels; user, password and database are not.
    static ConnectionSettings SentinelSettingsOf(RedisOptions options, TimeProvider time) => SettingsOf(options, time) with
    {
        User = options.SentinelUser,
        Password = options.SentinelPassword,
        Database = 0,
        ConnectTimeout = options.ConnectTimeout < TimeSpan.FromSeconds(1) ? options.ConnectTimeout : TimeSpan.FromSeconds(1),
        MaxPendingCommands = ConnectionSettings.MaxPendingCommandsDefault,
    };

    [LoggerMessage(4, LogLevel.Information, "The connection string has settings without a meaning for this client: {Settings}.")]
    static partial void LogIgnored(ILogger logger, string settings);
}
