using System.Globalization;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Headroom.Http.ResponseCache.Rules;

/// <summary>
/// The directives of <c>Cache-Control</c> (RFC 9111 §5.2), of a request or a response, with those of RFC 5861 and RFC 8246. Where the field leaves a doubt, the reading that keeps less is taken: a time
/// that cannot be read is 0, of two different times the smaller one counts, a directive with an argument that it does not take counts as without.
/// </summary>
internal sealed class CacheControl
{
    /// <summary>RFC 9111 §1.2.2: a larger number of seconds is this one.</summary>
    public const long SecondsMost = 2_147_483_648;

    public static readonly CacheControl None = new();

    CacheControl()
    {
    }

    /// <summary>Some directive was there, known or not.</summary>
    public bool IsPresent { get; private set; }

    public bool NoStore { get; private set; }

    /// <summary>Without field names; with them see <see cref="NoCacheFields"/>.</summary>
    public bool NoCache { get; private set; }

    /// <summary>Without field names; with them see <see cref="PrivateFields"/>.</summary>
    public bool Private { get; private set; }

    public bool Public { get; private set; }

    public bool MustRevalidate { get; private set; }

    public bool ProxyRevalidate { get; private set; }

    public bool MustUnderstand { get; private set; }

    public bool NoTransform { get; private set; }

    public bool Immutable { get; private set; }

    public bool OnlyIfCached { get; private set; }

    /// <summary>Seconds; null: not said.</summary>
    public long? MaxAge { get; private set; }

    public long? SharedMaxAge { get; private set; }

    public long? MinFresh { get; private set; }

    /// <summary>Without an argument: <see cref="SecondsMost"/>.</summary>
    public long? MaxStale { get; private set; }

    public long? StaleWhileRevalidate { get; private set; }

    public long? StaleIfError { get; private set; }

    public string[] NoCacheFields { get; private set; } = [];

    public string[] PrivateFields { get; private set; } = [];

    /// <summary>Reads the lines of a <c>Cache-Control</c> field.</summary>
    public static CacheControl Parse(StringValues lines)
    {
        if (lines.Count == 0)
            return None;
        var parsed = new CacheControl();
        foreach (var member in new FieldList(lines))
        {
            var equals = member.IndexOf('=');
            parsed.Add(equals < 0 ? member : member[..equals], equals < 0 ? null : member[(equals + 1)..].ToString());
        }

        return parsed;
    }

    /// <summary>
    /// Reads a targeted field (RFC 9213 §2.1), a structured dictionary; null if it is none, or says nothing: it is then as if it were not there.
    /// </summary>
    public static CacheControl? ParseTargeted(StringValues lines)
    {
        if (lines.Count == 0 || !StructuredDictionary.TryParse(lines, out var members) || members.Count == 0)
            return null;
        var parsed = new CacheControl();
        foreach (var (name, value) in members)
        {
            var takesSeconds = name is "max-age" or "s-maxage" or "stale-while-revalidate" or "stale-if-error";

            // "max-age" with anything but an integer is of the wrong type: the whole field is ignored (§2.1).
            if (takesSeconds && value is not long)
                return null;
            if (value is not false)
                parsed.Add(name, value is long seconds ? seconds.ToString(CultureInfo.InvariantCulture) : value is string text ? $"\"{text}\"" : null);
        }

        return parsed;
    }

    void Add(ReadOnlySpan<char> name, string? argument)
    {
        IsPresent = true;
        Span<char> lower = stackalloc char[32];
        var trimmed = name.TrimEnd(" \t");
        if (trimmed.Length > lower.Length)
            return;

        // White space around '=' is no syntax: the argument cannot be relied on.
        if (trimmed.Length != name.Length)
            argument = "?";
        lower = lower[..trimmed.ToLowerInvariant(lower)];
        switch (lower)
        {
            case "no-store": NoStore = true; break;
            case "no-cache" when Fields(argument) is { } fields: NoCacheFields = [.. NoCacheFields, .. fields]; break;
            case "no-cache": NoCache = true; break;
            case "private" when Fields(argument) is { } fields: PrivateFields = [.. PrivateFields, .. fields]; break;
            case "private": Private = true; break;
            case "public": Public = true; break;
            case "must-revalidate": MustRevalidate = true; break;
            case "proxy-revalidate": ProxyRevalidate = true; break;
            case "must-understand": MustUnderstand = true; break;
            case "no-transform": NoTransform = true; break;
            case "immutable": Immutable = true; break;
            case "only-if-cached": OnlyIfCached = true; break;
            case "max-age": MaxAge = Least(MaxAge, argument); break;
            case "s-maxage": SharedMaxAge = Least(SharedMaxAge, argument); break;
            case "min-fresh": MinFresh = Math.Max(MinFresh ?? 0, Seconds(argument) ?? 0); break;
            case "max-stale": MaxStale = argument is null ? MaxStale ?? SecondsMost : Least(MaxStale, argument); break;
            case "stale-while-revalidate": StaleWhileRevalidate = Least(StaleWhileRevalidate, argument); break;
            case "stale-if-error": StaleIfError = Least(StaleIfError, argument); break;
        }
    }

    static long Least(long? before, string? argument)
    {
        var seconds = Seconds(argument) ?? 0;
        return before < seconds ? before.Value : seconds;
    }

    /// <summary>A number of seconds as a token or, what a recipient ought to take too (§5.2), as a quoted string.</summary>
    public static long? Seconds(ReadOnlySpan<char> text)
    {
        if (text.Length >= 2 && text[0] == '"' && text[^1] == '"')
            text = text[1..^1];
        if (text.IsEmpty)
            return null;
        long seconds = 0;
        foreach (var digit in text)
        {
            if (!char.IsAsciiDigit(digit))
                return null;
            seconds = Math.Min(SecondsMost, seconds * 10 + (digit - '0'));
        }

        return seconds;
    }

    // Names in a quoted string, or one as a token; null: no name, so the directive is about the whole response.
    static string[]? Fields(string? argument)
    {
        if (string.IsNullOrEmpty(argument) || argument == "?")
            return null;
        var text = argument[0] == '"' ? Unquoted(argument) : argument;
        string[] names = [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        return names.Length == 0 ? null : names;
    }

    static string Unquoted(string quoted)
    {
        var text = new StringBuilder(quoted.Length);
        for (var i = 1; i < quoted.Length && quoted[i] != '"'; i++)
        {
            if (quoted[i] == '\\' && i + 1 < quoted.Length)
                i++;
            text.Append(quoted[i]);
        }

        return text.ToString();
    }
}
