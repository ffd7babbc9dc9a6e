using Headroom.Http.Configuration;

namespace Headroom.Http;

/// <summary>
/// Concurrency limits, by name. Bound from the configuration section <c>Headroom:Concurrency</c>; code given to <see cref="ConcurrencyExtensions.AddHeadroomConcurrency"/> runs after it. Nothing is limited until a
/// policy is written and named. Wrong values stop the application at start-up, all of them in one message. See docs/limits.md.
/// </summary>
public sealed class ConcurrencyOptions : ISectionOptions
{
    /// <summary>The configuration section that these options are bound from.</summary>
    public const string SectionName = "Headroom:Concurrency";

    /// <summary>False: nothing is limited, whatever endpoints say. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The policy of every request whose endpoint says nothing else; not of event streams and websockets. Default none.</summary>
    public string? Global { get; set; }

    /// <summary>The policies, by the names that <see cref="ConcurrencyExtensions.ConcurrencyLimit"/> and <see cref="Global"/> use: 1 to 64 letters, digits, <c>-</c>, <c>_</c> and <c>.</c>. Default none.</summary>
    public IDictionary<string, ConcurrencyPolicy> Policies { get; } = new Dictionary<string, ConcurrencyPolicy>(StringComparer.Ordinal);

    static string ISectionOptions.Section => SectionName;

    List<string> ISectionOptions.BindingErrors { get; } = [];

    /// <summary>Adds a policy, or changes the one of that name.</summary>
    /// <param name="name">Its name, as in <see cref="Policies"/>.</param>
    /// <param name="configure">Sets what differs from the defaults.</param>
    public ConcurrencyOptions AddPolicy(string name, Action<ConcurrencyPolicy> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configure);
        if (!Policies.TryGetValue(name, out var policy))
            Policies[name] = policy = new ConcurrencyPolicy();
        configure(policy);
        return this;
    }

    IEnumerable<string> ISectionOptions.Errors()
    {
        if (!string.IsNullOrEmpty(Global) && !Policies.ContainsKey(Global))
            yield return $"{SectionName}:{nameof(Global)} is '{Global}', which is not a policy; {Known()}.";
        foreach (var (name, policy) in Policies)
        {
            foreach (var error in policy.Errors($"{SectionName}:{nameof(Policies)}:{name}", name))
                yield return error;
        }
    }

    internal string Known() => Policies.Count == 0
        ? $"there are none; write one in {SectionName}:{nameof(Policies)} or call options.AddPolicy"
        : $"the policies are {string.Join(", ", Policies.Keys)}";
}
