using System.Net;
using System.Net.Sockets;

namespace Headroom.Gateway.Wire;

/// <summary>
/// The connections to one upstream:
/// 1. the one that was used last is used next, if the other side has not closed it meanwhile;
/// 2. with none idle a new one is made, up to the limit;
/// 3. at the limit a request waits for the next one that is given back, in order;
/// 4. what nobody uses for a while is closed, and so is what has become old, so that a changed DNS record is noticed.
/// </summary>
internal sealed class WirePool : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private readonly string _host;
    private readonly int _port;
    private readonly int _connectionsMax;
    private readonly TimeSpan _connectTimeout;
    private readonly TimeSpan _idleLifetime;
    private readonly TimeSpan _lifetime;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly List<WireConnection> _idle = [];
    private readonly LinkedList<TaskCompletionSource<WireConnection?>> _waiting = [];
    private int _open;
    private bool _disposed;

    public WirePool(Uri address, int connectionsMax, TimeSpan connectTimeout, TimeSpan idleLifetime, TimeSpan lifetime, TimeProvider time)
    {
        (_host, _port, _connectionsMax, _connectTimeout, _idleLifetime, _lifetime, _time) = (address.IdnHost, address.Port, connectionsMax, connectTimeout, idleLifetime, lifetime, time);
        _timer = time.CreateTimer(static state => ((WirePool)state!).CloseIdle(), this, LookEvery, LookEvery);
    }

    /// <summary>How many wait for a connection.</summary>
    internal int Waiting
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <exception cref="SocketException">No connection could be made.</exception>
    /// <exception cref="OperationCanceledException">It took longer than a connection may take, or <paramref name="cancellation"/> was cancelled.</exception>
    public ValueTask<WireConnection> RentAsync(CancellationToken cancellation)
    {
        LinkedListNode<TaskCompletionSource<WireConnection?>>? turn = null;
        lock (_gate)
        {
            // 1. One that is there.
            while (_idle.Count > 0)
            {
                var connection = _idle[^1];
                _idle.RemoveAt(_idle.Count - 1);
                if (connection.IsQuiet && !IsOld(connection))
                    return ValueTask.FromResult(connection);
                _open--;
                connection.Dispose();
            }

            // 2. A new one, or 3. wait.
            if (_open < _connectionsMax)
                _open++;
            else
                turn = _waiting.AddLast(new TaskCompletionSource<WireConnection?>(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        return turn is null ? ConnectAsync(cancellation) : WaitAsync(turn, cancellation);
    }

    /// <summary>Each connection that was rented comes back once.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="reusable">Request and answer are complete, and the other side keeps it open.</param>
    public void Return(WireConnection connection, bool reusable)
    {
        reusable &= connection.InputSpan.IsEmpty && !IsOld(connection);

        // The buffer of one that broke off may be in use by a receive that has not ended yet: it is left to the garbage collector.
        if (reusable)
            connection.Release();
        else
            connection.Dispose();
        lock (_gate)
        {
            while (TryTakeFirst() is { } turn)
            {
                // What the upstream said behind its answer would be this one's answer. One that becomes idle is looked at when it is rented.
                if (reusable && !connection.IsQuiet)
                {
                    reusable = false;
                    connection.Dispose();
                }

                // Null: it makes one in the place of this one.
                if (turn.TrySetResult(reusable ? connection : null))
                    return;
            }

            if (!reusable || _disposed)
            {
                _open--;
                connection.Dispose();
                return;
            }

            connection.IdleSince = _time.GetTimestamp();
            _idle.Add(connection);
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
        {
            _disposed = true;
            foreach (var connection in _idle)
                connection.Dispose();
            _open -= _idle.Count;
            _idle.Clear();
        }
    }

    private async ValueTask<WireConnection> WaitAsync(LinkedListNode<TaskCompletionSource<WireConnection?>> turn, CancellationToken cancellation)
    {
        WireConnection? given;
        try
        {
            await using var giving = cancellation.UnsafeRegister(static (state, token) => ((TaskCompletionSource<WireConnection?>)state!).TrySetCanceled(token), turn.Value);
            given = await turn.Value.Task;
        }
        catch (OperationCanceledException)
        {
            // Where no connection comes back for hours, those who gave up would pile up.
            lock (_gate)
            {
                if (turn.List is not null)
                    _waiting.Remove(turn);
            }

            throw;
        }

        return given ?? await ConnectAsync(cancellation);
    }

    private async ValueTask<WireConnection> ConnectAsync(CancellationToken cancellation)
    {
        Socket? socket = null;
        try
        {
            // Where the process has no more descriptors, this is what throws.
            socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var patience = new CancellationTokenSource(_connectTimeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
            await socket.ConnectAsync(new DnsEndPoint(_host, _port), either.Token);
            return new WireConnection(socket, _time.GetTimestamp());
        }
        catch
        {
            socket?.Dispose();
            GiveUpPlace();
            throw;
        }
    }

    /// <summary>No connection came of it: whoever waits may try.</summary>
    private void GiveUpPlace()
    {
        lock (_gate)
        {
            while (TryTakeFirst() is { } turn)
            {
                if (turn.TrySetResult(null))
                    return;
            }

            _open--;
        }
    }

    private TaskCompletionSource<WireConnection?>? TryTakeFirst()
    {
        if (_waiting.First is not { } first)
            return null;
        _waiting.RemoveFirst();
        return first.Value;
    }

    private bool IsOld(WireConnection connection) => _time.GetElapsedTime(connection.MadeAt) > _lifetime;

    private void CloseIdle()
    {
        lock (_gate)
        {
            _open -= _idle.RemoveAll(connection =>
            {
                if (_time.GetElapsedTime(connection.IdleSince) <= _idleLifetime && connection.IsQuiet)
                    return false;
                connection.Dispose();
                return true;
            });
        }
    }
}
