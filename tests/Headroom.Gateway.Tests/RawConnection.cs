using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Headroom.Gateway.Tests;

/// <summary>A client that writes bytes as a test tells it and reads answers by the rules of RFC 9112 §6.3, nothing corrected.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _unread = [];

    public static async Task<RawConnection> OpenAsync(Uri url)
    {
        var connection = new RawConnection();
        await connection._socket.ConnectAsync(url.Host, url.Port, TestContext.Current.CancellationToken);
        return connection;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await _socket.SendAsync(bytes, TestContext.Current.CancellationToken)..];
    }

    /// <summary>The next answer. One whose end does not come is told by <see cref="RawResponse.IsComplete"/>.</summary>
    public async Task<RawResponse> ReadAsync(bool isHead = false)
    {
        var head = await ReadHeadAsync();
        if (head is null)
            return new RawResponse("", "", IsComplete: false, Trailers: "");
        var response = new RawResponse(head, "", IsComplete: true, "");
        if (isHead || response.Status is 204 or 304 or (>= 100 and < 200))
            return response;
        if (string.Equals(response.Field("Transfer-Encoding"), "chunked", StringComparison.OrdinalIgnoreCase))
            return await ReadChunksAsync(head);
        if (response.Field("Content-Length") is { } length)
        {
            var (body, complete) = await ReadExactlyAsync(int.Parse(length, CultureInfo.InvariantCulture));
            return response with { Body = body, IsComplete = complete };
        }

        var (rest, orderly) = await ReadToEndAsync();
        return response with { Body = rest, IsComplete = orderly };
    }

    /// <summary>Head of the next message with its last empty line, or null when the connection ended.</summary>
    public async Task<string?> ReadHeadAsync()
    {
        while (true)
        {
            var end = _unread.AsSpan().IndexOf("\r\n\r\n"u8);
            if (end >= 0)
                return Take(end + 4);
            if (!await ReceiveAsync())
                return null;
        }
    }

    /// <summary>What comes next, whatever it is, until this many bytes are there.</summary>
    public async Task<(string Text, bool Complete)> ReadExactlyAsync(int count)
    {
        while (_unread.Length < count)
        {
            if (!await ReceiveAsync())
                return (Take(_unread.Length), false);
        }

        return (Take(count), true);
    }

    /// <returns>What came until the other side closed, and whether it did so in order, not by a reset.</returns>
    public async Task<(string Text, bool Orderly)> ReadToEndAsync()
    {
        while (await ReceiveAsync())
        {
        }

        return (Take(_unread.Length), !WasReset);
    }

    public bool WasReset { get; private set; }

    public void CloseSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes so that the other side sees a reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Close();
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<RawResponse> ReadChunksAsync(string head)
    {
        var body = new StringBuilder();
        while (true)
        {
            if (await ReadLineAsync() is not { } line || !int.TryParse(line.Split(';')[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size))
                return new RawResponse(head, body.ToString(), IsComplete: false, "");
            if (size == 0)
                break;
            var (data, complete) = await ReadExactlyAsync(size + 2);
            body.Append(data.AsSpan(0, Math.Min(size, data.Length)));
            if (!complete)
                return new RawResponse(head, body.ToString(), IsComplete: false, "");
        }

        var trailers = new StringBuilder();
        while (await ReadLineAsync() is { } line)
        {
            if (line.Length == 0)
                return new RawResponse(head, body.ToString(), IsComplete: true, trailers.ToString());
            trailers.Append(line).Append("\r\n");
        }

        return new RawResponse(head, body.ToString(), IsComplete: false, trailers.ToString());
    }

    private async Task<string?> ReadLineAsync()
    {
        while (true)
        {
            var end = _unread.AsSpan().IndexOf("\r\n"u8);
            if (end >= 0)
                return Take(end + 2)[..^2];
            if (!await ReceiveAsync())
                return null;
        }
    }

    private string Take(int count)
    {
        var text = Encoding.Latin1.GetString(_unread, 0, count);
        _unread = _unread[count..];
        return text;
    }

    private async Task<bool> ReceiveAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var buffer = new byte[64 * 1024];
        try
        {
            var read = await _socket.ReceiveAsync(buffer, patience.Token);
            _unread = [.. _unread, .. buffer.AsSpan(0, read)];
            return read > 0;
        }
        catch (SocketException)
        {
            WasReset = true;
            return false;
        }
    }
}

/// <summary>An answer as it came.</summary>
/// <param name="Head">Status line and fields with the empty line; empty when the connection ended before.</param>
/// <param name="Body">Latin-1, without chunks' framing.</param>
/// <param name="IsComplete">False when it broke off.</param>
/// <param name="Trailers">Lines after the last chunk.</param>
internal sealed record RawResponse(string Head, string Body, bool IsComplete, string Trailers)
{
    public int Status => Head.Length == 0 ? 0 : int.Parse(Head.AsSpan(9, 3), CultureInfo.InvariantCulture);

    public string StatusLine => Head.Split("\r\n")[0];

    /// <summary>A field's value; several lines joined by ", "; null when it is absent.</summary>
    public string? Field(string name) => Fields(name) is { Count: > 0 } values ? string.Join(", ", values) : null;

    public IReadOnlyList<string> Fields(string name) => HeadText.Fields(Head, name);
}

/// <summary>Reads fields out of the head of a message.</summary>
internal static class HeadText
{
    public static IReadOnlyList<string> Fields(string head, string name) =>
        [.. head.Split("\r\n").Skip(1).Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)).Select(line => line[(name.Length + 1)..].Trim(' '))];
}
