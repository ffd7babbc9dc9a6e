namespace Headroom.Load.Target;

/// <summary>Asks whether what listens speaks HTTP/2, by the connection preface alone (RFC 9113 §3.4): no request is sent.</summary>
internal static class Http2Preface
{
    private const int FrameHeadBytes = 9;
    private const byte SettingsFrame = 4;

    /// <summary>The client's preface with an empty SETTINGS frame. A server of HTTP/2 answers with its own SETTINGS first.</summary>
    private static readonly byte[] Preface = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, SettingsFrame, 0, 0, 0, 0, 0];

    public static async Task<bool> IsAnsweredAsync(Stream stream, CancellationToken cancellation)
    {
        await stream.WriteAsync(Preface, cancellation);
        var head = new byte[FrameHeadBytes];
        try
        {
            await stream.ReadExactlyAsync(head, cancellation);
        }
        catch (IOException)
        {
            // Closed or reset: it made nothing of the preface.
            return false;
        }

        // Length, type, flags, stream identifier (§4.1). SETTINGS belong to stream 0.
        return head[3] == SettingsFrame && head.AsSpan(5).IndexOfAnyExcept((byte)0) < 0;
    }
}
