using System.Runtime.CompilerServices;
using Headroom.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Http.Concurrency;

/// <summary>The application's policies at work, and which of them limits an endpoint.</summary>
internal sealed class ConcurrencyLimiters
{
    // The display name that the framework's MapHealthChecks gives; it has no other mark.
    const string HealthChecks = "Health checks";

    static readonly object Unlimited = new();

    readonly ConcurrencyOptions options;
    readonly Dictionary<string, PolicyGates> policies = new(StringComparer.Ordinal);
    readonly ConditionalWeakTable<Endpoint, object> byEndpoint = [];
    readonly EndpointConcurrency? withoutEndpoint;

    public ConcurrencyLimiters(IOptions<ConcurrencyOptions> options, IServiceProvider services, ConcurrencyMetrics metrics)
    {
        this.options = options.Value;
        Time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        if (!this.options.Enabled)
            return;
        foreach (var (name, policy) in this.options.Policies)
            policies[name] = new PolicyGates(name, policy, Time);
        if (!string.IsNullOrEmpty(this.options.Global))
            withoutEndpoint = Limited(policies[this.options.Global], isItsOwn: false, null, "");
        metrics.Observe(policies.Values);
    }

    public TimeProvider Time { get; }

    /// <summary>False: nothing is ever limited.</summary>
    public bool IsOn => policies.Count > 0;

    /// <summary>Set by the middleware: without it, what endpoints say has no effect.</summary>
    public bool InPipeline { get; set; }

    public PolicyGates this[string name] => policies[name];

    /// <summary>What limits a request to this endpoint; null: nothing.</summary>
    /// <exception cref="InvalidOperationException">It names a policy that there is not.</exception>
    public EndpointConcurrency? Of(Endpoint? endpoint)
    {
        if (endpoint is null)
            return withoutEndpoint;
        var found = byEndpoint.TryGetValue(endpoint, out var known) ? known : byEndpoint.GetValue(endpoint, asked => Find(asked) ?? Unlimited);
        return ReferenceEquals(found, Unlimited) ? null : Unsafe.As<EndpointConcurrency>(found);
    }

    EndpointConcurrency? Find(Endpoint endpoint)
    {
        var own = endpoint.Metadata.GetMetadata<ConcurrencyMetadata>();
        var shed = endpoint.Metadata.GetMetadata<ShedMetadata>();
        if (own?.Policy is { } named && options.Enabled && !policies.ContainsKey(named))
            throw new InvalidOperationException($"The endpoint '{endpoint.DisplayName}' has the concurrency limit '{named}', which is not a policy; {options.Known()}.");
        if (!options.Enabled || own is { Policy: null } || shed is { Level: null })
            return null;
        var route = (endpoint as RouteEndpoint)?.RoutePattern.RawText ?? "";
        if (own is not null)
            return Limited(policies[own.Policy!], isItsOwn: true, shed?.Level, route);
        return withoutEndpoint is null || (shed is null && TellsHowItIs(endpoint)) || IsEventStream(endpoint) ? null : Limited(withoutEndpoint.Gates, isItsOwn: false, shed?.Level, route);
    }

    static EndpointConcurrency Limited(PolicyGates gates, bool isItsOwn, ShedLevel? said, string route) =>
        new(gates, gates.ByCaller ? null : gates.OfRoute(route), isItsOwn, said);

    /// <summary>What says so of itself, health checks, and what the framework's metrics leave out because it shows them: whoever watches an overload must be able to.</summary>
    static bool TellsHowItIs(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<INeverShed>() is not null || endpoint.DisplayName == HealthChecks || endpoint.Metadata.GetMetadata<IDisableHttpMetricsMetadata>() is not null;

    /// <summary>They wait most of the time, and would take all places.</summary>
    public static bool IsEventStream(Endpoint endpoint) =>
        endpoint.Metadata.GetOrderedMetadata<IProducesResponseTypeMetadata>().Any(static produces => produces.ContentTypes.Contains("text/event-stream", StringComparer.OrdinalIgnoreCase));
}
