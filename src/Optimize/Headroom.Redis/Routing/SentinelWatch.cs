using System.Globalization;
using System.Text;
using Headroom.Redis.Connections;
using Headroom.Redis.Protocol;
using Microsoft.Extensions.Logging;

namespace Headroom.Redis.Routing;

/// <summary>
/// Hears from a sentinel that the master is another one now, so that a former master that is still reachable is left at once. Without it that would be noticed only when the old master
/// refuses a write or closes. Goes from sentinel to sentinel as they fail.
/// </summary>
internal sealed partial class SentinelWatch : IPushReceiver, IAsyncDisposable
{
    static readonly Command Subscribe = new("SUBSCRIBE");

    readonly string service;
    readonly RedisNode master;
    readonly RedisNode sentinel;
    readonly ILogger logger;

    public SentinelWatch(string service, IReadOnlyList<RedisEndpoint> sentinels, ConnectionSettings settings, ReconnectDelay delay, RedisNode master, ILogger logger)
    {
        this.service = service;
        this.master = master;
        this.logger = logger;
        sentinel = new RedisNode(new FixedEndpoints(sentinels, needsMaster: false), settings, delay, this, logger);
    }

    public bool ReceivesArrays => true;

    public void Start() => sentinel.Start();

    public IReadOnlyList<(Command Command, RedisArgument[] Arguments)> Setup(int protocolVersion) => [];

    public void SetupAnswered(RedisReply reply)
    {
    }

    public void Opened(RedisConnection opened)
    {
        var operation = Operation<bool, AnyShape>.Rent(long.MaxValue, Timeout.InfiniteTimeSpan, CancellationToken.None);
        operation.AnsweredByPush = true;
        if (!opened.TrySend(operation, Subscribe, ["+switch-master"]))
            operation.Abandon();
    }

    public void Lost(RedisConnection lost)
    {
    }

    public void Receive(ReadOnlySpan<byte> kind, ref RespReader reader, int count)
    {
        if (!kind.SequenceEqual("message"u8) || count != 2)
            return;
        reader.Read();
        reader.Read();
        // NAME OLD-HOST OLD-PORT NEW-HOST NEW-PORT
        var words = Encoding.UTF8.GetString(reader.Value).Split(' ');
        if (words.Length != 5 || words[0] != service || !int.TryParse(words[4], NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return;
        var now = new RedisEndpoint(words[3], port);
        LogSwitched(logger, service, now);
        if (master.Current is { } connection && connection.Endpoint != now)
            connection.Abort(new RedisConnectionException(RedisConnectionFailure.Lost, $"The master '{service}' is now {now}; the connection to {connection.Endpoint} was closed. Commands whose reply was outstanding may have been executed or not."));
    }

    public ValueTask DisposeAsync() => sentinel.DisposeAsync();

    [LoggerMessage(6, LogLevel.Warning, "Sentinels made {Master} the master '{Service}'.")]
    static partial void LogSwitched(ILogger logger, string service, RedisEndpoint master);
}
