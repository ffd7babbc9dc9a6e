using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Architecture.Rules;

/// <summary>A clone works anywhere: no registry's host, no path of one machine, and scripts that a shell can read.</summary>
internal static partial class FileContents
{
    // Put together here, so that this file keeps its own rule.
    private static readonly string[] RegistryHosts =
        [.. new[] { "nuget", "npmjs", "yarnpkg", "pypi" }.SelectMany(name => new[] { $"{name}.org", $"{name}.com" }), "deb." + "debian.org"];

    public static IEnumerable<string> Violations(Repository repository) =>
        repository.TextFiles.SelectMany(file => OfText(file, repository.Read(file)));

    public static async Task<IReadOnlyList<string>> ScriptViolationsAsync(Repository repository, CancellationToken cancellation)
    {
        var violations = new List<string>();
        foreach (var script in repository.TextFiles.Where(file => IsScript(file, repository)))
        {
            using var bash = Process.Start(new ProcessStartInfo("bash", ["-n", repository.FullPath(script)]) { RedirectStandardError = true, UseShellExecute = false })!;
            var complaint = await bash.StandardError.ReadToEndAsync(cancellation);
            await bash.WaitForExitAsync(cancellation);
            if (bash.ExitCode != 0)
                violations.Add($"{script}: {complaint.Trim()}");
            if (repository.Read(script).StartsWith("#!", StringComparison.Ordinal) && !OperatingSystem.IsWindows()
                && Path.GetExtension(script).Length == 0 && !File.GetUnixFileMode(repository.FullPath(script)).HasFlag(UnixFileMode.UserExecute))
                violations.Add($"{script}: begins with #! and is not executable; run: git add --chmod=+x {script}");
        }

        return violations;
    }

    private static IEnumerable<string> OfText(string file, string text)
    {
        var lines = text.Split('\n');
        for (var index = 0; index < lines.Length; index++)
        {
            var line = lines[index];
            foreach (var host in RegistryHosts.Where(host => line.Contains(host, StringComparison.OrdinalIgnoreCase)))
                yield return $"{file}({index + 1}): names the registry host {host}; which registry serves a package is the machine's own matter";
            if (MachinePath().Match(line) is { Success: true } path)
                yield return $"{file}({index + 1}): '{path.Value}' is a path of one machine; take it from the environment or from the repository's root";
        }
    }

    private static bool IsScript(string file, Repository repository) =>
        file.EndsWith(".sh", StringComparison.Ordinal) || (repository.Read(file) is var text && text.StartsWith("#!", StringComparison.Ordinal) && text.Split('\n')[0].Contains("sh", StringComparison.Ordinal));

    [GeneratedRegex(@"(?<![\w.\-}*/)])/(?:work|root|home|Users)/[\w.]|\b[A-Z]:\\+Users\\", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MachinePath();
}
