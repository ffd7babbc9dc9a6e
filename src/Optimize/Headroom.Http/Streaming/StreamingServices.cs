using Microsoft.Extensions.Logging;

namespace Headroom.Http.Streaming;

/// <summary>What every stream uses.</summary>
internal sealed record StreamingServices(TimeProvider Time, StreamingMetrics Metrics, ILogger<EventStreamResult> Logger);

internal static partial class StreamingLog
{
    [LoggerMessage(3401, LogLevel.Error, "The producer of the event stream {Route} threw; its clients got an error event with the trace {Trace}.")]
    public static partial void ProducerFailed(ILogger logger, Exception failure, string route, string trace);

    [LoggerMessage(3402, LogLevel.Information, "A client of the event stream {Route} did not read in time and was dropped.")]
    public static partial void SlowClient(ILogger logger, string route);

    [LoggerMessage(3403, LogLevel.Warning, "The endpoint {Route} has {Clients} event streams open, as many as it may; further clients are answered with 503.")]
    public static partial void Full(ILogger logger, string route, int clients);
}
