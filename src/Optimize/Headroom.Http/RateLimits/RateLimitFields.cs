using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http.RateLimits;

/// <summary>The fields <c>RateLimit-Policy</c> and <c>RateLimit</c> (draft-ietf-httpapi-ratelimit-headers-10, §3 and §4), set when the response starts: an error page that clears it, or a cache that stores it, does not touch them.</summary>
internal sealed class RateLimitFields(HttpContext context)
{
    static readonly Func<object, Task> WhenStarting = static state => ((RateLimitFields)state).SetAsync();

    string policies = "";
    string quotas = "";

    public void SetWhenStarting() => context.Response.OnStarting(WhenStarting, this);

    public void Add(PolicyLimiter policy, in PartitionKey key, in RateLimitDecision decision)
    {
        policies = Joined(policies, policy.FieldOf(key));
        if (decision.Remaining is not { } remaining)
            return;

        remaining = Math.Max(0, remaining);
        quotas = Joined(quotas, decision.ResetAfter is { } reset
            ? string.Create(CultureInfo.InvariantCulture, $"\"{policy.Name}\";r={remaining};t={Seconds(reset)}")
            : string.Create(CultureInfo.InvariantCulture, $"\"{policy.Name}\";r={remaining}"));
    }

    public static long Seconds(TimeSpan time) => (long)Math.Ceiling(time.TotalSeconds);

    static string Joined(string before, string one) => before.Length == 0 ? one : $"{before}, {one}";

    Task SetAsync()
    {
        var headers = context.Response.Headers;
        headers["RateLimit-Policy"] = policies;
        if (quotas.Length > 0)
            headers["RateLimit"] = quotas;
        return Task.CompletedTask;
    }
}
