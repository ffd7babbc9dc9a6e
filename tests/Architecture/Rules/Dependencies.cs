namespace Architecture.Rules;

/// <summary>
/// Arrows point one way, and a package can be taken alone: which projects and packages each library may use, and nothing else.
/// A new library, or a new arrow, starts with a line here.
/// </summary>
internal static class Dependencies
{
    private sealed record May(string[] Projects, string[] Packages);

    private static readonly Dictionary<string, May> Measure = new(StringComparer.Ordinal)
    {
        ["Headroom.Measurements"] = new([], []),
        ["Headroom.Import"] = new(["Headroom.Measurements"], ["Microsoft.OpenApi", "YamlDotNet"]),
        ["Headroom.Load"] = new(["Headroom.Measurements"], ["CsvHelper", "YamlDotNet"]),
        ["Headroom.Audit"] = new(["Headroom.Measurements"], []),
        ["Headroom.Profiling"] = new(["Headroom.Measurements"], ["Microsoft.Diagnostics.NETCore.Client", "Microsoft.Diagnostics.Runtime", "Microsoft.Diagnostics.Tracing.TraceEvent"]),
        ["Headroom.Reports"] = new(["Headroom.Measurements"], []),
    };

    private static readonly Dictionary<string, May> Optimize = new(StringComparer.Ordinal)
    {
        ["Headroom.Telemetry"] = new([], []),
        ["Headroom.Telemetry.Otlp"] = new(["Headroom.Telemetry"], ["OpenTelemetry.Exporter.OpenTelemetryProtocol"]),
        ["Headroom.Caching"] = new(["Headroom.Telemetry"], []),
        ["Headroom.Redis"] = new(["Headroom.Caching", "Headroom.Telemetry"], []),
        ["Headroom.Http"] = new(["Headroom.Caching", "Headroom.Telemetry"], []),
        ["Headroom.Data"] = new(["Headroom.Caching", "Headroom.Telemetry"], ["Dapper", "Microsoft.EntityFrameworkCore", "Microsoft.EntityFrameworkCore.Relational"]),
        ["Headroom.Postgres"] = new(["Headroom.Data", "Headroom.Telemetry"], ["Npgsql"]),
        ["Headroom.Semantic"] = new(["Headroom.Caching", "Headroom.Telemetry"], ["Microsoft.Extensions.AI.Abstractions", "System.Numerics.Tensors"]),
    };

    public static IEnumerable<string> Violations(Repository repository) =>
        repository.Projects.SelectMany(project => project.Area switch
        {
            "src/Measure" => OfLibrary(project, Measure).Concat(OfMeasuring(project)),
            "src/Optimize" => OfLibrary(project, Optimize),
            "src/Apps" => OfApp(project, repository),
            "tests" or "samples" or "benchmarks" => [],
            _ => [$"{project.File}: src has Measure, Optimize and Apps, and no other area"],
        });

    private static IEnumerable<string> OfLibrary(Project project, Dictionary<string, May> allowed)
    {
        if (!allowed.TryGetValue(project.Name, out var may))
        {
            yield return $"{project.File}: {project.Name} is not a library of {project.Area} (docs/development.md); if it should be, say in {nameof(Dependencies)}.cs what it may use";
            yield break;
        }

        foreach (var reference in project.References.Except(may.Projects, StringComparer.Ordinal))
            yield return $"{project.File}: {project.Name} may not use {reference}; it may use {Listed(may.Projects)}";

        foreach (var package in project.Packages.Except(may.Packages, StringComparer.Ordinal))
            yield return $"{project.File}: {project.Name} may not use the package {package}; it may use {Listed(may.Packages)}";
    }

    private static IEnumerable<string> OfMeasuring(Project project)
    {
        if (project.Frameworks.Count > 0 || project.Sdk != "Microsoft.NET.Sdk")
            yield return $"{project.File}: what measures knows nothing of ASP.NET Core; use the SDK Microsoft.NET.Sdk and no FrameworkReference";
    }

    private static IEnumerable<string> OfApp(Project project, Repository repository)
    {
        foreach (var target in repository.Projects.Where(other => other.Area == "tests" && project.References.Contains(other.Name, StringComparer.Ordinal)))
            yield return $"{project.File}: {project.Name} may not use {target.Name}; nothing uses tests";
    }

    private static string Listed(string[] names) => names.Length == 0 ? "nothing" : string.Join(", ", names);
}
