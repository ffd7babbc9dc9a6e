using System.Text;
using Headroom.Redis.Protocol;

namespace Headroom.Redis.Connections;

/// <summary>How a connection begins.</summary>
internal sealed partial class RedisConnection
{
    static readonly Command Hello = new("HELLO");
    static readonly Command Auth = new("AUTH");
    static readonly Command Info = new("INFO");
    static readonly Command Select = new("SELECT");
    static readonly Command SetName = new("CLIENT SETNAME");

    /// <summary>
    /// 1. Connects, with TLS where asked for. 2. HELLO 3 with user, password and name; a server that does not know it gets AUTH and CLIENT SETNAME and is spoken to in RESP2.
    /// 3. SELECT. 4. What the receiver of pushes needs. All within the connect timeout.
    /// </summary>
    public static async Task<RedisConnection> OpenAsync(RedisEndpoint endpoint, ConnectionSettings settings, IPushReceiver? pushes, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(settings.ConnectTimeout, settings.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        RedisConnection? connection = null;
        try
        {
            var opened = await Transport.ConnectAsync(endpoint, settings, either.Token);
            connection = new RedisConnection(endpoint, opened, settings, pushes);
            await connection.HandshakeAsync(either.Token);
            connection.Start();
            return connection;
        }
        catch (Exception e)
        {
            if (connection is not null)
                await connection.DisposeAsync();
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                throw new RedisConnectionException(RedisConnectionFailure.ConnectTimeout, $"Redis at {endpoint} was not ready within {settings.ConnectTimeout.TotalMilliseconds:0} ms (connectTimeout). Check host, port and firewall, or whether it is busy{(settings.Tls ? ", and that this port speaks TLS" : "")}.", e);
            if (IsTransportFailure(e))
                throw new RedisConnectionException(RedisConnectionFailure.Lost, $"Redis at {endpoint} closed the connection while it was opened ({e.Message}).{(settings.Tls ? "" : " Check whether this port wants TLS (ssl=true).")}", e);
            throw;
        }
    }

    async Task HandshakeAsync(CancellationToken cancellationToken)
    {
        if (!settings.PreferResp3 || !await TryHelloAsync(cancellationToken))
        {
            if (settings.Password is { } password)
                Check(await AskAsync(Auth, settings.User is { } user ? [user, password] : [password], cancellationToken));
            if (settings.ClientName is { } name)
                Check(await AskAsync(SetName, [name], cancellationToken));
        }

        if (ProtocolVersion == 2)
            await AskModeAsync(cancellationToken);
        if (settings.Database != 0)
            Check(await AskAsync(Select, [settings.Database], cancellationToken));
        if (pushes is null)
            return;
        foreach (var (command, arguments) in pushes.Setup(ProtocolVersion))
            pushes.SetupAnswered(await AskAsync(command, arguments, cancellationToken));
    }

    async Task<bool> TryHelloAsync(CancellationToken cancellationToken)
    {
        List<RedisArgument> arguments = [3];
        if (settings.Password is { } password)
            arguments.AddRange(["AUTH", settings.User ?? "default", password]);
        if (settings.ClientName is { } name)
            arguments.AddRange(["SETNAME", name]);
        var reply = await AskAsync(Hello, [.. arguments], cancellationToken);
        // Unknown before Redis 6, to some proxies, and where an ACL hides it.
        if (reply.Kind == RedisReplyKind.Error && reply.AsString() is { } error
            && (error.StartsWith("ERR unknown command", StringComparison.OrdinalIgnoreCase) || error.StartsWith("NOPROTO", StringComparison.Ordinal) || error.StartsWith("NOPERM", StringComparison.Ordinal)))
            return false;

        Check(reply);
        for (var index = 0; index + 1 < reply.Items.Count; index += 2)
        {
            var value = reply.Items[index + 1];
            switch (reply.Items[index].AsString())
            {
                case "proto":
                    ProtocolVersion = (int)value.AsInt64();
                    break;
                case "mode":
                    Mode = value.AsString();
                    break;
                case "role":
                    Role = value.AsString();
                    break;
            }
        }

        return true;
    }

    // What HELLO would have told. Refused where an ACL hides it; then it is taken for a master that stands alone.
    async Task AskModeAsync(CancellationToken cancellationToken)
    {
        var reply = await AskAsync(Info, [], cancellationToken);
        var info = reply.Kind == RedisReplyKind.BulkString ? reply.AsString()! : "";
        Mode = ValueOf(info, "redis_mode:");
        Role = ValueOf(info, "role:") is { } role ? role == "slave" ? "replica" : role : null;
    }

    static string? ValueOf(string info, string name) =>
        info.Split("\r\n").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..];

    /// <summary>One command and its answer, before the connection is used by others. Errors are returned.</summary>
    async Task<RedisReply> AskAsync(Command command, RedisArgument[] arguments, CancellationToken cancellationToken)
    {
        var request = Request.Encode(command, arguments);
        try
        {
            await stream.WriteAsync(new ReadOnlyMemory<byte>(request.Array, 0, request.Length), cancellationToken);
        }
        finally
        {
            // Passwords are not left in the pool.
            request.Array.AsSpan(0, request.Length).Clear();
            request.Return();
        }

        while (true)
        {
            while (start < end)
            {
                var scan = scanner.Scan(buffer.AsSpan(start, end - start), out var length);
                if (scan == RespScan.Malformed)
                    throw NoResp(scanner.Error!);
                if (scan == RespScan.Incomplete)
                    break;
                var reply = TakeReply(length);
                if (reply is not null)
                    return reply;
            }

            await FillAsync(cancellationToken);
        }
    }

    // Null for a push, which was delivered.
    RedisReply? TakeReply(int length)
    {
        var bytes = buffer.AsSpan(start, length);
        start += length;
        scanner.Reset();
        if (bytes[0] == RespType.Push && DeliverPush(bytes))
            return null;
        var reader = new RespReader(bytes);
        return RedisReply.Read(ref reader);
    }

    void Check(RedisReply reply)
    {
        if (reply.Kind != RedisReplyKind.Error)
            return;
        var error = reply.AsString()!;
        // Old servers repeat the arguments of a command they do not know.
        if (!string.IsNullOrEmpty(settings.Password))
            error = error.Replace(settings.Password, "***", StringComparison.Ordinal);
        var code = error.Split(' ')[0];
        var isAuthentication = code is "WRONGPASS" or "NOAUTH" || error.Contains("invalid password", StringComparison.Ordinal) || error.Contains("without any password configured", StringComparison.Ordinal);
        throw isAuthentication
            ? new RedisConnectionException(RedisConnectionFailure.Authentication, $"Redis at {Endpoint} refused user '{settings.User ?? "default"}' ({error}). Check user= and password= in the connection string.")
            : new RedisConnectionException(RedisConnectionFailure.HandshakeRefused, $"Redis at {Endpoint} refused the connection's first commands ({error}).");
    }

    void Start()
    {
        arraysArePushes = ProtocolVersion == 2 && pushes is { ReceivesArrays: true };
        started = true;
        lock (gate)
        {
            // A weak timer would be collected with its connection; this one ends with it, in End.
            timer = time.CreateTimer(static connection => ((RedisConnection)connection!).Tick(), this, TickWhenIdle, TickWhenIdle);
        }

        using (ExecutionContext.SuppressFlow())
            _ = Task.Run(ReceiveAsync);
    }
}
