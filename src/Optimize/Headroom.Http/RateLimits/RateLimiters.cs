using System.Runtime.CompilerServices;
using Headroom.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Http.RateLimits;

/// <summary>What an endpoint or a group says of its limits.</summary>
/// <param name="Policies">The policies that count its requests; none takes away those of its groups and the global ones.</param>
internal sealed record RateLimitMetadata(IReadOnlyList<string> Policies);

/// <summary>The application's policies at work, and which of them count an endpoint's requests.</summary>
internal sealed class RateLimiters : IDisposable
{
    readonly RateLimitOptions options;
    readonly Dictionary<string, PolicyLimiter> limiters = new(StringComparer.Ordinal);
    readonly ConditionalWeakTable<Endpoint, PolicyLimiter[]> byEndpoint = [];
    readonly PolicyLimiter[] global;

    public RateLimiters(IOptions<RateLimitOptions> options, IServiceProvider services, RateLimitMetrics metrics, ILoggerFactory loggers)
    {
        this.options = options.Value;
        var time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var logger = loggers.CreateLogger("Headroom.Http.RateLimits");
        foreach (var (name, policy) in this.options.Policies)
        {
            var factory = policy.Shared ? this.options.SharedLimiter : null;
            var shared = factory is null ? null : new SharedLimit((limit, burst) => factory(services, name, limit, policy.Window, burst), name, this.options.SharedTimeout, time, metrics, logger);
            limiters[name] = new PolicyLimiter(name, policy, this.options.PlanClaim, time, shared);
        }

        global = this.options.Enabled ? [.. this.options.Global.Distinct(StringComparer.Ordinal).Select(name => limiters[name])] : [];
    }

    /// <summary>Set by the middleware: without it, what endpoints say has no effect.</summary>
    public bool InPipeline { get; set; }

    public PolicyLimiter this[string name] => limiters[name];

    /// <summary>The policies that count a request to this endpoint.</summary>
    /// <exception cref="InvalidOperationException">It names one that there is not.</exception>
    public PolicyLimiter[] Of(Endpoint? endpoint)
    {
        if (endpoint is null || !options.Enabled)
            return global;
        return byEndpoint.TryGetValue(endpoint, out var known) ? known : byEndpoint.GetValue(endpoint, Find);
    }

    public void Dispose()
    {
        foreach (var limiter in limiters.Values)
            limiter.Dispose();
    }

    PolicyLimiter[] Find(Endpoint endpoint)
    {
        var found = new List<PolicyLimiter>(global);
        foreach (var said in endpoint.Metadata.GetOrderedMetadata<RateLimitMetadata>())
        {
            if (said.Policies.Count == 0)
                found.Clear();
            foreach (var name in said.Policies)
            {
                if (!limiters.TryGetValue(name, out var limiter))
                    throw new InvalidOperationException($"The endpoint '{endpoint.DisplayName}' has the rate limit '{name}', which is not a policy; {options.Known()}.");
                if (!found.Contains(limiter))
                    found.Add(limiter);
            }
        }

        return [.. found];
    }
}
