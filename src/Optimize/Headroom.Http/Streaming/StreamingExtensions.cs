using Headroom.Http.Configuration;
using Headroom.Http.Streaming;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Headroom.Http;

/// <summary>Event streams. See docs/streaming.md.</summary>
public static class StreamingExtensions
{
    /// <summary>
    /// Registers what <see cref="HeadroomResults"/>'s event streams need. Calling it again only adds <paramref name="configure"/>. Wrong options stop the application at start-up, all of them in one message.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes to what the section <c>Headroom:Streaming</c> says.</param>
    public static IServiceCollection AddHeadroomStreaming(this IServiceCollection services, Action<EventStreamOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);

        services.AddMetrics();
        services.AddSectionOptions(configure);

        services.TryAddSingleton<StreamingMetrics>();
        services.TryAddSingleton<EventStreamRegistry>();
        return services;
    }

    /// <summary>
    /// The id of the last event that a client has, for producers that give their events ids of their own (<see cref="ServerSentEvent.Id"/>) and can go on after one; null when it has none, or only one
    /// that the stream made itself. It is what the client says; check it as any input.
    /// </summary>
    /// <param name="request">The request for the stream.</param>
    public static string? LastEventId(this HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return RawLastEventId(request) is { } id && !EventPosition.TryParse(id, out _) ? id : null;
    }

    internal static string? RawLastEventId(HttpRequest request) => request.Headers["Last-Event-ID"] is [{ Length: > 0 } id] ? id : null;
}
