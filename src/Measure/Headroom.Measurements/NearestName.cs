using System.Globalization;

namespace Headroom.Measurements;

/// <summary>Finds what a person probably meant by a misspelt word: the name the fewest edits away. Every program here that refuses a word uses it.</summary>
public static class NearestName
{
    /// <returns><c>; did you mean 'p95'?</c>, or nothing when no name is near.</returns>
    public static string Hint(string found, IEnumerable<string> names) =>
        Find(found, names) is { } nearest ? $"; did you mean '{nearest}'?" : "";

    /// <returns>The nearest name, at most two edits away (one for names of up to three letters), or null.</returns>
    public static string? Find(string found, IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(found);
        return names
            .Select(name => (Name: name, Edits: EditDistance(found, name)))
            .Where(candidate => candidate.Edits <= (Math.Max(found.Length, candidate.Name.Length) <= 3 ? 1 : 2))
            .OrderBy(candidate => candidate.Edits)
            .ThenBy(candidate => NumericDistance(found, candidate.Name))
            .Select(candidate => candidate.Name)
            .FirstOrDefault();
    }

    /// <summary>Levenshtein's: insertions, deletions and substitutions, ignoring case.</summary>
    internal static int EditDistance(string left, string right)
    {
        var previous = Enumerable.Range(0, right.Length + 1).ToArray();
        var current = new int[right.Length + 1];
        for (var i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var substitution = char.ToUpperInvariant(left[i - 1]) == char.ToUpperInvariant(right[j - 1]) ? 0 : 1;
                current[j] = Math.Min(Math.Min(previous[j] + 1, current[j - 1] + 1), previous[j - 1] + substitution);
            }

            (previous, current) = (current, previous);
        }

        return previous[right.Length];
    }

    /// <summary>Among equally near percentiles the nearest number: p96 is rather p95 than p99.</summary>
    private static double NumericDistance(string left, string right) =>
        PercentileOf(left) is { } a && PercentileOf(right) is { } b ? Math.Abs(a - b) : double.MaxValue;

    private static double? PercentileOf(string name) =>
        name.Length > 1 && name[0] is 'p' or 'P'
        && double.TryParse(name.AsSpan(1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
