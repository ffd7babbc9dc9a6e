namespace Headroom.Import.Har;

/// <summary>Header fields that a browser adds for itself and that say nothing to an API.</summary>
internal static class BrowserHeaders
{
    private static readonly string[] Names =
    [
        "host", "connection", "keep-alive", "proxy-connection", "content-length", "transfer-encoding", "te", "upgrade", "upgrade-insecure-requests", "priority", "dnt", "user-agent",
        "referer", "origin", "accept-language", "if-none-match", "if-modified-since", "if-range", "cache-control", "pragma", "purpose", "save-data", "alt-used", "expect",
    ];

    public static bool AreNoise(string name) =>
        Names.Contains(name, StringComparer.OrdinalIgnoreCase) || name.StartsWith("sec-", StringComparison.OrdinalIgnoreCase) || name.StartsWith(':');
}
