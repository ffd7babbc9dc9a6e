namespace Headroom.Http.Background;

/// <summary>The sentence for a setting that is out of bounds; nothing for one that is not.</summary>
internal static class Bounds
{
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);

    static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static IEnumerable<string> Of(string section, string name, int value, int from, int to)
    {
        if (value < from || value > to)
            yield return FormattableString.Invariant($"{section}:{name} is {value}; allowed are {from} to {to}.");
    }

    public static IEnumerable<string> Of(string section, string name, TimeSpan value, TimeSpan from)
    {
        if (value < from || value > Day)
            yield return FormattableString.Invariant($"{section}:{name} is {value}; allowed are {from} to {Day}.");
    }
}
