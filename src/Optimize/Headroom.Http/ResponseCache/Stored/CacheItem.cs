using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

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
internal sealed class VariantRule(string number, string[] headerNames)
{
    const int Remembered = 16;

    // Keys of header values that were seen lately, so that a hit makes no text.
    readonly VariantKey?[] keys = new VariantKey?[Remembered];

    public string Number => number;

    /// <summary>In lower case, sorted.</summary>
    public string[] HeaderNames => headerNames;

    /// <summary>The key of the variant for a request; the rule stands under one primary key only.</summary>
    public string KeyOf(ReadOnlySpan<char> primary, IHeaderDictionary request)
    {
        var hash = 0;
        foreach (var name in headerNames)
            hash = (hash * 31) + (request.TryGetValue(name, out var value) && value.Count == 1 ? string.GetHashCode(value[0], StringComparison.Ordinal) : value.Count);
        ref var slot = ref keys[(uint)hash % Remembered];
        if (Volatile.Read(ref slot) is { } known && known.IsOf(headerNames, request))
            return known.Key;
        var made = new VariantKey([.. headerNames.Select(name => request[name])], ResponseKey.OfVariant(primary.ToString(), this, request));
        Volatile.Write(ref slot, made);
        return made.Key;
    }

    sealed class VariantKey(StringValues[] values, string key)
    {
        public string Key => key;

        public bool IsOf(string[] names, IHeaderDictionary request)
        {
            for (var i = 0; i < names.Length; i++)
            {
                if (request[names[i]] != values[i])
                    return false;
            }

            return true;
        }
    }
}
