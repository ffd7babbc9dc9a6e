using System.Globalization;
using Headroom.Redis;
using YamlDotNet.RepresentationModel;

namespace Headroom.Gateway.Configuration;

/// <summary>Reads what is for all routes and only at the start: <c>store</c>, <c>redis</c> and <c>purge</c>.</summary>
internal static class FeatureReader
{
    private const int TokenLettersMin = 16;
    private const string PurgePath = "/.headroom/purge";
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    public static PurgeSettings? ReadPurge(SettingsMap top, SettingsProblems problems)
    {
        if (top.Map("purge") is not { } map)
            return null;
        var path = map.Text("path") ?? PurgePath;
        if (!path.StartsWith('/'))
            problems.Add(map.Value("path")!, $"'path' is '{path}'; write a path that begins with a slash, such as {PurgePath}");
        var token = ReadSecret(map, "tokenFile", "tokenEnvironment", problems);
        map.RefuseUnknown();
        if (token is null)
            return null;
        if (token.Length < TokenLettersMin)
            problems.Add(map.Node, $"the token of 'purge' has {token.Length} letters; use at least {TokenLettersMin}, for example of: openssl rand -hex 32");
        return new PurgeSettings(path, token);
    }

    public static IReadOnlyDictionary<string, string?> ReadStore(SettingsMap top)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        if (top.Map("store") is not { } store)
            return settings;
        Set("MaxBytes", store.Bytes("bytes", 64 * 1024, 1L << 46));
        Set("BodyBytesMax", store.Bytes("bodyBytes", 1, 1L << 30));
        Set("HeuristicFreshnessMax", store.Duration("heuristicMax", TimeSpan.Zero, Year));
        Set("StaleWhileRevalidate", store.Duration("staleWhileRevalidate", TimeSpan.Zero, Year));
        Set("StaleIfError", store.Duration("staleIfError", TimeSpan.Zero, Year));
        SetText("HonourRequestDirectives", store.Flag("honourRequest")?.ToString());
        SetText("Debug", store.Flag("debug")?.ToString());
        store.RefuseUnknown();
        return settings;

        void Set(string name, IFormattable? value) => SetText(name, value?.ToString(null, CultureInfo.InvariantCulture));

        void SetText(string name, string? value)
        {
            if (value is not null)
                settings["Headroom:ResponseCache:" + name] = value;
        }
    }

    public static string? ReadRedis(SettingsMap top, SettingsProblems problems)
    {
        var node = top.Value("redis");
        var text = node switch
        {
            null => null,
            YamlScalarNode => top.Text("redis"),
            _ => top.Map("redis") is { } map ? ReadConnection(map, problems) : null,
        };
        if (text is null)
            return null;
        try
        {
            RedisOptions.Parse(text);
        }
        catch (RedisOptionsException e)
        {
            problems.Add(node!, $"'redis' is no connection string: {e.Message}");
        }

        return text;
    }

    private static string? ReadConnection(SettingsMap map, SettingsProblems problems)
    {
        var secret = ReadSecret(map, "file", "environment", problems);
        map.RefuseUnknown();
        return secret;
    }

    /// <summary>Secrets are not in the file itself: it is read by many, printed and kept in repositories.</summary>
    private static string? ReadSecret(SettingsMap map, string fileKey, string environmentKey, SettingsProblems problems)
    {
        var (file, name) = (map.Text(fileKey), map.Text(environmentKey));
        if ((file is null) == (name is null))
        {
            problems.Add(map.Node, $"write one of '{fileKey}' and '{environmentKey}'");
            return null;
        }

        if (name is not null)
        {
            var value = Environment.GetEnvironmentVariable(name);
            if (string.IsNullOrEmpty(value))
                problems.Add(map.Value(environmentKey)!, $"environment variable '{name}' is not set; set it, or write {fileKey}");
            return value;
        }

        try
        {
            return File.ReadAllText(file!).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            problems.Add(map.Value(fileKey)!, $"'{fileKey}' cannot be read: {e.Message}");
            return null;
        }
    }
}
