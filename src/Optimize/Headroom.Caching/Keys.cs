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
    }

    static void Refuse(int length) => throw new ArgumentException(
        $"A key of {length} characters was given; allowed are 1 to {Longest}. CacheKey.For(...) shortens long ones to a hash.");
}
