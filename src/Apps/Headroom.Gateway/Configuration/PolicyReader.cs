using System.Globalization;
using Headroom.Http;
using Headroom.Measurements;
using YamlDotNet.RepresentationModel;

namespace Headroom.Gateway.Configuration;

/// <summary>Policies of Headroom.Http for a route's endpoint; null where nothing is said.</summary>
internal sealed record PolicyMetadata(object? Cache, object? Compression)
{
    public IReadOnlyList<object> ToList() => [.. new[] { Cache, Compression }.OfType<object>()];
}

/// <summary>Reads <c>cache</c> and <c>compression</c> of the top of gateway.yaml or of a route. What is said below takes the place of the whole of what is said above.</summary>
internal static class PolicyReader
{
    private const int LabelLettersMax = 1024;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    public static PolicyMetadata Read(SettingsMap map, PolicyMetadata above, SettingsProblems problems) => new(
        ReadCache(map, problems) ?? above.Cache,
        map.Flag("compression") is { } compressed ? new CompressionAttribute(compressed) : above.Compression);

    private static object? ReadCache(SettingsMap map, SettingsProblems problems)
    {
        switch (map.Value("cache"))
        {
            case null:
                return null;
            case YamlScalarNode:
                return map.Flag("cache") is { } on ? (on ? ByTheirFields() : ResponseCacheExtensions.WithoutResponseCacheMetadata()) : null;
        }

        if (map.Map("cache") is not { } cache)
            return null;
        var lifetime = cache.Duration("for", Second, Longest);
        var statuses = ReadStatuses(cache, problems);
        var (whileRevalidate, ifError) = (cache.Duration("staleWhileRevalidate", TimeSpan.Zero, Longest), cache.Duration("staleIfError", TimeSpan.Zero, Longest));
        var (tags, headers, query) = (Labels(cache, "tags", problems), Labels(cache, "varyByHeader", problems), Labels(cache, "varyByQuery", problems));
        var (shared, anyHost) = (cache.Flag("shareAuthorized"), cache.Flag("ignoreHost"));
        var honours = cache.Flag("honourRequest") ?? lifetime is null;
        cache.RefuseUnknown();
        return ResponseCacheExtensions.ResponseCacheMetadata(policy =>
        {
            if (lifetime is { } fresh)
                policy.For(fresh);
            foreach (var (status, time) in statuses)
                policy.ForStatus(status, time);
            if (whileRevalidate is { } revalidate)
                policy.StaleWhileRevalidate(revalidate);
            if (ifError is { } error)
                policy.StaleIfError(error);
            policy.Tag(tags ?? []);
            policy.VaryByHeader(headers ?? []);
            if (query is not null)
                policy.VaryByQuery(query);
            if (shared == true)
                policy.ShareAuthorized();
            if (anyHost == true)
                policy.IgnoreHost();
            if (honours)
                policy.HonourRequestDirectives();
        });
    }

    private static object ByTheirFields() => ResponseCacheExtensions.ResponseCacheMetadata(policy => policy.HonourRequestDirectives());

    private static List<(int Status, TimeSpan Time)> ReadStatuses(SettingsMap cache, SettingsProblems problems)
    {
        var statuses = new List<(int, TimeSpan)>();
        if (cache.Map("statuses") is not { } map)
            return statuses;
        foreach (var (name, node) in map.Names())
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var status) || status is < 200 or > 599 or 206 or 304)
                problems.Add(node, $"'{name}' is not a status that can be stored; write 200 to 599, but 206 and 304, such as 404: 10s");
            else if (map.Duration(name, Second, Longest) is { } time)
                statuses.Add((status, time));
        }

        return statuses;
    }

    private static string[]? Labels(SettingsMap cache, string key, SettingsProblems problems)
    {
        if (cache.Texts(key) is not { } texts)
            return null;
        foreach (var (text, node) in texts)
        {
            if (text.Length > LabelLettersMax || text == "*" || text.AsSpan().ContainsAny('\r', '\n'))
                problems.Add(node, $"'{key}' has '{text[..Math.Min(text.Length, 40)]}'; write 1 to {LabelLettersMax} letters without line breaks, and not *");
        }

        return problems.Count > 0 ? [] : [.. texts.Select(entry => entry.Text)];
    }
}
