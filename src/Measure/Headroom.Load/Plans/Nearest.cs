namespace Headroom.Load.Plans;

/// <summary>Finds what was probably meant by a misspelt word.</summary>
public static class Nearest
{
    /// <summary><c>; did you mean 'x'?</c> where a candidate is near enough, else empty.</summary>
    public static string Hint(string word, IEnumerable<string> candidates) =>
        Find(word, candidates) is { } nearest ? $"; did you mean '{nearest}'?" : "";

    /// <summary>The candidate with the fewest edits, at most a third of the word's length (and at least 1, at most 3 edits); null when there is none.</summary>
    public static string? Find(string word, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(word);
        var limit = Math.Clamp(word.Length / 3, 1, 3);
        return candidates.Select(candidate => (candidate, edits: Edits(word.ToLowerInvariant(), candidate.ToLowerInvariant())))
            .Where(entry => entry.edits <= limit)
            .OrderBy(entry => entry.edits)
            .Select(entry => entry.candidate)
            .FirstOrDefault();
    }

    /// <summary>Damerau–Levenshtein distance, optimal string alignment: a swap of neighbours is one edit.</summary>
    private static int Edits(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var replace = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(replace, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }

        return rows[a.Length, b.Length];
    }
}
