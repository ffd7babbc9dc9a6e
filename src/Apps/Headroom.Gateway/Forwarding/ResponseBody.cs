using System.IO.Pipelines;

namespace Headroom.Gateway.Forwarding;

/// <summary>
/// Copies the upstream's body to the client, straight into the server's own buffer: whatever is there is written together, and sent as soon as the upstream pauses. So a small response is
/// one packet, an event stream is not held back, and a large body takes no more memory than a buffer.
/// </summary>
internal static class ResponseBody
{
    private const int UnsentMax = 64 * 1024;
    private const int BufferBytes = 16 * 1024;

    /// <returns>False when the client takes no more.</returns>
    public static async ValueTask<bool> CopyAsync(Stream source, PipeWriter target, ForwardDeadline deadline, TimeSpan idleTimeout)
    {
        var token = deadline.Token;
        var unsent = 0;
        while (true)
        {
            // An empty read ends when there is something to read: until then no buffer is held, and what was read before is sent.
            var arriving = source.ReadAsync(Memory<byte>.Empty, token);
            if (!arriving.IsCompletedSuccessfully)
            {
                if (unsent > 0 && (await target.FlushAsync(token)).IsCompleted)
                    return false;
                unsent = 0;
                deadline.Extend(idleTimeout);
            }

            await arriving;
            var read = await source.ReadAsync(target.GetMemory(BufferBytes), token);
            if (read == 0)
                return true;
            target.Advance(read);
            unsent += read;
            if (unsent < UnsentMax)
                continue;
            deadline.Extend(idleTimeout);
            if ((await target.FlushAsync(token)).IsCompleted)
                return false;
            unsent = 0;
        }
    }
}
