using System.Text.Json;
using System.Xml.Linq;

namespace Architecture.Rules;

/// <summary>Nothing is left out: projects in the solution, tests for each project, lock files, used and explained packages.</summary>
internal static class SolutionContents
{
    private const string Reasons = "docs/decisions/dependencies.md";

    public static IEnumerable<string> Violations(Repository repository) =>
        MissingFromSolution(repository).Concat(WithoutTests(repository)).Concat(LockFiles(repository)).Concat(Packages(repository));

    private static IEnumerable<string> MissingFromSolution(Repository repository)
    {
        var solution = XDocument.Parse(repository.Read("Headroom.slnx"));
        var listed = solution.Descendants("Project").Select(project => (string)project.Attribute("Path")!).ToHashSet(StringComparer.Ordinal);
        return repository.Projects.Where(project => !listed.Contains(project.File)).Select(project => $"{project.File} is not in Headroom.slnx")
            .Concat(listed.Where(path => !repository.Has(path)).Select(path => $"Headroom.slnx names {path}, which does not exist"));
    }

    private static IEnumerable<string> WithoutTests(Repository repository) =>
        from project in repository.Projects
        where project.Area.StartsWith("src/", StringComparison.Ordinal) || project.Area == "samples"
        let tests = $"tests/{project.Name}.Tests/"
        where !repository.Files.Any(file => file.StartsWith(tests, StringComparison.Ordinal) && file.EndsWith("Tests.cs", StringComparison.Ordinal))
        select $"{project.File} has no tests in {tests}";

    private static IEnumerable<string> LockFiles(Repository repository)
    {
        foreach (var project in repository.Projects)
        {
            var file = LockFile(project);
            if (!repository.Has(file))
                yield return $"{file} is missing: build the project and commit it, so that every restore brings the same packages";
            else if (repository.Read(file).Contains("://", StringComparison.Ordinal))
                yield return $"{file} names an address; a lock file names packages, wherever they come from";
        }
    }

    /// <summary>A version counts as used when a lock file resolved it, directly or pinned for a dependency of a dependency.</summary>
    private static IEnumerable<string> Packages(Repository repository)
    {
        var versions = XDocument.Parse(repository.Read("Directory.Packages.props")).Descendants("PackageVersion").Select(element => (string)element.Attribute("Include")!).ToList();
        var used = repository.Projects.Select(LockFile).Where(repository.Has).SelectMany(file => Locked(repository.Read(file))).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var reasons = repository.Has(Reasons) ? repository.Read(Reasons) : "";
        foreach (var package in versions)
        {
            if (!used.Contains(package))
                yield return $"Directory.Packages.props: no project uses {package}; take it out";
            if (!reasons.Contains($"`{package}`", StringComparison.Ordinal))
                yield return $"{Reasons} gives no reason for `{package}`";
        }
    }

    private static IEnumerable<string> Locked(string json)
    {
        using var document = JsonDocument.Parse(json);
        return
        [
            .. from framework in document.RootElement.GetProperty("dependencies").EnumerateObject()
               from package in framework.Value.EnumerateObject()
               where package.Value.GetProperty("type").GetString() is "Direct" or "CentralTransitive"
               select package.Name,
        ];
    }

    private static string LockFile(Project project) => $"{Path.GetDirectoryName(project.File)!.Replace('\\', '/')}/packages.lock.json";
}
