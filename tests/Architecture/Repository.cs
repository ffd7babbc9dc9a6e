using System.Xml.Linq;

namespace Architecture;

/// <summary>The files of a repository that people write: no build output, no installed packages, nothing of git's own.</summary>
internal sealed class Repository(string root)
{
    private static readonly HashSet<string> NotWritten = new(StringComparer.Ordinal)
    {
        ".git", ".idea", ".vs", "artifacts", "bin", "obj", "dist", "node_modules", "headroom-out",
    };

    public static Repository OfThisBuild { get; } = new(RepositoryRoot.Directory);

    /// <summary>Every file, as a path from the root with forward slashes, in order.</summary>
    public IReadOnlyList<string> Files { get; } = [.. FilesBelow(root).Select(path => Path.GetRelativePath(root, path).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    public IReadOnlyList<Project> Projects => field ??= [.. Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal)).Select(ReadProject)];

    public bool Has(string file) => File.Exists(FullPath(file));

    public string Read(string file) => File.ReadAllText(FullPath(file));

    public string FullPath(string file) => Path.Combine(root, file);

    /// <summary>The files that are text; a NUL byte in the beginning says that one is not.</summary>
    public IEnumerable<string> TextFiles => Files.Where(file =>
    {
        using var stream = File.OpenRead(FullPath(file));
        var beginning = new byte[4096];
        return !beginning.AsSpan(0, stream.Read(beginning)).Contains((byte)0);
    });

    private static IEnumerable<string> FilesBelow(string directory) =>
        // In a further worktree .git is a file.
        Directory.EnumerateFiles(directory).Where(file => Path.GetFileName(file) != ".git").Concat(
            Directory.EnumerateDirectories(directory)
                .Where(child => !NotWritten.Contains(Path.GetFileName(child)) && !new DirectoryInfo(child).Attributes.HasFlag(FileAttributes.ReparsePoint))
                .SelectMany(FilesBelow));

    private Project ReadProject(string file)
    {
        var document = XDocument.Parse(Read(file));
        return new Project
        {
            File = file,
            Sdk = (string?)document.Root!.Attribute("Sdk") ?? "",
            References = [.. Included("ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')))],
            Packages = [.. Included("PackageReference")],
            Frameworks = [.. Included("FrameworkReference")],
        };

        IEnumerable<string> Included(string item) =>
            document.Descendants(item).Select(element => (string?)element.Attribute("Include")).OfType<string>();
    }
}

internal sealed record Project
{
    /// <summary>Path from the repository's root.</summary>
    public required string File { get; init; }

    public required string Sdk { get; init; }

    /// <summary>Names of the projects it references.</summary>
    public required IReadOnlyList<string> References { get; init; }

    public required IReadOnlyList<string> Packages { get; init; }

    public required IReadOnlyList<string> Frameworks { get; init; }

    public string Name => Path.GetFileNameWithoutExtension(File);

    /// <summary><c>src/Measure</c>, <c>src/Optimize</c>, <c>src/Apps</c>, <c>samples</c>, <c>tests</c> …</summary>
    public string Area
    {
        get
        {
            var parts = File.Split('/');
            return parts[0] == "src" ? $"src/{parts[1]}" : parts[0];
        }
    }
}
