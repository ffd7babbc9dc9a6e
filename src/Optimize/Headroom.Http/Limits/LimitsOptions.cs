using Headroom.Http.Configuration;

namespace Headroom.Http;

/// <summary>
/// What a request may take. Bound from the configuration section <c>Headroom:Limits</c>; code given to <see cref="LimitsExtensions.AddHeadroomLimits"/> runs after it. Wrong values stop the application at
/// start-up, all of them in one message. See docs/limits.md.
/// </summary>
public sealed class LimitsOptions : ISectionOptions
{
    /// <summary>The configuration section that these options are bound from.</summary>
    public const string SectionName = "Headroom:Limits";

    internal static readonly TimeSpan TimeoutLeast = TimeSpan.FromMilliseconds(1);
    internal static readonly TimeSpan TimeoutMost = TimeSpan.FromDays(1);

    /// <summary>False: there are no limits of time and body, and Kestrel's stay as they are. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How long a request may take until its answer begins; then its handler's token is cancelled; null for ever. Default 30 s, from 1 ms to 1 day. An endpoint's <see cref="LimitsExtensions.Timeout"/> or the framework's <c>[RequestTimeout]</c> or <c>WithRequestTimeout</c> counts instead, and for all of the answer.</summary>
    public TimeSpan? Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes that a request's body may have, as sent, and decoded by <c>UseHeadroomCompression</c>. Default 10,000,000, from 0 to 1,099,511,627,776. An endpoint's <c>[RequestSizeLimit]</c> counts instead.</summary>
    public long MaxBodyBytes { get; set; } = 10_000_000;

    /// <summary>Bytes of a request line: method, path and query, version; longer ones are answered with 414. Default 8,192, from 64 to 1,048,576.</summary>
    public int MaxRequestLineBytes { get; set; } = 8192;

    /// <summary>Bytes of all header fields; more are answered with 431. Default 32,768, from 256 to 1,048,576.</summary>
    public int MaxHeaderBytes { get; set; } = 32_768;

    /// <summary>How many header fields; more are answered with 431. Default 100, from 1 to 10,000.</summary>
    public int MaxHeaderCount { get; set; } = 100;

    /// <summary>How long the header fields may take to arrive, from the first byte on; a client that takes longer is answered with 408. Default 15 s, from 100 ms to 10 minutes.</summary>
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(15);

    static string ISectionOptions.Section => SectionName;

    List<string> ISectionOptions.BindingErrors { get; } = [];

    IEnumerable<string> ISectionOptions.Errors()
    {
        if (Timeout < TimeoutLeast || Timeout > TimeoutMost)
            yield return $"{SectionName}:{nameof(Timeout)} is {Timeout:c}; allowed are {TimeoutLeast:c} to {TimeoutMost:c}, or nothing for no timeout.";
        if (MaxBodyBytes is < 0 or > CompressionOptions.DecodedBytesMost)
            yield return FormattableString.Invariant($"{SectionName}:{nameof(MaxBodyBytes)} is {MaxBodyBytes}; allowed are 0 to {CompressionOptions.DecodedBytesMost}.");
        if (MaxRequestLineBytes is < 64 or > 1024 * 1024)
            yield return FormattableString.Invariant($"{SectionName}:{nameof(MaxRequestLineBytes)} is {MaxRequestLineBytes}; allowed are 64 to 1048576.");
        if (MaxHeaderBytes is < 256 or > 1024 * 1024)
            yield return FormattableString.Invariant($"{SectionName}:{nameof(MaxHeaderBytes)} is {MaxHeaderBytes}; allowed are 256 to 1048576.");
        if (MaxHeaderCount is < 1 or > 10_000)
            yield return FormattableString.Invariant($"{SectionName}:{nameof(MaxHeaderCount)} is {MaxHeaderCount}; allowed are 1 to 10000.");
        if (HeadersTimeout < TimeSpan.FromMilliseconds(100) || HeadersTimeout > TimeSpan.FromMinutes(10))
            yield return $"{SectionName}:{nameof(HeadersTimeout)} is {HeadersTimeout:c}; allowed are 00:00:00.1000000 to 00:10:00.";
    }
}
