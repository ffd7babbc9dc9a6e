using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http.RateLimits;

/// <summary>The fields <c>RateLimit-Policy</c> and <c>RateLimit</c> (draft-ietf-httpapi-ratelimit-headers-10, §3 and §4), set when the response starts: an error page that clears it, or a cache that stores it, does not touch them.</summary>
internal sealed class RateLimitFields(HttpContext context)
{
    static readonly Func<object, Task> WhenStarting = static state => ((RateLimitFields)state).SetAsync();

    readonly StringBuilder policies = new();
    readonly StringBuilder quotas = new();

    public void SetWhenStarting() => context.Response.OnStarting(WhenStarting, this);

    public void Add(PolicyLimiter policy, in PartitionKey key, in RateLimitDecision decision)
    {
        var between = policies.Length == 0 ? "" : ", ";
        policies.Append(CultureInfo.InvariantCulture, $"{between}\"{policy.Name}\";q={policy.LimitOf(key)};w={policy.WindowSeconds}");
        if (decision.Remaining is not { } remaining)
            return;

        quotas.Append(CultureInfo.InvariantCulture, $"{(quotas.Length == 0 ? "" : ", ")}\"{policy.Name}\";r={Math.Max(0, remaining)}");
        if (decision.ResetAfter is { } reset)
            quotas.Append(CultureInfo.InvariantCulture, $";t={Seconds(reset)}");
    }

    public static long Seconds(TimeSpan time) => (long)Math.Ceiling(time.TotalSeconds);

    Task SetAsync()
    {
        var headers = context.Response.Headers;
        headers["RateLimit-Policy"] = policies.ToString();
        if (quotas.Length > 0)
            headers["RateLimit"] = quotas.ToString();
        return Task.CompletedTask;
    }
}
