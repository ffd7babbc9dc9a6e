using Headroom.Http.Compression;
using Microsoft.Extensions.Primitives;

namespace Headroom.Http.ResponseCache.Stored;

/// <summary>A body in one coding, with the headers that belong to it, ready to be sent.</summary>
internal sealed class EncodedForm(byte[] content, string? contentEncoding, string? tag, EncodingEffort effort = EncodingEffort.Quick, int uses = 0)
{
    /// <summary>
    /// From how many uses on a better encoding pays: when the bytes that it would have saved so far are worth its time, at 8 ns a byte, which is what a line of 1 Gbit/s takes for one. Who waits so long pays at most twice
    /// what he would who knew how often it will be asked for (ski rental), and what a write soon removes is never encoded again. By the measurements of <see cref="EncodingLevels"/> the length hardly matters:
    /// Brotli 4 saves 2 to 3 % of the content for 9 ns a byte of it, so 36 to 57 uses; Brotli 11 another 5 % for 1.06 µs a byte, so 2,500.
    /// </summary>
    internal const int UsesBeforeThorough = 50;
    internal const int UsesBeforeBest = 2_500;

    int uses = uses;

    /// <summary>With which it was encoded.</summary>
    public EncodingEffort Effort { get; } = effort;

    public byte[] Content { get; } = content;

    public StringValues ContentEncoding { get; } = contentEncoding;

    public StringValues ETag { get; } = tag;

    public string? Tag { get; } = tag;

    public int Uses => Volatile.Read(ref uses);

    /// <summary>What its uses so far are worth; each form counts for itself, because clients of another coding may come much later.</summary>
    public EncodingEffort Worth => Uses switch { >= UsesBeforeBest => EncodingEffort.Best, >= UsesBeforeThorough => EncodingEffort.Thorough, _ => EncodingEffort.Quick };

    /// <summary>Counts a use of an encoded form; true when a better encoding is worth its time from now on. Hits at the same moment may count as one, or say it twice.</summary>
    public bool IsDueAfterUse()
    {
        if (Effort == EncodingEffort.Best || ContentEncoding.Count == 0)
            return false;
        var count = uses + 1;
        uses = count;
        return count is UsesBeforeThorough or UsesBeforeBest;
    }
}
