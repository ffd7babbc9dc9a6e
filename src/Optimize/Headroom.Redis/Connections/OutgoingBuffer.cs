using System.Buffers;
using Headroom.Redis.Protocol;

namespace Headroom.Redis.Connections;

/// <summary>
/// Requests that wait to be sent, in order, in chunks: small ones are encoded side by side into the last chunk, large ones come as a chunk of their own that was encoded before, so
/// that whoever holds the connection's lock copies at most <see cref="LargeRequestBytes"/>. Not safe for several threads: the connection's lock guards it.
/// </summary>
internal sealed class OutgoingBuffer
{
    /// <summary>From here on a request is encoded outside the lock.</summary>
    public const int LargeRequestBytes = 16 * 1024;

    const int ChunkBytes = 64 * 1024;

    List<Request> full = [];
    byte[]? chunk;
    int used;

    /// <summary>Bytes that were not yet taken.</summary>
    public long Bytes { get; private set; }

    public void Append(Command command, ReadOnlySpan<RedisArgument> arguments, int mostBytes)
    {
        if (chunk is null || chunk.Length - used < mostBytes)
            CloseChunk();
        chunk ??= ArrayPool<byte>.Shared.Rent(ChunkBytes);
        var writer = new RespWriter(chunk.AsSpan(used));
        writer.WriteRequest(command.Encoded, command.Words, arguments);
        used += writer.Length;
        Bytes += writer.Length;
    }

    /// <summary>The request's array becomes the buffer's.</summary>
    public void Append(Request request)
    {
        CloseChunk();
        full.Add(request);
        Bytes += request.Length;
    }

    /// <summary>Copies; for requests that are kept to be sent again.</summary>
    public void AppendCopy(ReadOnlySpan<byte> encoded)
    {
        if (chunk is null || chunk.Length - used < encoded.Length)
            CloseChunk();
        chunk ??= ArrayPool<byte>.Shared.Rent(Math.Max(ChunkBytes, encoded.Length));
        encoded.CopyTo(chunk.AsSpan(used));
        used += encoded.Length;
        Bytes += encoded.Length;
    }

    /// <summary>Moves all that waits into <paramref name="taken"/>, which is empty. Its arrays are the taker's to give back.</summary>
    public bool TakeAll(ref List<Request> taken)
    {
        CloseChunk();
        (full, taken) = (taken, full);
        Bytes = 0;
        return taken.Count > 0;
    }

    public void Clear()
    {
        CloseChunk();
        foreach (var request in full)
            request.Return();
        full.Clear();
        Bytes = 0;
    }

    void CloseChunk()
    {
        if (chunk is not null && used > 0)
        {
            full.Add(new Request(chunk, used));
            chunk = null;
            used = 0;
        }
        else if (chunk is not null && chunk.Length != ChunkBytes)
        {
            ArrayPool<byte>.Shared.Return(chunk);
            chunk = null;
        }
    }
}
