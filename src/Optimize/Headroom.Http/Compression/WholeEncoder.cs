using System.Buffers;

namespace Headroom.Http.Compression;

/// <summary>Encodes content that is kept encoded and sent to many, and counts it once: not for each time that it is sent.</summary>
internal sealed class WholeEncoder(CompressionMetrics metrics, TimeProvider? time = null)
{
    readonly TimeProvider time = time ?? TimeProvider.System;

    /// <param name="coding">The coding.</param>
    /// <param name="effort">How well.</param>
    /// <param name="content">All of it.</param>
    /// <param name="usedBelow">The length from which on the caller does not use it: such an encoding is not counted.</param>
    public byte[] Encode(ContentCoding coding, EncodingEffort effort, byte[] content, long usedBelow)
    {
        var from = metrics.MeasuresTime ? time.GetTimestamp() : 0;
        var encoded = ContentEncoder.Encode(coding, effort, new ReadOnlySequence<byte>(content));
        if (encoded.Length < usedBelow)
            metrics.Encoded(coding, content.Length, encoded.Length, metrics.MeasuresTime ? time.GetElapsedTime(from) : TimeSpan.Zero);
        return encoded;
    }
}
