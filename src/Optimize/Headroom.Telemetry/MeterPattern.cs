namespace Headroom.Telemetry;

/// <summary>Which meters an entry of <see cref="TelemetryOptions.Meters"/> names.</summary>
internal static class MeterPattern
{
    const string Everything = "*";
    const string PrefixSuffix = ".*";

    public static bool IsValid(string? pattern)
    {
        if (string.IsNullOrEmpty(pattern) || pattern.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
            return false;
        if (pattern == Everything)
            return true;

        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        return star < 0 || (star == pattern.Length - 1 && star >= PrefixSuffix.Length && pattern.EndsWith(PrefixSuffix, StringComparison.Ordinal));
    }

    public static bool Matches(string pattern, string meter)
    {
        if (pattern == Everything)
            return true;
        if (!pattern.EndsWith(PrefixSuffix, StringComparison.Ordinal))
            return meter.Equals(pattern, StringComparison.OrdinalIgnoreCase);

        var prefix = pattern.AsSpan(0, pattern.Length - PrefixSuffix.Length);
        return meter.AsSpan().StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
            && (meter.Length == prefix.Length || meter[prefix.Length] == '.');
    }
}
