namespace Headroom.Telemetry.Collection;

/// <summary>
/// Equality of tags regardless of their order. The hash of the values is the runtime's keyed one, so that values chosen by an attacker cannot be
/// made to collide; keys are constants of the program and get a cheaper one.
/// </summary>
internal static class TagSet
{
    public static int Hash(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        // A sum, because the order must not matter.
        uint sum = 0;
        foreach (ref readonly var tag in tags)
        {
            var key = tag.Key;
            var keyHash = string.IsNullOrEmpty(key) ? 0u : ((uint)key.Length << 16) + ((uint)key[^1] << 8) + key[0];
            var mixed = ((uint)(tag.Value?.GetHashCode() ?? 0) + keyHash) * 0x9E3779B1u;
            sum += mixed ^ (mixed >> 15);
        }

        return (int)(sum ^ (sum >> 16));
    }

    public static bool Same(KeyValuePair<string, object?>[] known, ReadOnlySpan<KeyValuePair<string, object?>> given)
    {
        if (known.Length != given.Length)
            return false;

        for (var i = 0; i < known.Length; i++)
        {
            if (!SameTag(known[i], given[i]))
                return SameInAnyOrder(known, given);
        }

        return true;
    }

    /// <summary>Whether the values may be kept as keys: comparable by value, immutable and not large.</summary>
    public static bool CanBeKept(ReadOnlySpan<KeyValuePair<string, object?>> tags, int maxLength)
    {
        for (var i = 0; i < tags.Length; i++)
        {
            var (key, value) = tags[i];
            if (key is null || key.Length > maxLength)
                return false;
            // With a repeated key the order matters (the last one counts), which a table regardless of order cannot tell.
            for (var other = 0; other < i; other++)
            {
                if (tags[other].Key == key)
                    return false;
            }

            var kept = value switch
            {
                null => true,
                string text => text.Length <= maxLength,
                Enum => true,
                _ => Type.GetTypeCode(value.GetType()) is not (TypeCode.Object or TypeCode.DBNull or TypeCode.Empty),
            };
            if (!kept)
                return false;
        }

        return true;
    }

    static bool SameInAnyOrder(KeyValuePair<string, object?>[] known, ReadOnlySpan<KeyValuePair<string, object?>> given)
    {
        foreach (ref readonly var tag in given)
        {
            var found = false;
            foreach (ref readonly var candidate in known.AsSpan())
                found |= SameTag(candidate, tag);
            if (!found)
                return false;
        }

        // Known tags have no repeated key, so equal length and every given tag found means equal, unless a given tag is repeated.
        return !HasRepeatedKey(given);
    }

    static bool HasRepeatedKey(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        for (var i = 1; i < tags.Length; i++)
        {
            for (var other = 0; other < i; other++)
            {
                if (tags[other].Key == tags[i].Key)
                    return true;
            }
        }

        return false;
    }

    static bool SameTag(in KeyValuePair<string, object?> a, in KeyValuePair<string, object?> b) =>
        a.Key == b.Key && (ReferenceEquals(a.Value, b.Value) || (a.Value is not null && a.Value.Equals(b.Value)));
}
