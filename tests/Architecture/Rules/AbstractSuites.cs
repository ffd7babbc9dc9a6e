using System.Text.RegularExpressions;

namespace Architecture.Rules;

/// <summary>Tests of an abstract class run only through what derives from it: without that they are gone, and nothing turns red.</summary>
internal static partial class AbstractSuites
{
    public static IEnumerable<string> Violations(Repository repository)
    {
        var tests = repository.Files
            .Where(file => file.StartsWith("tests/", StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal))
            .Select(file => (File: file, Text: repository.Read(file)))
            .ToList();
        var bases = tests.SelectMany(test => Base().Matches(test.Text)).Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);

        return
            from test in tests
            where TestAttribute().IsMatch(test.Text)
            from suite in AbstractClass().Matches(test.Text)
            let name = suite.Groups["name"].Value
            where !bases.Contains(name)
            select $"{test.File}: no class derives from the abstract {name}, so its tests never run";
    }

    [GeneratedRegex(@"^\s*\[(?:Fact|Theory)\b", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TestAttribute();

    [GeneratedRegex(@"^[\w ]*\babstract (?:partial )?class (?<name>\w+)", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AbstractClass();

    [GeneratedRegex(@"\bclass\s+\w+(?:<[^>{]*>)?(?:\([^{;]*\))?\s*:\s*(?<name>\w+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Base();
}
