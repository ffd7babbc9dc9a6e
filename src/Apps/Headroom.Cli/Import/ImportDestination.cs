using System.Text;
using Headroom.Cli.CommandLine;
using Headroom.Cli.Plan;
using Headroom.Import;
using Headroom.Load;
using Headroom.Load.Plans;
using Headroom.Measurements;

namespace Headroom.Cli.Import;

/// <summary>Where the plan and the files beside it are written.</summary>
internal sealed class ImportDestination
{
    private readonly string _path;
    private readonly string _source;
    private readonly bool _force;

    /// <param name="output">As it was given; null for a name made from <paramref name="stem"/>.</param>
    /// <param name="source">What is imported.</param>
    /// <param name="stem">What the plan is called after.</param>
    /// <param name="force">Whether files are replaced.</param>
    /// <exception cref="UsageException">The plan cannot be written there, or would replace what it is made from.</exception>
    public ImportDestination(string? output, string source, string stem, bool force)
    {
        IsStandardOutput = output == "-";
        _force = force;
        _path = IsStandardOutput ? "" : output ?? $"{stem}.plan.yaml";
        var name = IsStandardOutput ? stem : Path.GetFileName(_path);
        foreach (var ending in new[] { ".yaml", ".yml", ".json", ".plan" })
            name = name.EndsWith(ending, StringComparison.OrdinalIgnoreCase) && name.Length > ending.Length ? name[..^ending.Length] : name;
        PlanName = name;
        _source = source;
        if (!IsStandardOutput)
            WritableFile.RefuseProblems([("--output", _path)], [source]);
    }

    public bool IsStandardOutput { get; }

    public string PlanName { get; }

    private string Folder => IsStandardOutput ? Directory.GetCurrentDirectory() : Path.GetDirectoryName(Path.GetFullPath(_path))!;

    /// <summary>All files or none that would replace another.</summary>
    public void Write(ImportedPlan plan)
    {
        if (IsStandardOutput)
        {
            if (plan.Files.Count > 0)
                throw new UsageException($"the plan has files beside it ({string.Join(", ", plan.Files.Select(static file => file.Name))}); give --output a file name");
            Console.Out.Write(plan.Yaml);
            return;
        }

        var files = plan.Files.Select(file => (Path: Path.Combine(Folder, file.Name), file.Text)).Prepend((Path: _path, Text: plan.Yaml)).ToList();
        WritableFile.RefuseProblems(files.Select(static file => ("--output", file.Path)), [_source]);
        if (!_force && files.Find(static file => File.Exists(file.Path)).Path is { } existing)
            throw new UsageException($"'{existing}' exists; --force replaces it, --output writes elsewhere");
        foreach (var (path, text) in files)
        {
            AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
            Console.WriteLine($"written: {path}");
        }
    }

    /// <summary>What has a default keeps it; what a target or a url begins with has to be an address, and what stands behind the host's colon a port.</summary>
    private static string? InPlaceOf(string variable, ImportedPlan plan)
    {
        if (!plan.EnvironmentVariables.Contains(variable))
            return null;
        var name = $"${{env.{variable}}}";
        var places = plan.Yaml.Split('\n').Where(line => line.Contains(name, StringComparison.Ordinal)).Select(static line => line.TrimStart(' ', '-', '\'', '"')).ToList();
        return places.Exists(line => line.StartsWith(name, StringComparison.Ordinal) || line.StartsWith($"target: {name}", StringComparison.Ordinal) || line.StartsWith($"url: {name}", StringComparison.Ordinal)) ? "http://not-set.invalid"
            : places.Exists(line => line.Contains("://", StringComparison.Ordinal) && line.Contains($":{name}", StringComparison.Ordinal)) ? "80"
            : "not-set";
    }

    /// <summary>Reads the plan as a run will, with something in place of what is secret.</summary>
    public bool Check(ImportedPlan plan, TextWriter told)
    {
        try
        {
            var read = LoadPlanFile.Parse(plan.Yaml, IsStandardOutput ? "the plan" : _path, Folder, baseUrl: null, name => Environment.GetEnvironmentVariable(name) ?? InPlaceOf(name, plan));
            told.WriteLine($"fine: {PlanSummary.Of(read)}");
            return true;
        }
        catch (LoadPlanException e)
        {
            told.WriteLine("the plan needs a hand:");
            foreach (var problem in e.Problems)
                told.WriteLine($"  {problem}");
            return false;
        }
    }
}
