using System.Text;
using Headroom.Load.Plans;

namespace Headroom.Load;

/// <summary>Reads plans from YAML or JSON files (docs/plans.md).</summary>
public static class LoadPlanFile
{
    /// <summary>Largest plan file read.</summary>
    public const long BytesMax = 16 * 1024 * 1024;

    /// <summary>Reads a plan file.</summary>
    /// <param name="path">The file; files that it names are relative to its folder.</param>
    /// <param name="baseUrl">Replaces the plan's <c>target</c>.</param>
    /// <exception cref="LoadPlanException">There is no such file, or the plan has mistakes; all of them are told, each with its line and column.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static LoadPlan Read(string path, Uri? baseUrl = null)
    {
        var plan = Parse(ReadText(path), path, Path.GetDirectoryName(Path.GetFullPath(path))!, baseUrl);
        return plan with { SourceFiles = [path, .. plan.SourceFiles] };
    }

    /// <summary>The text of a plan file, unread.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="LoadPlanException">There is no such file, or it is larger than <see cref="BytesMax"/>.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static string ReadText(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new LoadPlanException([new PlanProblem(path, 0, 0, Directory.Exists(path) ? "is a folder; write a plan file" : "there is no such file")]);
        if (file.Length > BytesMax)
            throw new LoadPlanException([new PlanProblem(path, 0, 0, $"the file has {file.Length} bytes; a plan has at most {BytesMax}")]);
        return File.ReadAllText(path, Encoding.UTF8);
    }

    /// <summary>Reads a plan from text. <paramref name="source"/> names it in errors; files that it names are relative to <paramref name="folder"/>.</summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static LoadPlan Parse(string text, string source, string folder, Uri? baseUrl = null) =>
        Parse(text, source, folder, baseUrl, Environment.GetEnvironmentVariable);

    /// <summary>The same, with environment variables of the caller's: a plan can be checked where its secrets are not.</summary>
    /// <param name="text">The plan.</param>
    /// <param name="source">Names it in errors.</param>
    /// <param name="folder">Files in it are relative to this one.</param>
    /// <param name="baseUrl">Replaces the plan's <c>target</c>.</param>
    /// <param name="environment">Values of environment variables; null where one is not set.</param>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static LoadPlan Parse(string text, string source, string folder, Uri? baseUrl, Func<string, string?> environment)
    {
        var plan = new PlanReader(source, folder, baseUrl, environment).Read(text, out var problems);
        return problems.Count == 0 ? plan! : throw new LoadPlanException(problems);
    }
}
