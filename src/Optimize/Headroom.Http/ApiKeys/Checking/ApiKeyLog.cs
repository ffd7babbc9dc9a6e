using Microsoft.Extensions.Logging;

namespace Headroom.Http.ApiKeys.Checking;

/// <summary>Neither keys nor their ids are in any of it.</summary>
internal static partial class ApiKeyLog
{
    [LoggerMessage(3601, LogLevel.Error, "The store of API keys failed; requests whose keys are not cached are answered with 503 until it answers again.")]
    public static partial void StoreFailed(ILogger logger, Exception failure);

    [LoggerMessage(3602, LogLevel.Information, "The store of API keys answers again.")]
    public static partial void StoreAnswers(ILogger logger);

    [LoggerMessage(3603, LogLevel.Warning, "Uses of API keys were not written; they are kept for the next batch.")]
    public static partial void UsageNotWritten(ILogger logger, Exception failure);
}
