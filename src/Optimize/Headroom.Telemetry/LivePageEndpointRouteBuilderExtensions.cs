using System.Diagnostics.CodeAnalysis;
using Headroom.Telemetry.Collection;
using Headroom.Telemetry.LivePage;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Headroom.Telemetry;

/// <summary>A page on which a person watches the API: docs/live-page.md.</summary>
public static class LivePageEndpointRouteBuilderExtensions
{
    static readonly string[] PageMethods = [HttpMethods.Get, HttpMethods.Head];
    static readonly string[] EventMethods = [HttpMethods.Get];

    /// <summary>
    /// A page that shows, each second, requests, latency, errors, caches, limits, runtime and the busiest endpoints. It needs no network but its own server, and costs nothing while nobody looks.
    /// <para>Without <paramref name="policy"/> it is there in the environment Development only, for whom the application's fallback policy lets in, if it has one. Whoever may not see it gets 404, as if it were not there, never 401 or
    /// 403; <c>RequireAuthorization</c> on what this returns adds to the policy in the same way. Requests for it are not counted in the metrics. At most 32 people look at once; more get 503.</para>
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The route of the page, without parameters; default <c>/headroom</c>. Its events are at <c>events</c> under it.</param>
    /// <param name="policy">The authorization policy that a caller must meet, in every environment; its authentication schemes are tried. Null: nobody outside Development.</param>
    /// <exception cref="InvalidOperationException">
    /// Without <see cref="TelemetryServiceCollectionExtensions.AddHeadroomTelemetry"/>, or with a policy that does not exist.
    /// </exception>
    /// <exception cref="ArgumentException">The pattern has parameters, or the policy's name is empty.</exception>
    public static IEndpointConventionBuilder MapHeadroomLive(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern = "/headroom", string? policy = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        if (pattern.Contains('{', StringComparison.Ordinal))
            throw new ArgumentException($"'{pattern}' has parameters; write a fixed path such as /headroom.", nameof(pattern));
        var services = endpoints.ServiceProvider;
        var collector = services.GetService<MetricCollector>()
            ?? throw new InvalidOperationException($"{nameof(MapHeadroomLive)} needs the collector; call 'builder.Services.AddHeadroomTelemetry()' before 'builder.Build()'.");
        var door = new LivePageDoor(policy is null ? null : PolicyOf(services, policy), services.GetService<IAuthorizationPolicyProvider>(), services.GetRequiredService<IHostEnvironment>().IsDevelopment());
        var time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var stream = new LiveStream(new LiveSampler(collector, services.GetRequiredService<ILogger<LiveSampler>>(), time), time, services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);

        // One thing to whoever adds conventions, two endpoints to the router; for all methods, because the router's own 405 would tell a stranger that there is something.
        var group = endpoints.MapGroup("");
        var path = pattern.TrimEnd('/');
        group.Map(path, context => door.OpenAsync(context, PageMethods, LivePageContent.WriteAsync)).WithDisplayName("Headroom live page");
        group.Map(path + "/events", context => door.OpenAsync(context, EventMethods, stream.WriteAsync)).WithDisplayName("Headroom live events");
        group.DisableHttpMetrics().WithMetadata(NeverShed.Instance);

        // A stream has no end that a time limit could wait for.
        group.WithMetadata(new DisableRequestTimeoutAttribute());

        // Policies are checked behind the endpoint, so that their refusal is a 404; the framework's middleware would answer 401 before that.
        group.AllowAnonymous();
        return group;
    }

    static AuthorizationPolicy PolicyOf(IServiceProvider services, string policy)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(policy);
        if (services.GetService<IPolicyEvaluator>() is null || services.GetService<IAuthorizationPolicyProvider>() is not { } provider)
            throw new InvalidOperationException($"{nameof(MapHeadroomLive)} was given the policy '{policy}', and there is no authorization; call 'builder.Services.AddAuthorization(...)' before 'builder.Build()'.");

        // Once, at start-up: the framework's provider has its policies in memory.
        return provider.GetPolicyAsync(policy).GetAwaiter().GetResult()
            ?? throw new InvalidOperationException($"There is no authorization policy '{policy}' for {nameof(MapHeadroomLive)}; add it with 'AddAuthorization(options => options.AddPolicy(\"{policy}\", …))'.");
    }
}
