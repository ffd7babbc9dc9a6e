using System.Diagnostics.Metrics;
using Headroom.Redis.Connections;
using Headroom.Redis.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headroom.Redis;

/// <summary>
/// Redis, for as many callers at once as there are: make one and share it. Commands of all callers go over one connection, as many in one packet as there are at the moment, and
/// their replies come back in order (pipelining). Reconnects by itself.
/// <para>Errors: <see cref="RedisServerException"/> for what Redis refuses, <see cref="RedisTimeoutException"/> after the command timeout, <see cref="RedisConnectionException"/> without a
/// connection, at once and not after a timeout when it is known that there is none. No command is sent twice, except by a cluster's redirection, before which it was not executed.</para>
/// <para>Every result is awaited at most once, as with any <see cref="ValueTask"/>. Cancelling or timing out ends the waiting of that caller only: the command may still be executed.</para>
/// </summary>
public sealed partial class RedisClient : IInvalidationSource, IAsyncDisposable
{
    readonly ClientCore core;
    readonly TimeSpan timeout;
    readonly long timeoutTicks;
    readonly bool isView;

    /// <summary>Makes a client that connects when it is first used.</summary>
    /// <param name="options">Copied: later changes have no effect.</param>
    /// <param name="loggerFactory">Where connects, losses and failed attempts are told. Default nowhere. Neither keys nor values are logged.</param>
    /// <param name="timeProvider">Default the system's.</param>
    /// <param name="meterFactory">Where the meter <c>Headroom.Redis</c> is made. Default none: nothing is measured.</param>
    /// <exception cref="RedisOptionsException">Everything that is wrong with the options.</exception>
    public RedisClient(RedisOptions options, ILoggerFactory? loggerFactory = null, TimeProvider? timeProvider = null, IMeterFactory? meterFactory = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        core = new ClientCore(options, timeProvider ?? TimeProvider.System, loggerFactory ?? NullLoggerFactory.Instance, meterFactory);
        timeout = options.CommandTimeout;
        timeoutTicks = TicksOf(timeout);
    }

    RedisClient(ClientCore core, TimeSpan timeout)
    {
        this.core = core;
        this.timeout = timeout;
        timeoutTicks = TicksOf(timeout);
        isView = true;
    }

    /// <summary>Makes a client and connects it.</summary>
    /// <param name="connectionString">See <see cref="RedisOptions.Parse"/>.</param>
    /// <param name="cancellationToken">Ends the waiting; the client is disposed then.</param>
    /// <exception cref="RedisConnectionException">The first attempt failed, and <c>abortConnect</c> is not false.</exception>
    public static Task<RedisClient> ConnectAsync(string connectionString, CancellationToken cancellationToken = default) =>
        ConnectAsync(RedisOptions.Parse(connectionString), cancellationToken);

    /// <inheritdoc cref="ConnectAsync(string, CancellationToken)"/>
    public static async Task<RedisClient> ConnectAsync(RedisOptions options, CancellationToken cancellationToken = default)
    {
        var client = new RedisClient(options);
        try
        {
            await client.ConnectAsync(cancellationToken);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits for the first connection. Without this call the first command does.</summary>
    /// <exception cref="RedisConnectionException">The first attempt failed, and <see cref="RedisOptions.AbortOnConnectFail"/> is set.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await core.ReadyAsync(cancellationToken);
        }
        catch (RedisConnectionException e) when (!core.AbortOnConnectFail && e.Failure != RedisConnectionFailure.Disposed)
        {
            // Attempts go on; commands say meanwhile why they fail.
        }
    }

    /// <summary>The same client with another timeout for its commands: 1 ms to 1 h. Costs an object; keep it. Disposing of it does nothing.</summary>
    public RedisClient WithTimeout(TimeSpan commandTimeout)
    {
        if (commandTimeout < TimeSpan.FromMilliseconds(1) || commandTimeout > TimeSpan.FromHours(1))
            throw new ArgumentOutOfRangeException(nameof(commandTimeout), commandTimeout, "A command timeout is from 1 ms to 1 h.");
        return new RedisClient(core, commandTimeout);
    }

    /// <summary>Closes all connections. Commands on their way fail with <see cref="RedisConnectionFailure.Disposed"/>.</summary>
    public ValueTask DisposeAsync() => isView ? ValueTask.CompletedTask : core.DisposeAsync();

    internal ClientCore Core => core;

    internal ValueTask<T> Send<T, TShape>(Command command, ReadOnlySpan<RedisArgument> arguments, CancellationToken cancellationToken, int keyIndex = 0)
        where TShape : struct, IReplyShape<T>
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<T>(cancellationToken);
        var operation = Operation<T, TShape>.Rent(core.Time.GetTimestamp() + timeoutTicks, timeout, cancellationToken);
        var task = operation.Task;
        try
        {
            if (core.Router is not { } router || !router.TrySend(operation, command, arguments, keyIndex))
                SendLater(operation, command, arguments, keyIndex);
            return task;
        }
        catch (Exception e) when (e is ArgumentException or RedisException)
        {
            operation.Abandon();
            return ValueTask.FromException<T>(e);
        }
    }

    // Apart, so that the ordinary way stays small.
    void SendLater(Operation operation, Command command, ReadOnlySpan<RedisArgument> arguments, int keyIndex)
    {
        var request = Request.Encode(command, arguments);
        var slot = keyIndex >= 0 && keyIndex < arguments.Length ? KeySlot.Of(arguments[keyIndex]) : Router.AnySlot;
        core.SendLater(operation, request, slot);
    }

    long TicksOf(TimeSpan span) => (long)(span.TotalSeconds * core.Time.TimestampFrequency);
}
