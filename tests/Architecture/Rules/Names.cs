namespace Architecture.Rules;

/// <summary>A folder is a stage of the data's way, named for what it does. These names say nothing.</summary>
internal static class Names
{
    private static readonly HashSet<string> Empty = new(StringComparer.OrdinalIgnoreCase)
    {
        "Util", "Utils", "Utility", "Utilities", "Helper", "Helpers", "Common", "Misc", "Model", "Models", "Service", "Services", "Manager", "Managers",
    };

    public static IEnumerable<string> Violations(Repository repository) =>
        repository.Files
            .Where(file => file.StartsWith("src/", StringComparison.Ordinal))
            .SelectMany(file => file.Split('/')[..^1].Where(Empty.Contains).Select(name => $"{Before(file, name)}: name the folder for what it does, not '{name}'"))
            .Concat(repository.Files
                .Where(file => file.StartsWith("src/", StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal))
                .Where(file => Empty.Any(name => Path.GetFileNameWithoutExtension(file).EndsWith(name, StringComparison.Ordinal) && !IsModelOrService(name)))
                .Select(file => $"{file}: name the concept; '{Path.GetFileNameWithoutExtension(file)}' does not"))
            .Distinct(StringComparer.Ordinal);

    // "ServiceModel" and "QueueModel" are the field's terms for types; as folders they are drawers.
    private static bool IsModelOrService(string name) => name.StartsWith("Model", StringComparison.Ordinal) || name.StartsWith("Service", StringComparison.Ordinal);

    private static string Before(string file, string name) => file[..(file.IndexOf($"/{name}/", StringComparison.OrdinalIgnoreCase) + name.Length + 1)];
}
