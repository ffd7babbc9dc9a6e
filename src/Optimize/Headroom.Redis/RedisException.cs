namespace Headroom.Redis;

/// <summary>What can go wrong between this client and Redis. Messages never hold passwords, keys or values.</summary>
public abstract class RedisException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Where a connection failed.</summary>
public enum RedisConnectionFailure
{
    /// <summary>No address for the host's name.</summary>
    NameResolution,

    /// <summary>Nothing listens there, or no way leads there.</summary>
    ConnectRefused,

    /// <summary>Not connected and ready within the connect timeout.</summary>
    ConnectTimeout,

    /// <summary>TLS failed: a certificate that is not trusted, or no TLS on that port.</summary>
    Tls,

    /// <summary>User or password are wrong or missing.</summary>
    Authentication,

    /// <summary>The server answered the first commands with an error: it loads, it is in protected mode, there is no such database, …</summary>
    HandshakeRefused,

    /// <summary>No sentinel named a master that answers.</summary>
    NoMaster,

    /// <summary>The connection ended while commands were on their way. Whether they were executed is not known.</summary>
    Lost,

    /// <summary>The server sent nothing for the liveness timeout although it had to answer. Whether commands were executed is not known.</summary>
    NotAlive,

    /// <summary>The server sent what is no RESP, so the connection was closed.</summary>
    Protocol,

    /// <summary>So much waits to be sent already that nothing more is taken.</summary>
    BacklogFull,

    /// <summary>The client was disposed.</summary>
    Disposed,
}

/// <summary>There is no connection, or it was lost before the reply came.</summary>
public sealed class RedisConnectionException(RedisConnectionFailure failure, string message, Exception? cause = null) : RedisException(message, cause)
{
    /// <summary>Where it failed.</summary>
    public RedisConnectionFailure Failure { get; } = failure;

    /// <summary>Whether the command may have been executed: it was sent, or could have been, and the reply did not come.</summary>
    public bool MayHaveExecuted => Failure is RedisConnectionFailure.Lost or RedisConnectionFailure.NotAlive or RedisConnectionFailure.Protocol;
}

/// <summary>No reply within the command's timeout. Whether the command was executed, or will be, is not known; the connection goes on.</summary>
public sealed class RedisTimeoutException(string message) : RedisException(message);

/// <summary>Redis answered with an error.</summary>
public sealed class RedisServerException : RedisException
{
    /// <summary>Takes the error as Redis sent it: a code in capitals, a blank, and what it says.</summary>
    public RedisServerException(string error)
        : base(error ?? throw new ArgumentNullException(nameof(error)))
    {
        var end = error.IndexOf(' ', StringComparison.Ordinal);
        Code = end < 0 ? error : error[..end];
    }

    /// <summary>The first word: <c>ERR</c>, <c>WRONGTYPE</c>, <c>OOM</c>, <c>NOAUTH</c>, <c>READONLY</c>, <c>BUSY</c>, …</summary>
    public string Code { get; }
}

/// <summary>A reply that does not fit the command, or is no RESP.</summary>
public sealed class RedisProtocolException(string message) : RedisException(message);
