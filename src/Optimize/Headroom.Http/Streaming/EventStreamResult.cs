using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Headroom.Http.Configuration;
using Headroom.Http.Streaming;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http;

/// <summary>
/// An answer in server-sent events; made by <see cref="HeadroomResults"/>. What it sends and when stands in docs/streaming.md.
/// </summary>
public sealed class EventStreamResult : IResult, IStatusCodeHttpResult, IContentTypeHttpResult, IEndpointMetadataProvider
{
    const string MediaType = "text/event-stream";

    readonly Func<CancellationToken, IAsyncEnumerable<ServerSentEvent>> producer;
    readonly string? key;
    readonly Action<EventStreamOptions>? configure;

    internal EventStreamResult(Func<CancellationToken, IAsyncEnumerable<ServerSentEvent>> producer, string? key, Action<EventStreamOptions>? configure)
    {
        this.producer = producer;
        this.key = key;
        this.configure = configure;
    }

    /// <summary>200: the status of a stream. A reconnect after the end is answered with 204, too many clients with 503.</summary>
    public int? StatusCode => StatusCodes.Status200OK;

    /// <inheritdoc />
    public string? ContentType => MediaType;

    /// <summary>For API descriptions, and so that the framework's request timeout leaves the endpoint alone.</summary>
    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(string), [MediaType]));
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status204NoContent));
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status503ServiceUnavailable, typeof(void), ["application/problem+json"]));
        builder.Metadata.Add(new DisableRequestTimeoutAttribute());
    }

    /// <summary>
    /// 1. options, 2. a reconnect after the end: 204, 3. room for one more, else 503, 4. this client's stream: its own, one to join, or a new one, 5. header and <c>start</c> at once,
    /// 6. the producer of a new stream, 7. events until either ends, 8. leaving.
    /// </summary>
    /// <exception cref="InvalidOperationException"><see cref="StreamingExtensions.AddHeadroomStreaming"/> was not called, or the endpoint's options are out of bounds.</exception>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);

        var streams = httpContext.RequestServices.GetService<EventStreamRegistry>()
            ?? throw new InvalidOperationException($"An endpoint answers with an event stream, but its services are missing: call builder.Services.{nameof(StreamingExtensions.AddHeadroomStreaming)}().");
        var began = streams.Services.Time.GetTimestamp();
        var options = OptionsOf(streams);

        var lastEventId = StreamingExtensions.RawLastEventId(httpContext.Request);
        if (EventPosition.TryParse(lastEventId, out var position) && position.Value.Taken is null)
        {
            httpContext.Response.StatusCode = StatusCodes.Status204NoContent;
            httpContext.Response.Headers.CacheControl = "no-store";
            return;
        }

        var scope = StreamScope.Of(httpContext, key);
        if (!streams.TryEnter(scope.Route, options.MaxClients))
        {
            await RefuseAsync(httpContext, options);
            return;
        }

        streams.Services.Metrics.Opened(scope.Route);
        var joined = streams.Join(scope, lastEventId, options, Activity.Current?.Id ?? httpContext.TraceIdentifier);
        var outcome = EventStreamOutcome.Client;
        try
        {
            outcome = await SendAsync(httpContext, joined, options, streams.Services, began);
        }
        finally
        {
            joined.Stream.Unsubscribe(joined.Subscription);
            streams.Leave(scope.Route);
            streams.Services.Metrics.Ended(scope.Route, outcome);
        }
    }

    async Task<EventStreamOutcome> SendAsync(HttpContext context, Joined joined, EventStreamOptions options, StreamingServices services, long began)
    {
        await using var connection = new EventStreamConnection(context, joined.Stream, joined.Subscription, options, services);
        bool present;
        try
        {
            PrepareResponse(context);
            present = await connection.OpenAsync(Opening(joined, options));
        }
        catch when (joined.Kind == JoinKind.Made)
        {
            // A response that has begun already, for example. Nobody else may wait for a producer that is never started.
            joined.Stream.EndForShutdown();
            throw;
        }

        // Also when the client has gone already: whether the producer goes on without it is decided by the window, as at any later time.
        if (joined.Kind == JoinKind.Made)
            joined.Stream.Run(producer);
        if (!present)
            return EventStreamOutcome.Client;

        var route = joined.Stream.Scope.Route;
        var isFirst = joined.Kind != JoinKind.Resumed;
        if (!isFirst)
            services.Metrics.Resumed(route);
        return await connection.RunAsync(count =>
        {
            services.Metrics.Events(route, count);
            if (isFirst)
                services.Metrics.FirstEvent(route, services.Time.GetElapsedTime(began));
            isFirst = false;
        });
    }

    static void PrepareResponse(HttpContext context)
    {
        context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();

        // The framework's output cache stores what its policy says, whatever the response's header says.
        if (context.Features.Get<IOutputCacheFeature>() is { } outputCache)
            outputCache.Context.AllowCacheStorage = false;
        var headers = context.Response.Headers;
        context.Response.ContentType = MediaType;
        headers.CacheControl = "no-store, no-transform";

        // The framework's compression leaves alone what says how it is encoded, whatever media types it was told to compress.
        headers.ContentEncoding = "identity";
        headers["X-Accel-Buffering"] = "no";
    }

    /// <summary>What a client gets at once: how long to wait before a reconnect, <c>start</c> unless it goes on where it was, and how many events it will not get.</summary>
    static IEnumerable<byte[]> Opening(Joined joined, EventStreamOptions options)
    {
        var resumed = joined.Kind == JoinKind.Resumed;
        if (resumed || !options.SendStart)
        {
            yield return EventEncoder.Silent(id: null, options.Retry);
            yield return EventEncoder.HeartBeat;
        }
        else
        {
            var id = new EventPosition(joined.Stream.Id, Taken: 0).ToString();
            yield return EventEncoder.Encode(new ServerSentEvent($$"""{"stream":"{{joined.Stream.Id}}"}""", "start") { Retry = options.Retry }, id);
        }

        if (joined.Subscription.Missed > 0)
            yield return EventEncoder.Encode(new ServerSentEvent(string.Create(CultureInfo.InvariantCulture, $$"""{"events":{{joined.Subscription.Missed}}}"""), "missed"), id: null);
    }

    static Task RefuseAsync(HttpContext context, EventStreamOptions options)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling((options.Retry ?? TimeSpan.FromSeconds(1)).TotalSeconds));
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Problem("As many clients watch this stream as may; try again later.", statusCode: StatusCodes.Status503ServiceUnavailable).ExecuteAsync(context);
    }

    EventStreamOptions OptionsOf(EventStreamRegistry streams)
    {
        if (configure is null)
            return streams.Options;
        var options = streams.Options.Copy();
        configure(options);
        var errors = ((ISectionOptions)options).Errors().ToList();
        return errors.Count == 0 ? options : throw new InvalidOperationException("The options of an event stream are out of bounds. " + string.Join(' ', errors));
    }
}
