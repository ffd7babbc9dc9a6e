using Microsoft.Extensions.Primitives;

namespace Headroom.Http.ResponseCache.Stored;

/// <summary>A body in one coding, with the headers that belong to it, ready to be sent.</summary>
internal sealed class EncodedForm(byte[] content, string? contentEncoding, string? tag, bool isBest = false)
{
    int uses;

    /// <summary>It was encoded as well as possible; another try would come to the same.</summary>
    public bool IsBest { get; } = isBest;

    public byte[] Content { get; } = content;

    public StringValues ContentEncoding { get; } = contentEncoding;

    public StringValues ETag { get; } = tag;

    public string? Tag { get; } = tag;

    /// <summary>Counts a use of an encoded form; true exactly once, at the second one: from then on the best encoding is worth its time. Each form counts for itself, because clients of another coding may come much later.</summary>
    public bool IsSecondUse() => !IsBest && uses < 2 && ContentEncoding.Count > 0 && Interlocked.Increment(ref uses) == 2;
}
