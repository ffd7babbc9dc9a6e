using Microsoft.Extensions.Logging;

namespace Headroom.Caching;

/// <summary>What the cache says in the log. Keys and tags stay out of it.</summary>
internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Warning, "A callback for evicted entries threw; the entry has left the cache all the same.")]
    public static partial void EvictionCallbackFailed(ILogger logger, Exception thrown);

    [LoggerMessage(2002, LogLevel.Error, "A value of type {Type} was not kept, because it could not be serialized. Register an IHybridCacheSerializer for it, or set ReuseInstances where nobody changes values.")]
    public static partial void NotSerializable(ILogger logger, Type type, Exception thrown);

    [LoggerMessage(2003, LogLevel.Warning, "What the distributed tier has under a key does not read as {Type}; it counts as a miss.")]
    public static partial void NotDeserializable(ILogger logger, Type type, Exception thrown);

    [LoggerMessage(2004, LogLevel.Warning, "A value past its life was served, because a new one could not be made in time.")]
    public static partial void StaleServed(ILogger logger, Exception failed);

    [LoggerMessage(2005, LogLevel.Warning, "The cache '{Cache}' is to coalesce across nodes, but there is no second tier that grants leases (AddHeadroomRedisStore adds one): each node runs its own factories.")]
    public static partial void NoLeases(ILogger logger, string cache);
}
