using System.Collections.Concurrent;
using System.Globalization;
using Headroom.Http;
using Microsoft.AspNetCore.OutputCaching;

namespace ReferenceApi.Caching;

/// <summary>What a write says to the response cache: the answers under this tag are outdated.</summary>
/// <param name="responses">Headroom's cache, null where it is not used.</param>
/// <param name="store">The framework's, null where it is not used. Without either (the feature ResponseCache is off) there is nothing to drop.</param>
internal sealed class ResponseCacheTags(IResponseCache? responses = null, IOutputCacheStore? store = null)
{
    public const string Health = "health";
    public const string Info = "info";
    public const string Settings = "settings";
    public const string Overview = "overview";
    public const string Chats = "chats";
    public const string HealthData = "health-data";
    public const string Items = "items";
    public const string Users = "users";
    public const string Events = "events";
    public const string Signals = "signals";
    public const string Messages = "messages";

    private readonly ConcurrentDictionary<string, long> generations = new(StringComparer.Ordinal);

    /// <summary>How often the tag was invalidated so far; part of the framework's cache keys, see <see cref="FrameworkCachePolicy"/>.</summary>
    public string Generation(string tag) => generations.GetValueOrDefault(tag).ToString(CultureInfo.InvariantCulture);

    /// <summary>The messages of one chat.</summary>
    public static string OfChat(long chatId) => string.Create(CultureInfo.InvariantCulture, $"chat:{chatId}");

    /// <summary>The readings of one metric.</summary>
    public static string OfMetric(string metric) => $"{HealthData}:{metric}";

    /// <summary>Call after the write is committed and before it is answered: whoever has read the answer reads the write, too. A client that goes away meanwhile does not stop it.</summary>
    public async ValueTask InvalidateAsync(params IEnumerable<string> tags)
    {
        foreach (var tag in tags)
            await InvalidateAsync(tag);
    }

    private async ValueTask InvalidateAsync(string tag)
    {
        if (responses is not null)
            await responses.PurgeTagAsync(tag, cancellation: CancellationToken.None);
        generations.AddOrUpdate(tag, 1, static (_, generation) => generation + 1);
        if (store is not null)
            await store.EvictByTagAsync(tag, CancellationToken.None);
    }
}
