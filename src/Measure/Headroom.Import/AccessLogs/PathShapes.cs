using System.Text.RegularExpressions;

namespace Headroom.Import.AccessLogs;

/// <summary>A path that occurred, split.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Segments">Between the slashes, without the first, empty one.</param>
/// <param name="Query">Names and values in their order; a value is null where there is no equals sign.</param>
/// <param name="Count">How often.</param>
internal sealed record LoggedPath(string Method, IReadOnlyList<string> Segments, IReadOnlyList<(string Name, string? Value)> Query, int Count);

/// <summary>Paths of one shape: what is the same in all of them, and what differs.</summary>
/// <param name="Method">Their method.</param>
/// <param name="Segments">Null where an id stands.</param>
/// <param name="QueryNames">Names of the query in their order.</param>
/// <param name="Paths">The paths.</param>
internal sealed record PathShape(string Method, IReadOnlyList<string?> Segments, IReadOnlyList<string> QueryNames, IReadOnlyList<LoggedPath> Paths)
{
    public int Count { get; } = Paths.Sum(static path => path.Count);
}

/// <summary>
/// Finds the templates behind paths. A segment is an id when it looks like one (a number, a UUID, a hash, an e-mail address, a date), or when so many different texts stand at its place that they cannot be names of resources.
/// Pure: the same paths give the same shapes.
/// </summary>
internal static partial class PathShapes
{
    // More siblings than this no API gives names to.
    private const int NamesMost = 50;

    // Of fewer siblings, at least so many, each seen about once.
    private const int RareNames = 12;

    // A sibling with this share of all is a name even among ids: /users/me.
    private const double ShareOfName = 0.05;

    public static IReadOnlyList<PathShape> Of(IReadOnlyList<LoggedPath> paths)
    {
        var shapes = new List<PathShape>();
        foreach (var group in paths.GroupBy(static path => (path.Method, path.Segments.Count)))
            Split([.. group], [], shapes);
        return shapes;
    }

    // Depth by depth, so that what stands behind an id is counted over all ids.
    private static void Split(List<LoggedPath> paths, List<string?> prefix, List<PathShape> shapes)
    {
        var depth = prefix.Count;
        if (depth == paths[0].Segments.Count)
        {
            foreach (var group in paths.GroupBy(static path => string.Join('&', path.Query.Select(static pair => pair.Name))))
                shapes.Add(new PathShape(paths[0].Method, prefix, [.. group.First().Query.Select(static pair => pair.Name)], [.. group]));
            return;
        }

        var total = paths.Sum(static path => path.Count);
        var names = paths.Where(path => !LooksLikeAnId(path.Segments[depth])).GroupBy(path => path.Segments[depth]).Select(static group => (Name: group.Key, Count: group.Sum(static path => path.Count))).ToList();
        var manyNames = names.Count > NamesMost || (names.Count >= RareNames && names.Sum(static name => name.Count) < names.Count * 2);
        var kept = names.Where(name => !manyNames || name.Count >= total * ShareOfName).Select(static name => name.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var group in paths.GroupBy(path => kept.Contains(path.Segments[depth]) ? path.Segments[depth] : null))
            Split([.. group], [.. prefix, group.Key], shapes);
    }

    private static bool LooksLikeAnId(string segment) => segment.Length is > 0 and < 512 && Id().IsMatch(segment);

    [GeneratedRegex(
        @"\A(?:-?\d+(?:[.,]\d+)*|[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|(?=[^g-z]*\d)[0-9a-f]{8,}|(?=.*\d)[A-Za-z0-9_-]{16,}|[^@/]+(?:@|%40)[^@/]+|\d{4}-\d\d(?:-\d\d)?.*|[A-Za-z]{1,6}[_-]?\d{2,})\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Id();
}
