using System.IO.Pipelines;
using Headroom.Gateway.Forwarding;

namespace Headroom.Gateway.Wire;

/// <summary>How copying a body ended.</summary>
internal enum BodyEnd
{
    /// <summary>All of it is with the client's server.</summary>
    Complete,

    /// <summary>The client takes no more.</summary>
    ClientGone,

    /// <summary>The connection ended before the body did, or it is not chunked as it should be.</summary>
    Broken,
}

/// <summary>
/// Copies an answer's body from a connection to the client, straight into the server's own buffer: by length, in chunks, or to the end of the connection (RFC 9112 §6.3). Whatever is there is written together and
/// sent as soon as the upstream pauses, as <see cref="ResponseBody"/> does.
/// </summary>
internal sealed class WireBody(WireConnection connection, HttpResponse response, ForwardDeadline deadline, TimeSpan idleTimeout)
{
    private const int UnsentMax = 64 * 1024;
    private const int TrailerBytesMax = 64 * 1024;

    private readonly PipeWriter _target = response.BodyWriter;
    private int _unsent;

    public ValueTask<BodyEnd> CopyAsync(in AnswerHead head) =>
        head.IsChunked ? CopyChunksAsync() : CopyLengthAsync(head.Length >= 0 ? head.Length : long.MaxValue, toTheEnd: head.Length < 0);

    private async ValueTask<BodyEnd> CopyLengthAsync(long left, bool toTheEnd)
    {
        while (true)
        {
            var there = (int)Math.Min(left, connection.Input.Length);
            if (there > 0)
            {
                WireAnswer.Move(connection, there, _target);
                left -= there;
                _unsent += there;
            }

            if (left == 0)
                return BodyEnd.Complete;
            switch (await MoreAsync())
            {
                case -1:
                    return BodyEnd.ClientGone;
                case 0:
                    return toTheEnd ? BodyEnd.Complete : BodyEnd.Broken;
            }
        }
    }

    private async ValueTask<BodyEnd> CopyChunksAsync()
    {
        var decoder = default(ChunkedDecoder);
        while (true)
        {
            var state = decoder.Take(connection.InputSpan, out var taken, out var data);
            connection.Take(taken - data);
            if (data > 0)
            {
                WireAnswer.Move(connection, data, _target);
                _unsent += data;
            }

            if (state == ChunkState.Malformed)
                return BodyEnd.Broken;
            if (state == ChunkState.LastChunk)
                return await ReadTrailersAsync();
            if (state == ChunkState.Data)
                continue;
            switch (await MoreAsync())
            {
                case -1:
                    return BodyEnd.ClientGone;
                case 0:
                    return BodyEnd.Broken;
            }
        }
    }

    private async ValueTask<BodyEnd> ReadTrailersAsync()
    {
        var scan = new HeadScan(isHead: false);
        while (true)
        {
            switch (scan.Look(connection.InputSpan, TrailerBytesMax, out var length))
            {
                case ScanState.Complete:
                    var isGood = WireAnswer.TryWriteTrailers(connection.InputSpan[..length], response);
                    connection.Take(length);
                    return isGood ? BodyEnd.Complete : BodyEnd.Broken;
                case ScanState.Malformed or ScanState.TooLarge:
                    return BodyEnd.Broken;
            }

            switch (await MoreAsync())
            {
                case -1:
                    return BodyEnd.ClientGone;
                case 0:
                    return BodyEnd.Broken;
            }
        }
    }

    /// <returns>Bytes that came; 0 at the end of the connection; -1 when the client takes no more.</returns>
    private async ValueTask<int> MoreAsync()
    {
        var token = deadline.Token;
        var arriving = connection.ReceiveAsync(token);
        if (!arriving.IsCompleted || _unsent >= UnsentMax)
        {
            // Nothing is there now: what was read before is sent, and the time begins again.
            deadline.Extend(idleTimeout);
            if (_unsent > 0 && (await _target.FlushAsync(token)).IsCompleted)
            {
                // The receive that is under way ends with its connection, which is not used again, and neither is its buffer.
                return -1;
            }

            _unsent = 0;
        }

        var count = await arriving;
        connection.Received(count);
        return count;
    }
}
