namespace Headroom.Redis.Configuration;

/// <summary>What somebody may have meant by the name of a setting that does not exist.</summary>
internal static class SettingNames
{
    /// <returns><c>; did you mean 'password'?</c>, or a full stop when no name is within a third of its letters, by Levenshtein's distance.</returns>
    public static string Hint(string found, IEnumerable<string> names)
    {
        var nearest = names.Select(name => (Name: name, Edits: Distance(found.ToUpperInvariant(), name.ToUpperInvariant()))).MinBy(candidate => candidate.Edits);
        return nearest.Edits <= Math.Max(1, nearest.Name.Length / 3) ? $"; did you mean '{nearest.Name}'?" : ".";
    }

    static int Distance(string left, string right)
    {
        var above = Enumerable.Range(0, right.Length + 1).ToArray();
        foreach (var letter in left)
        {
            var diagonal = above[0]++;
            for (var column = 1; column <= right.Length; column++)
            {
                var substituted = diagonal + (letter == right[column - 1] ? 0 : 1);
                diagonal = above[column];
                above[column] = Math.Min(substituted, Math.Min(above[column], above[column - 1]) + 1);
            }
        }

        return above[^1];
    }
}
