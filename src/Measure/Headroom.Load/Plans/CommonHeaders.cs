namespace Headroom.Load.Plans;

/// <summary>Headers that a plan gives every request.</summary>
internal static class CommonHeaders
{
    /// <summary>The common headers that the request has not itself, then its own.</summary>
    public static List<(string Name, string Value)> Merge(IEnumerable<(string Name, string Value)> common, IReadOnlyCollection<(string Name, string Value)> own) =>
        [.. common.Where(header => !own.Any(mine => mine.Name.Equals(header.Name, StringComparison.OrdinalIgnoreCase))), .. own];

    /// <summary>Whether all variables of a header have a value: the request that logs in has no token yet, and goes without the headers that need it.</summary>
    public static bool HasValues(string text, IReadOnlySet<string> known) =>
        TextTemplate.TryParse(text, out var template, out _) && template.VariableNames.All(name => known.Contains(name) || name.Contains('.', StringComparison.Ordinal));
}
