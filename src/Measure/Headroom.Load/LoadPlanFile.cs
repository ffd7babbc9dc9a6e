using System.Text;
using Headroom.Load.Plans;

namespace Headroom.Load;

/// <summary>Reads plans from YAML or JSON files (docs/plans.md).</summary>
public static class LoadPlanFile
{
    /// <summary>Largest plan file read.</summary>
    public const long BytesMax = 16 * 1024 * 1024;

    /// <summary>Reads a plan file.</summary>
    /// <param name="path">The file; body files in it are relative to its folder.</param>
    /// <param name="baseUrl">Replaces the plan's <c>target</c>.</param>
    /// <exception cref="LoadPlanException">The plan has mistakes; all of them are told, each with its line and column.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static LoadPlan Read(string path, Uri? baseUrl = null)
    {
        var file = new FileInfo(path);
        if (file.Exists && file.Length > BytesMax)
            throw new LoadPlanException([new PlanProblem(path, 0, 0, $"the file has {file.Length} bytes; a plan has at most {BytesMax}")]);
        return Parse(File.ReadAllText(path, Encoding.UTF8), path, Path.GetDirectoryName(Path.GetFullPath(path))!, baseUrl);
    }

    /// <summary>Reads a plan from text. <paramref name="source"/> names it in errors; body files are relative to <paramref name="folder"/>.</summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static LoadPlan Parse(string text, string source, string folder, Uri? baseUrl = null)
    {
        var plan = new PlanReader(source, folder, baseUrl).Read(text, out var problems);
        return problems.Count == 0 ? plan! : throw new LoadPlanException(problems);
    }
}
