using Microsoft.Extensions.Logging;

namespace Headroom.Http.ResponseCache;

/// <summary>What the response cache logs; never a URL, which may have secrets in its query.</summary>
internal static partial class ResponseCacheLog
{
    [LoggerMessage(1, LogLevel.Error, "Stored responses could not be encoded better; they are sent as they are.")]
    public static partial void ImprovingFailed(ILogger logger, Exception thrown);

    [LoggerMessage(2, LogLevel.Warning, "A stored response could not be made anew in the background; it stays as it is until its time is over.")]
    public static partial void RevalidationFailed(ILogger logger, Exception thrown);

    [LoggerMessage(3, LogLevel.Warning, "The origin failed; a stale response stands in.")]
    public static partial void StaleServed(ILogger logger, Exception? thrown);

    [LoggerMessage(4, LogLevel.Warning, "Purges of other nodes could not be read; they are asked for again.")]
    public static partial void PurgesNotRead(ILogger logger, Exception thrown);
}
