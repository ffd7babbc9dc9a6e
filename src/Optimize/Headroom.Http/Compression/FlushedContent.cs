namespace Headroom.Http.Compression;

/// <summary>What is there when a handler flushes early: the beginning of a stream, or all of a short answer, which serializers flush, too.</summary>
internal static class FlushedContent
{
    static readonly MediaTypes Streams = new(["application/x-ndjson", "application/jsonl", "application/json-seq"]);
    static readonly MediaTypes Json = new(["application/json", "*/*+json"]);

    /// <summary>Whether more will surely follow: it is of a type for streams, or JSON that has not closed what it opened.</summary>
    public static bool GoesOn(string? contentType, ReadOnlySpan<byte> content)
    {
        if (contentType is null)
            return false;
        if (Streams.Has(contentType))
            return true;

        var text = content.Trim(" \t\r\n"u8);
        return Json.Has(contentType) && !text.IsEmpty && text[0] switch
        {
            (byte)'[' => text[^1] != ']' || text.Length == 1,
            (byte)'{' => text[^1] != '}' || text.Length == 1,
            _ => false,
        };
    }
}
