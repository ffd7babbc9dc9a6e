namespace Headroom.Redis.Protocol;

/// <summary>What a reply may be at most. Beyond it the stream is not believed any more and the connection is closed.</summary>
internal static class RespLimits
{
    /// <summary>Redis' own limit of one string (<c>proto-max-bulk-len</c>).</summary>
    public const int BulkMostBytes = 512 * 1024 * 1024;

    /// <summary>A whole reply, for example of MGET.</summary>
    public const int ReplyMostBytes = 1024 * 1024 * 1024;

    /// <summary>A status, an error or a big number: what stands between two line ends.</summary>
    public const int LineMostBytes = 1024 * 1024;

    /// <summary>Arrays within arrays. Redis' own scripts may nest less.</summary>
    public const int DepthMost = 128;
}
