namespace Headroom.Caching;

/// <summary>What a key may be.</summary>
internal static class Keys
{
    public const int Longest = 4_096;

    public static string Checked(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Check(key);
        return key;
    }

    public static void Check(ReadOnlySpan<char> key)
    {
        if (key.Length is 0 or > Longest)
            Refuse(key.Length);
        if (HasLoneSurrogate(key))
            RefuseSurrogate();
    }

    /// <summary>Text that no encoding can write: all such halves would be one and the same character in a store, and different keys one key.</summary>
    public static bool HasLoneSurrogate(ReadOnlySpan<char> text)
    {
        var at = text.IndexOfAnyInRange('\uD800', '\uDFFF');
        while (at >= 0)
        {
            if (!char.IsHighSurrogate(text[at]) || at + 1 == text.Length || !char.IsLowSurrogate(text[at + 1]))
                return true;
            text = text[(at + 2)..];
            at = text.IndexOfAnyInRange('\uD800', '\uDFFF');
        }

        return false;
    }

    static void RefuseSurrogate() => throw new ArgumentException(
        "A key with half of a surrogate pair was given; allowed is text that can be encoded as UTF-8. CacheKey.For(...) escapes it.");

    static void Refuse(int length) => throw new ArgumentException(
        $"A key of {length} characters was given; allowed are 1 to {Longest}. CacheKey.For(...) shortens long ones to a hash.");
}
