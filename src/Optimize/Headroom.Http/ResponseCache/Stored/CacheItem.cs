using System.ComponentModel;

namespace Headroom.Http.ResponseCache.Stored;

/// <summary>
/// What stands under a key of the cache: a response; or, where responses of a URL are selected by headers, which headers those are (the first step of the look-up, the second is the key of the variant).
/// </summary>
[ImmutableObject(true)]
internal sealed class CacheItem
{
    /// <summary>What a run of an endpoint gives that is not kept.</summary>
    public static readonly CacheItem Nothing = new();

    CacheItem()
    {
    }

    public CacheItem(StoredResponse response) => Response = response;

    public CacheItem(VariantRule variants) => Variants = variants;

    public StoredResponse? Response { get; }

    public VariantRule? Variants { get; }

    public long Bytes => Response?.Weight ?? 256;
}

/// <summary>
/// Which request headers select among the responses of a URL. The number is part of the variants' keys: who removes the rule has removed all of them, and one that was stored under a rule that is gone is never found.
/// </summary>
internal sealed record VariantRule(string Number, string[] HeaderNames);
