using Microsoft.Extensions.Logging;

namespace Headroom.Http.Background;

internal static partial class BackgroundLog
{
    [LoggerMessage(3501, LogLevel.Warning, "Attempt {Attempt} of {MaxAttempts} of an item of the queue {Queue} failed; the next is in {Delay}.")]
    public static partial void Retrying(ILogger logger, Exception failure, string queue, int attempt, int maxAttempts, TimeSpan delay);

    [LoggerMessage(3502, LogLevel.Error, "An item of the queue {Queue} failed {Attempts} times and is given up.")]
    public static partial void GivenUp(ILogger logger, Exception failure, string queue, int attempts);

    [LoggerMessage(3503, LogLevel.Warning, "The application stops; {Count} items of the queue {Queue} were not done in time and are lost.")]
    public static partial void Lost(ILogger logger, string queue, int count);

    [LoggerMessage(3504, LogLevel.Error, "The item {Id} of the queue {Queue} failed {Attempts} times and is parked.")]
    public static partial void Parked(ILogger logger, Exception? failure, string queue, string id, int attempts);

    [LoggerMessage(3505, LogLevel.Warning, "The lease of the item {Id} of the queue {Queue} was lost: another worker may have it. Its token was cancelled.")]
    public static partial void LeaseLost(ILogger logger, string queue, string id);

    [LoggerMessage(3506, LogLevel.Error, "The store of the queue {Queue} failed; it is asked again in {Delay}. Items stay where they are.")]
    public static partial void StoreFailed(ILogger logger, Exception failure, string queue, TimeSpan delay);

    [LoggerMessage(3507, LogLevel.Information, "The store of the queue {Queue} answers again.")]
    public static partial void StoreAnswers(ILogger logger, string queue);
}
