namespace ReferenceApi.Tests.Harness;

/// <summary>What a response says of the cache, whichever it was.</summary>
internal static class CacheStatus
{
    public static bool IsHit(HttpResponseMessage response) => Of(response)?.StartsWith("Headroom; hit", StringComparison.Ordinal) == true;

    public static bool IsMiss(HttpResponseMessage response) => Of(response)?.StartsWith("Headroom; fwd=", StringComparison.Ordinal) == true;

    private static string? Of(HttpResponseMessage response) => response.Headers.TryGetValues("Cache-Status", out var values) ? Assert.Single(values) : null;
}
