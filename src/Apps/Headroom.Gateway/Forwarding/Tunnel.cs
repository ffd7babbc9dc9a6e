using System.Buffers;

namespace Headroom.Gateway.Forwarding;

/// <summary>Two connections that became one after 101: bytes go both ways until one side is done and the other had a moment to say its last words.</summary>
internal static class Tunnel
{
    private const int BufferBytes = 16 * 1024;

    /// <summary>A peer that was told of the end closes too, as a rule at once.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(Stream client, Stream upstream, ForwardDeadline deadline, TimeSpan idleTimeout)
    {
        var up = CopyAsync(client, upstream, deadline, idleTimeout);
        var down = CopyAsync(upstream, client, deadline, idleTimeout);
        await Task.WhenAny(up, down);
        deadline.Extend(LastWords < idleTimeout ? LastWords : idleTimeout);
        if (up.IsFaulted || up.IsCanceled || down.IsCompleted)
            await deadline.CancelAsync();
        await Task.WhenAll(up, down).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task CopyAsync(Stream source, Stream target, ForwardDeadline deadline, TimeSpan idleTimeout)
    {
        var token = deadline.Token;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (await source.ReadAsync(buffer, token) is > 0 and var read)
            {
                deadline.Extend(idleTimeout);
                await target.WriteAsync(buffer.AsMemory(0, read), token);
                await target.FlushAsync(token);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
