using System.Diagnostics;

namespace EndToEnd;

/// <summary>
/// The repository's scripts and build settings around a tiny program and test project, in a temporary folder: what ./headroom and ./test do
/// shows there in seconds, as it would in the whole repository (<see cref="CopyAllSources"/>). Packages come from this machine's cache.
/// </summary>
internal sealed class SmallRepository : IDisposable
{
    private static readonly string[] Scripts =
    [
        "headroom", "test", "build", "global.json", ".editorconfig", "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props",
        "tests/Directory.Build.props", "tests/Shared", "tests/services",
    ];

    private static readonly string[] NotWritten = ["bin", "obj", "node_modules", "dist"];

    private readonly string _parent = Directory.CreateTempSubdirectory("headroom-end-to-end-").FullName;

    public SmallRepository(string name = "headroom")
    {
        // PostgreSQL's own user has to pass through.
        using (var chmod = Process.Start("chmod", ["711", _parent]))
            chmod.WaitForExit();
        Root = Directory.CreateDirectory(Path.Combine(_parent, name)).FullName;
        foreach (var script in Scripts)
            Copy(RepositoryRoot.Combine(script), Path.Combine(Root, script));
        Write("src/Apps/Headroom.Cli/Headroom.Cli.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <AssemblyName>headroom</AssemblyName>
              </PropertyGroup>
            </Project>
            """);
    }

    public string Root { get; }

    /// <summary>A folder beside the repository, for links and other homes.</summary>
    public string Outside => _parent;

    public string Headroom => Path.Combine(Root, "headroom");

    public void Write(string file, string content)
    {
        var path = Path.Combine(Root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }

    /// <summary>Takes the real sources in place of the tiny program.</summary>
    public void CopyAllSources()
    {
        Directory.Delete(Path.Combine(Root, "src"), recursive: true);
        foreach (var folder in new[] { "src", "samples", "web", "docs" })
            Copy(RepositoryRoot.Combine(folder), Path.Combine(Root, folder));
    }

    public void WriteProgram(string code) => Write("src/Apps/Headroom.Cli/Program.cs", code);

    public Task<ShellResult> HeadroomAsync(params string[] arguments) => ShellCommand.RunAsync(Headroom, arguments, _parent);

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        if (File.Exists(from))
        {
            // File.Copy keeps the permission to execute.
            File.Copy(from, to);
            return;
        }

        foreach (var child in Directory.EnumerateFileSystemEntries(from).Where(child => !NotWritten.Contains(Path.GetFileName(child), StringComparer.Ordinal)))
            Copy(child, Path.Combine(to, Path.GetFileName(child)));
    }
}
