namespace Headroom.Caching;

/// <summary>What a tag may be.</summary>
internal static class CacheTags
{
    public const string All = "*";
    public const int Longest = 1_024;

    public static void Check(string tag)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        if (tag == All)
            throw new ArgumentException("The tag '*' stands for every entry and is not given to one; it may only be removed.", nameof(tag));
        if (tag.Length > Longest)
            throw new ArgumentException($"A tag of {tag.Length} characters was given; allowed are 1 to {Longest}.", nameof(tag));
        if (Keys.HasLoneSurrogate(tag))
            throw new ArgumentException("A tag with half of a surrogate pair was given; allowed is text that can be encoded as UTF-8.", nameof(tag));
    }

    /// <summary>Each once, checked.</summary>
    public static string[] Checked(IEnumerable<string>? tags)
    {
        if (tags is null)
            return [];
        string[] names = [.. tags.Distinct(StringComparer.Ordinal)];
        foreach (var name in names)
            Check(name);
        return names;
    }
}
