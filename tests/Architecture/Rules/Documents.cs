using System.Text.RegularExpressions;

namespace Architecture.Rules;

/// <summary>What the sources and the documents point to exists: pages of findings, pages of docs, files behind links.</summary>
internal static partial class Documents
{
    public static IEnumerable<string> Violations(Repository repository) =>
        FindingsWithoutPage(repository).Concat(PagesWithoutFinding(repository)).Concat(BrokenReferences(repository)).Concat(BrokenLinks(repository));

    private static IEnumerable<string> FindingsWithoutPage(Repository repository) =>
        Sources(repository)
            .SelectMany(file => FindingCode().Matches(repository.Read(file)).Select(match => (file, Code: match.Groups["code"].Value)))
            .Where(finding => !repository.Has($"docs/findings/{finding.Code}.md"))
            .Select(finding => $"{finding.file}: the finding '{finding.Code}' has no page docs/findings/{finding.Code}.md");

    private static IEnumerable<string> PagesWithoutFinding(Repository repository)
    {
        var sources = Sources(repository).Select(repository.Read).ToList();
        return repository.Files
            .Where(file => file.StartsWith("docs/findings/", StringComparison.Ordinal) && Path.GetFileName(file) is not "README.md")
            .Where(page => !sources.Exists(source => source.Contains($"\"{Path.GetFileNameWithoutExtension(page)}\"", StringComparison.Ordinal)))
            .Select(page => $"{page}: no source has the finding '{Path.GetFileNameWithoutExtension(page)}'");
    }

    private static IEnumerable<string> BrokenReferences(Repository repository) =>
        Sources(repository)
            .SelectMany(file => DocsPath().Matches(repository.Read(file)).Select(match => (file, Path: match.Value)))
            .Where(reference => !repository.Has(reference.Path))
            .Select(reference => $"{reference.file}: there is no {reference.Path}")
            .Distinct(StringComparer.Ordinal);

    private static IEnumerable<string> BrokenLinks(Repository repository) =>
        from file in repository.Files
        where file.EndsWith(".md", StringComparison.Ordinal) && !file.StartsWith("tests/", StringComparison.Ordinal)
        from Match link in MarkdownLink().Matches(repository.Read(file))
        let target = link.Groups["target"].Value
        where !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith('#') && !target.StartsWith("mailto:", StringComparison.Ordinal)
        let path = Path.Combine(Path.GetDirectoryName(file)!, target.Split('#')[0])
        where !repository.Has(path) && !Directory.Exists(repository.FullPath(path))
        select $"{file}: the link to '{target}' leads nowhere";

    private static IEnumerable<string> Sources(Repository repository) =>
        repository.Files.Where(file => file.StartsWith("src/", StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal));

    /// <summary><c>Code = "generator-saturated"</c> of a Finding; kebab-case tells it from other properties of that name.</summary>
    [GeneratedRegex("""\bCode\s*[=:]\s*"(?<code>[a-z0-9]+(-[a-z0-9]+)+)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FindingCode();

    [GeneratedRegex(@"(?<![\w/.])docs/[A-Za-z0-9/_.-]+\.(md|json)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DocsPath();

    [GeneratedRegex(@"(?<!`)\[[^\]\n]*\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MarkdownLink();
}
