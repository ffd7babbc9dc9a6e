using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.OutputCaching;

namespace ReferenceApi.Caching;

/// <summary>What a write says to the response cache: the answers under this tag are outdated.</summary>
/// <param name="store">Null when the feature ResponseCache is off; then there is nothing to drop.</param>
internal sealed class ResponseCacheTags(IOutputCacheStore? store = null)
{
    public const string Health = "health";
    public const string Info = "info";
    public const string Settings = "settings";
    public const string Overview = "overview";
    public const string Chats = "chats";
    public const string HealthData = "health-data";
    public const string Items = "items";
    public const string Users = "users";

    private readonly ConcurrentDictionary<string, long> generations = new(StringComparer.Ordinal);

    /// <summary>How often the tag was invalidated so far.</summary>
    public string Generation(string tag) => generations.GetValueOrDefault(tag).ToString(CultureInfo.InvariantCulture);

    /// <summary>Call after the write is committed and before it is answered: whoever has read the answer reads the write, too. A client that goes away meanwhile does not stop it.</summary>
    public async ValueTask InvalidateAsync(string tag)
    {
        generations.AddOrUpdate(tag, 1, static (_, generation) => generation + 1);
        if (store is not null)
            await store.EvictByTagAsync(tag, CancellationToken.None);
    }
}
