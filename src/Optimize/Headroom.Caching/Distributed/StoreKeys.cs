namespace Headroom.Caching.Distributed;

/// <summary>
/// The names in the store: <c>PREFIXe:{KEY}</c> an entry, <c>PREFIXk:{KEY}</c> the marker of a key, <c>PREFIXt:TAG</c> the marker of a tag, <c>PREFIXt:*</c> that of everything, <c>PREFIXl:{KEY}</c> the lease of who makes it, <c>PREFIXh</c> the history of the store
/// under which the entries were written. The braces keep what belongs to
/// a key in one slot of a Redis cluster. Other programs may delete an entry by its name, or set a marker of their own (16 bytes, the first 8 a new number above 0).
/// </summary>
internal sealed class StoreKeys(string prefix)
{
    /// <summary>The tag that stands for every entry.</summary>
    public const string AllTag = "*";

    /// <summary>What every name begins with.</summary>
    public string Prefix => prefix;

    public string History => $"{prefix}h";

    public string Entry(string key) => $"{prefix}e:{{{key}}}";

    /// <summary>The entries of keys that match, in the notation of <see cref="KeyPattern"/>.</summary>
    public string EntriesMatching(string pattern) => $"{KeyPattern.Escaped(prefix)}e:{{{pattern}}}";

    public string KeyMarker(string key) => $"{prefix}k:{{{key}}}";

    public string Lease(string key) => $"{prefix}l:{{{key}}}";

    public string TagMarker(string tag) => $"{prefix}t:{tag}";

    /// <summary>What a name in the store is about; null when it is not one of ours.</summary>
    public (StoreKeyKind Kind, string Name)? Parse(string name)
    {
        if (!name.StartsWith(prefix, StringComparison.Ordinal) || name.Length < prefix.Length + 2 || name[prefix.Length + 1] != ':')
            return null;
        var rest = name[(prefix.Length + 2)..];
        return name[prefix.Length] switch
        {
            't' => (StoreKeyKind.Tag, rest),
            'e' or 'k' when rest.Length >= 2 && rest[0] == '{' && rest[^1] == '}' => (StoreKeyKind.Key, rest[1..^1]),
            'l' when rest.Length >= 2 && rest[0] == '{' && rest[^1] == '}' => (StoreKeyKind.Lease, rest[1..^1]),
            _ => null,
        };
    }
}

internal enum StoreKeyKind
{
    Key,
    Tag,

    /// <summary>Many keys, by a pattern.</summary>
    Pattern,

    /// <summary>Somebody began or ended to make a value; no value changed.</summary>
    Lease,
}
