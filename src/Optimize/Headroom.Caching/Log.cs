using Microsoft.Extensions.Logging;

namespace Headroom.Caching;

/// <summary>What the cache says in the log. Keys and tags stay out of it.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "A callback for evicted entries threw; the entry has left the cache all the same.")]
    public static partial void EvictionCallbackFailed(ILogger logger, Exception thrown);
}
