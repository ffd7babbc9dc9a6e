using System.Threading.RateLimiting;
using Headroom.Http.Configuration;

namespace Headroom.Http;

/// <summary>
/// Makes the limiter that all processes ask for one policy; its resource is the caller's key. <c>Headroom.Redis.RedisRateLimiter.Shared</c> is one. What its leases say under
/// <see cref="MetadataName.RetryAfter"/>, <c>REMAINING</c> (a <see cref="long"/>) and <c>RESET_AFTER</c> (a <see cref="TimeSpan"/>) is told to clients; an exception means that the local limit decides.
/// </summary>
/// <param name="services">The application's services.</param>
/// <param name="policy">The policy's name.</param>
/// <param name="limit">How many requests a period allows.</param>
/// <param name="period">The period.</param>
/// <param name="burst">How many may come at once.</param>
public delegate PartitionedRateLimiter<string> SharedRateLimiterFactory(IServiceProvider services, string policy, long limit, TimeSpan period, long burst);

/// <summary>
/// Rate limits, by name. Bound from the configuration section <c>Headroom:RateLimits</c>; code given to <see cref="RateLimitExtensions.AddHeadroomRateLimits"/> runs after it. Wrong values stop the
/// application at start-up, all of them in one message. See docs/rate-limits.md.
/// </summary>
public sealed class RateLimitOptions : ISectionOptions
{
    /// <summary>The configuration section that these options are bound from.</summary>
    public const string SectionName = "Headroom:RateLimits";

    internal static readonly TimeSpan SharedTimeoutMost = TimeSpan.FromSeconds(10);

    /// <summary>False: nothing is limited, whatever endpoints say. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>False: answers say nothing of their limits but for the <c>Retry-After</c> of a refusal. Default true: <c>RateLimit</c> and <c>RateLimit-Policy</c>.</summary>
    public bool Headers { get; set; } = true;

    /// <summary>The policies, by the names that <see cref="RateLimitExtensions.RateLimit"/> and <see cref="Global"/> use: 1 to 64 letters, digits, <c>-</c>, <c>_</c> and <c>.</c>. Default none.</summary>
    public IDictionary<string, RateLimitPolicy> Policies { get; } = new Dictionary<string, RateLimitPolicy>(StringComparer.Ordinal);

    /// <summary>Names of policies that count every request, those to no endpoint too, except to endpoints with <see cref="RateLimitExtensions.NoRateLimit"/>. Default none.</summary>
    public IList<string> Global { get; } = [];

    /// <summary>The claim of an authenticated caller that names their plan. Default <c>plan</c>.</summary>
    public string PlanClaim { get; set; } = "plan";

    /// <summary>Where policies with <see cref="RateLimitPolicy.Shared"/> are decided, for example <c>options.SharedLimiter = RedisRateLimiter.Shared</c>. Default null: nowhere.</summary>
    public SharedRateLimiterFactory? SharedLimiter { get; set; }

    /// <summary>How long a shared decision may take before the local limit decides, now and for the second that follows. Default 100 ms, from 1 ms to 10 s.</summary>
    public TimeSpan SharedTimeout { get; set; } = TimeSpan.FromMilliseconds(100);

    static string ISectionOptions.Section => SectionName;

    List<string> ISectionOptions.BindingErrors { get; } = [];

    /// <summary>Adds a policy, or changes the one of that name.</summary>
    /// <param name="name">Its name, as in <see cref="Policies"/>.</param>
    /// <param name="configure">Sets what differs from the defaults.</param>
    public RateLimitOptions AddPolicy(string name, Action<RateLimitPolicy> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configure);
        if (!Policies.TryGetValue(name, out var policy))
            Policies[name] = policy = new RateLimitPolicy();
        configure(policy);
        return this;
    }

    IEnumerable<string> ISectionOptions.Errors()
    {
        if (SharedTimeout < TimeSpan.FromMilliseconds(1) || SharedTimeout > SharedTimeoutMost)
            yield return $"{SectionName}:{nameof(SharedTimeout)} is {SharedTimeout:c}; allowed are 00:00:00.001 to {SharedTimeoutMost:c}.";
        if (string.IsNullOrEmpty(PlanClaim))
            yield return $"{SectionName}:{nameof(PlanClaim)} is empty; write the type of the claim that names a caller's plan, for example 'plan'.";
        for (var i = 0; i < Global.Count; i++)
        {
            if (!Policies.ContainsKey(Global[i]))
                yield return FormattableString.Invariant($"{SectionName}:{nameof(Global)}:{i} is '{Global[i]}', which is not a policy; {Known()}.");
        }

        foreach (var (name, policy) in Policies)
        {
            foreach (var error in policy.Errors($"{SectionName}:{nameof(Policies)}:{name}", name, SharedLimiter is not null))
                yield return error;
        }
    }

    internal string Known() => Policies.Count == 0
        ? $"there are none; write one in {SectionName}:{nameof(Policies)} or call options.AddPolicy"
        : $"the policies are {string.Join(", ", Policies.Keys)}";
}
