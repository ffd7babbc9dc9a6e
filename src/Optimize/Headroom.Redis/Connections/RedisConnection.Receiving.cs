using System.Buffers;
using Headroom.Redis.Protocol;

namespace Headroom.Redis.Connections;

/// <summary>The reader: finds replies in what arrives and hands each to the command it answers.</summary>
internal sealed partial class RedisConnection
{
    const int BufferBytes = 64 * 1024;

    /// <summary>From here on a string is received straight into its caller's buffer.</summary>
    const int DirectBytes = 64 * 1024;

    byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    int start;
    int end;
    RespFrameScanner scanner;
    bool arraysArePushes;

    async Task ReceiveAsync()
    {
        RedisConnectionException reason;
        try
        {
            while (true)
            {
                DeliverReplies();
                if (DirectLength() is var length and > 0)
                {
                    await ReceiveDirectAsync(length);
                    continue;
                }

                // Not by FillAsync: waiting in a method of its own would cost an object each time.
                MakeRoom();
                Received(await stream.ReadAsync(buffer.AsMemory(end)));
            }
        }
        catch (RedisConnectionException e)
        {
            reason = e;
        }
        catch (Exception e) when (IsTransportFailure(e))
        {
            reason = Lost(e);
        }
#pragma warning disable CA1031 // The reader must not vanish silently: callers would wait for their timeouts, one after the other.
        catch (Exception e)
        {
            reason = new RedisConnectionException(RedisConnectionFailure.Protocol, $"Reading from Redis at {Endpoint} failed ({e.GetType().Name}: {e.Message}); the connection was closed.", e);
        }
#pragma warning restore CA1031

        Abort(reason);
        End();
    }

    void DeliverReplies()
    {
        while (start < end)
        {
            var arrived = buffer.AsSpan(start, end - start);
            switch (scanner.Scan(arrived, out var length))
            {
                case RespScan.Incomplete:
                    return;
                case RespScan.Malformed:
                    throw NoResp(scanner.Error!);
            }

            Deliver(arrived[..length]);
            start += length;
            scanner.Reset();
        }
    }

    void Deliver(ReadOnlySpan<byte> reply)
    {
        var type = reply[0];
        if ((type is RespType.Push or RespType.Attribute || (type == RespType.Array && arraysArePushes)) && DeliverPush(reply))
            return;
        var operation = pending.Take() ?? throw NoResp("a reply came that nothing had asked for");
        if (settings.Metrics is { TimesCommands: true } metrics)
            metrics.Replied(operation);
        operation.Reply(reply);
        // The master became a replica: a failover of which nobody told. It is looked for anew; what is pending would be refused as well.
        if (type == RespType.SimpleError && Role == "master" && reply.StartsWith("-READONLY "u8))
            throw new RedisConnectionException(RedisConnectionFailure.Lost, $"Redis at {Endpoint} is not the master any more. Commands whose reply was outstanding may have been executed or not.");
    }

    // In RESP2 a subscriber's messages are arrays, and so are the answers to its commands.
    bool DeliverPush(ReadOnlySpan<byte> reply)
    {
        var reader = new RespReader(reply);
        reader.Read();
        if (reader.Type != RespType.Push && (reader.Type != RespType.Array || !arraysArePushes || reader.Count == 0))
            return false;
        var count = reader.Count - 1;
        reader.Read();
        var kind = reader.Value;
        if (reader.IsAggregate || kind.SequenceEqual("pong"u8))
            return false;

        if (kind.EndsWith("subscribe"u8) && pending.Peek() is { AnsweredByPush: true })
            pending.Take()!.Reply(reply);
        pushes?.Receive(kind, ref reader, count);
        return true;
    }

    // The length of a large string that is on its way and whose caller takes a buffer; else 0.
    int DirectLength()
    {
        if (start == end || scanner.NeededBytes < DirectBytes || buffer[start] != RespType.BulkString || pending.Peek() is not { TakesBuffer: true })
            return 0;
        var header = buffer.AsSpan(start, end - start).IndexOf((byte)'\n') + 1;
        return scanner.NeededBytes - header - 2;
    }

    async Task ReceiveDirectAsync(int length)
    {
        var header = buffer.AsSpan(start, end - start).IndexOf((byte)'\n') + 1;
        var array = ArrayPool<byte>.Shared.Rent(length + 2);
        var have = end - start - header;
        buffer.AsSpan(start + header, have).CopyTo(array);
        start = end = 0;
        scanner.Reset();
        while (have < length + 2)
        {
            var read = await stream.ReadAsync(array.AsMemory(have, length + 2 - have));
            if (read == 0)
                throw Lost(null);
            Volatile.Write(ref lastReceived, time.GetTimestamp());
            have += read;
        }

        if (array[length] != '\r' || array[length + 1] != '\n')
            throw NoResp("a string is not followed by CR LF");
        var operation = pending.Take()!;
        if (settings.Metrics is { TimesCommands: true } metrics)
            metrics.Replied(operation);
        operation.ReplyBuffer(array, length);
    }

    // For the first commands.
    async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        MakeRoom();
        Received(await stream.ReadAsync(buffer.AsMemory(end), cancellationToken));
    }

    void Received(int read)
    {
        if (read == 0)
            throw Lost(null);
        Volatile.Write(ref lastReceived, time.GetTimestamp());
        end += read;
    }

    // Grows with what has arrived, never with what was announced: twice at a time.
    void MakeRoom()
    {
        if (start == end)
        {
            start = end = 0;
            if (buffer.Length > 16 * BufferBytes)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
            }

            return;
        }

        var rest = end - start;
        if (end < buffer.Length && start < buffer.Length / 2)
            return;
        var target = buffer;
        if (rest > buffer.Length / 2)
            target = ArrayPool<byte>.Shared.Rent((int)Math.Min(2L * buffer.Length, Array.MaxLength));
        buffer.AsSpan(start, rest).CopyTo(target);
        if (target != buffer)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = target;
        start = 0;
        end = rest;
    }

    void End()
    {
        lock (gate)
        {
            timer?.Dispose();
            outgoing.Clear();
        }

        while (pending.Take() is { } operation)
            operation.Fail(RedisNode.Again(failure!));
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        closed.TrySetResult();
    }

    RedisConnectionException NoResp(string what) =>
        new(RedisConnectionFailure.Protocol, $"Redis at {Endpoint} sent what this client cannot read: {what}. The connection was closed. Check that a Redis listens there.");
}
