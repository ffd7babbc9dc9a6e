using System.Buffers;
using System.Net.Sockets;

namespace Headroom.Gateway.Wire;

/// <summary>One TCP connection to an upstream, used by one request at a time. Its input buffer is held while a request is under way only.</summary>
internal sealed class WireConnection(Socket socket, long madeAt) : IDisposable
{
    private const int InputBytes = 16 * 1024;

    private byte[] _input = [];
    private int _start;
    private int _end;
    private int _disposed;

    public long MadeAt => madeAt;

    /// <summary>Since when nobody uses it.</summary>
    public long IdleSince { get; set; }

    /// <summary>What has come and was not taken.</summary>
    public ReadOnlyMemory<byte> Input => _input.AsMemory(_start, _end - _start);

    public ReadOnlySpan<byte> InputSpan => _input.AsSpan(_start, _end - _start);

    /// <summary>An idle connection on which there is something to read was closed by the other side, or says what nobody asked for.</summary>
    public bool IsQuiet
    {
        get
        {
            try
            {
                return _end == _start && !socket.Poll(0, SelectMode.SelectRead);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    public void Take(int count) => _start += count;

    /// <summary>Waits for more input, which <see cref="Received"/> adds to what is there.</summary>
    /// <returns>Bytes that came; 0 at the end of the connection.</returns>
    public ValueTask<int> ReceiveAsync(CancellationToken cancellation)
    {
        Reserve();
        return socket.ReceiveAsync(_input.AsMemory(_end), SocketFlags.None, cancellation);
    }

    public void Received(int count) => _end += count;

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (!bytes.IsEmpty)
        {
            var sent = await socket.SendAsync(bytes, SocketFlags.None, cancellation);
            bytes = bytes[sent..];
        }
    }

    /// <summary>The request is done and nothing is being received: gives the buffer back.</summary>
    public void Release()
    {
        if (_input.Length > 0)
            ArrayPool<byte>.Shared.Return(_input);
        (_input, _start, _end) = ([], 0, 0);
    }

    /// <summary>Whoever waits for input gets an exception.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            socket.Dispose();
    }

    private void Reserve()
    {
        if (_start == _end)
            (_start, _end) = (0, 0);
        if (_end < _input.Length)
            return;
        var held = _end - _start;
        if (_start > 0 && held <= _input.Length / 2)
        {
            _input.AsSpan(_start, held).CopyTo(_input);
            (_start, _end) = (0, held);
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(InputBytes, held * 2));
        _input.AsSpan(_start, held).CopyTo(larger);
        if (_input.Length > 0)
            ArrayPool<byte>.Shared.Return(_input);
        (_input, _start, _end) = (larger, 0, held);
    }
}
