using System.Buffers;

namespace Headroom.Http.Compression;

/// <summary>Encodes content that is kept encoded and sent to many, and counts it once: not for each time that it is sent.</summary>
internal sealed class WholeEncoder(CompressionMetrics metrics, TimeProvider? time = null)
{
    readonly TimeProvider time = time ?? TimeProvider.System;

    public byte[] Encode(ContentCoding coding, EncodingEffort effort, byte[] content)
    {
        var from = metrics.MeasuresTime ? time.GetTimestamp() : 0;
        var encoded = ContentEncoder.Encode(coding, effort, new ReadOnlySequence<byte>(content));
        // What did not get shorter is sent as it is.
        if (encoded.Length < content.Length)
            metrics.Encoded(coding, content.Length, encoded.Length, metrics.MeasuresTime ? time.GetElapsedTime(from) : TimeSpan.Zero);
        return encoded;
    }
}
