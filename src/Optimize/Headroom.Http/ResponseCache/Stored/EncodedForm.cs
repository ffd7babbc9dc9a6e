using Microsoft.Extensions.Primitives;

namespace Headroom.Http.ResponseCache.Stored;

/// <summary>A body in one coding, with the headers that belong to it, ready to be sent.</summary>
internal sealed class EncodedForm(byte[] content, string? contentEncoding, string? tag)
{
    public byte[] Content { get; } = content;

    public StringValues ContentEncoding { get; } = contentEncoding;

    public StringValues ETag { get; } = tag;

    public string? Tag { get; } = tag;
}
