using System.Text.RegularExpressions;
using Headroom.Http.Configuration;

namespace Headroom.Http;

/// <summary>
/// API keys. Bound from the configuration section <c>Headroom:ApiKeys</c>; code given to <see cref="ApiKeyExtensions.AddHeadroomApiKeys"/> runs after it. Wrong values stop the application at start-up, all of them in one message. How
/// long records are cached is the cache's: <c>Headroom:Caching:Caches:auth</c>. See docs/api-keys.md.
/// </summary>
public sealed partial class ApiKeyOptions : ISectionOptions
{
    /// <summary>The configuration section that these options are bound from.</summary>
    public const string SectionName = "Headroom:ApiKeys";

    internal static readonly TimeSpan OverlapMost = TimeSpan.FromDays(90);

    static readonly TimeSpan LeastSecond = TimeSpan.FromSeconds(1);
    static readonly TimeSpan UnknownLifetimeMost = TimeSpan.FromMinutes(10);
    static readonly TimeSpan UsageIntervalMost = TimeSpan.FromHours(1);

    /// <summary>
    /// What new keys begin with, so that people and secret scanners know them: 2 to 24 lower-case letters, digits and underscores, a letter first and an underscore last. Default <c>hr_live_</c>. Keys with another beginning are
    /// refused unless it is in <see cref="AcceptedPrefixes"/>.
    /// </summary>
    public string Prefix { get; set; } = "hr_live_";

    /// <summary>Beginnings of keys made earlier, which stay good. Default none, at most 10.</summary>
    public IList<string> AcceptedPrefixes { get; } = [];

    /// <summary>
    /// True, the default: a request with a key that is not good is answered with 401 wherever it goes, public endpoints too, by <c>UseAuthentication</c>. False: it is anonymous, as the framework has it, and refused only where an endpoint
    /// asks for authorization.
    /// </summary>
    public bool RefuseInvalidKeys { get; set; } = true;

    /// <summary>False: every check asks the store, and nothing bounds how often. For measuring what caching is worth. Default true.</summary>
    public bool UseCache { get; set; } = true;

    /// <summary>How long an id that nobody has is known to be one. Default 10 s, from 1 s to 10 minutes.</summary>
    public TimeSpan UnknownKeyLifetime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many such ids are remembered, in a cache of their own. Default 10,000, from 100 to 1,000,000.</summary>
    public int MaxUnknownKeys { get; set; } = 10_000;

    /// <summary>How many ids that nobody has may be looked up in the store a second, on each node; also how many at once after a pause. Default 100, from 1 to 100,000. Keys that this node has seen to be good are not counted.</summary>
    public int UnknownLookupsPerSecond { get; set; } = 100;

    /// <summary>The same for each address (IPv6 by /64). Default 20, from 1 to 100,000.</summary>
    public int UnknownLookupsPerSecondPerAddress { get; set; } = 20;

    /// <summary>True, the default: how often each key was used, and when last, is written to the store.</summary>
    public bool RecordUsage { get; set; } = true;

    /// <summary>How often uses are written, which is also what a killed process loses of them. Default 10 s, from 1 s to 1 hour.</summary>
    public TimeSpan UsageInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a key goes on when it was rotated. Default 1 day, from 0 to 90 days.</summary>
    public TimeSpan RotationOverlap { get; set; } = TimeSpan.FromDays(1);

    /// <summary>True, the default: <see cref="IApiKeyStore.PrepareAsync"/> runs at start-up. False where the application may not make tables.</summary>
    public bool PrepareStore { get; set; } = true;

    static string ISectionOptions.Section => SectionName;

    List<string> ISectionOptions.BindingErrors { get; } = [];

    IEnumerable<string> ISectionOptions.Errors()
    {
        foreach (var (name, prefix) in AcceptedPrefixes.Select(static (accepted, i) => (FormattableString.Invariant($"{nameof(AcceptedPrefixes)}:{i}"), accepted)).Prepend((nameof(Prefix), Prefix)))
        {
            if (prefix is null || !PrefixPattern().IsMatch(prefix))
                yield return $"{SectionName}:{name} is '{prefix}'; write 2 to 24 lower-case letters, digits and underscores, a letter first and an underscore last, for example 'hr_live_'.";
        }

        if (AcceptedPrefixes.Count > 10)
            yield return FormattableString.Invariant($"{SectionName}:{nameof(AcceptedPrefixes)} has {AcceptedPrefixes.Count} entries; allowed are 10.");
        foreach (var (name, value, from, to) in ((string, int, int, int)[])[
            (nameof(MaxUnknownKeys), MaxUnknownKeys, 100, 1_000_000),
            (nameof(UnknownLookupsPerSecond), UnknownLookupsPerSecond, 1, 100_000),
            (nameof(UnknownLookupsPerSecondPerAddress), UnknownLookupsPerSecondPerAddress, 1, 100_000)])
        {
            if (value < from || value > to)
                yield return FormattableString.Invariant($"{SectionName}:{name} is {value}; allowed are {from} to {to}.");
        }

        foreach (var (name, value, from, to) in ((string, TimeSpan, TimeSpan, TimeSpan)[])[
            (nameof(UnknownKeyLifetime), UnknownKeyLifetime, LeastSecond, UnknownLifetimeMost),
            (nameof(UsageInterval), UsageInterval, LeastSecond, UsageIntervalMost),
            (nameof(RotationOverlap), RotationOverlap, TimeSpan.Zero, OverlapMost)])
        {
            if (value < from || value > to)
                yield return $"{SectionName}:{name} is {value:c}; allowed are {from:c} to {to:c}.";
        }
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9_]{0,22}_\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PrefixPattern();
}
