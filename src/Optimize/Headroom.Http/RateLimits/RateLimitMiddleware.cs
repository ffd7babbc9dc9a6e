using System.Globalization;
using System.Threading.RateLimiting;
using Headroom.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Headroom.Http.RateLimits;

/// <summary>Counts a request on each of its policies, in their order, and answers the first that refuses it; what the policies before it took stays taken.</summary>
internal sealed class RateLimitMiddleware
{
    // draft-ietf-httpapi-ratelimit-headers-10, §6.1.
    const string QuotaExceeded = "https://iana.org/assignments/http-problem-types#quota-exceeded";

    readonly RequestDelegate next;
    readonly RateLimiters limiters;
    readonly RateLimitMetrics metrics;
    readonly bool headers;

    public RateLimitMiddleware(RequestDelegate next, RateLimiters limiters, RateLimitMetrics metrics, IOptions<RateLimitOptions> options)
    {
        this.next = next;
        this.limiters = limiters;
        this.metrics = metrics;
        headers = options.Value.Headers;
        limiters.InPipeline = true;
    }

    public Task InvokeAsync(HttpContext context)
    {
        var policies = limiters.Of(context.EndpointOf());
        if (policies.Length == 0)
            return next(context);

        var fields = headers ? new RateLimitFields(context) : null;
        foreach (var policy in policies)
        {
            if (policy.MayWait)
                return InvokeAsync(context, policies, Array.IndexOf(policies, policy), fields);
            if (policy.TryGetKey(context, out var key) && !Passes(policy, key, policy.Check(key), fields, out var refusal))
                return RefuseAsync(context, policy, refusal, fields);
        }

        fields?.SetWhenStarting();
        return next(context);
    }

    async Task InvokeAsync(HttpContext context, PolicyLimiter[] policies, int from, RateLimitFields? fields)
    {
        List<RateLimitLease>? leases = null;
        try
        {
            for (var i = from; i < policies.Length; i++)
            {
                var policy = policies[i];
                if (!policy.TryGetKey(context, out var key))
                    continue;
                var (decision, lease) = policy.MayWait ? await policy.CheckAsync(key, context.RequestAborted) : (policy.Check(key), null);
                if (lease is not null)
                    (leases ??= []).Add(lease);
                if (!Passes(policy, key, decision, fields, out var refusal))
                {
                    await RefuseAsync(context, policy, refusal, fields);
                    return;
                }
            }

            fields?.SetWhenStarting();
            await next(context);
        }
        finally
        {
            foreach (var lease in leases ?? [])
                lease.Dispose();
        }
    }

    bool Passes(PolicyLimiter policy, in PartitionKey key, in RateLimitDecision decision, RateLimitFields? fields, out RateLimitDecision told)
    {
        told = decision;
        fields?.Add(policy, key, decision);
        if (decision.IsAllowed)
            metrics.Allowed(policy.Name);
        else
            metrics.Blocked(policy.Name);
        return decision.IsAllowed;
    }

    static Task RefuseAsync(HttpContext context, PolicyLimiter policy, in RateLimitDecision decision, RateLimitFields? fields)
    {
        fields?.SetWhenStarting();
        context.Response.Headers.CacheControl = "no-store";
        var detail = $"The rate limit '{policy.Name}' is used up.";
        if (decision.RetryAfter is { } after)
        {
            var seconds = Math.Max(1, RateLimitFields.Seconds(after));
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            detail = FormattableString.Invariant($"The rate limit '{policy.Name}' is used up; come again after {seconds} s.");
        }

        return Results.Problem(
            detail,
            statusCode: StatusCodes.Status429TooManyRequests,
            title: "Request cannot be satisfied as assigned quota has been exceeded",
            type: QuotaExceeded,
            extensions: [new("violated-policies", new[] { policy.Name })]).ExecuteAsync(context);
    }
}
