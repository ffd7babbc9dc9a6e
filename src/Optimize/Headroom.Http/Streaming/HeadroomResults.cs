using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace Headroom.Http;

/// <summary>Results for minimal APIs and controllers.</summary>
public static class HeadroomResults
{
    /// <summary>
    /// Answers with server-sent events that survive production: header and a <c>start</c> event at once, heart-beats, resume after a lost connection, a problem when the producer throws, a deadline, and an end
    /// that is not taken for a lost connection. See docs/streaming.md. Needs <see cref="StreamingExtensions.AddHeadroomStreaming"/>.
    /// </summary>
    /// <param name="producer">
    /// Makes the events. Called when a stream begins, not for clients that join or resume one. Its token is cancelled when nobody watches any more, at the deadline and when the application stops; use this token and
    /// not the request's, since the producer may go on when the request has ended. For the same reason it must not use services of the request's scope.
    /// </param>
    /// <param name="key">Requests to this endpoint with the same key watch one stream, made by one producer; null, the default: each has its own. Decide who may watch before you return this.</param>
    /// <param name="configure">Changes to the application's options, for this answer.</param>
    public static EventStreamResult EventStream(
        Func<CancellationToken, IAsyncEnumerable<ServerSentEvent>> producer, string? key = null, Action<EventStreamOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(producer);
        return new EventStreamResult(producer, key, configure);
    }

    /// <summary>As the other overload, with values whose JSON is the data of each event.</summary>
    /// <param name="producer">Makes the values, as described there.</param>
    /// <param name="json">How a value is written; from a <c>JsonSerializerContext</c>, or <c>options.GetTypeInfo</c>.</param>
    /// <param name="type">The type of the events; null, the default: <c>message</c>.</param>
    /// <param name="key">As described there.</param>
    /// <param name="configure">As described there.</param>
    public static EventStreamResult EventStream<T>(
        Func<CancellationToken, IAsyncEnumerable<T>> producer, JsonTypeInfo<T> json, string? type = null, string? key = null, Action<EventStreamOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(producer);
        ArgumentNullException.ThrowIfNull(json);
        return new EventStreamResult(token => Events(producer, json, type, token), key, configure);
    }

    static async IAsyncEnumerable<ServerSentEvent> Events<T>(
        Func<CancellationToken, IAsyncEnumerable<T>> producer, JsonTypeInfo<T> json, string? type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var value in producer(cancellationToken).WithCancellation(cancellationToken))
            yield return ServerSentEvent.Json(value, json, type);
    }
}
