namespace Architecture;

/// <summary>A repository made up for one test, so that every rule has been seen to fail.</summary>
internal sealed class ScratchRepository : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("headroom-rules-").FullName;

    public ScratchRepository With(string file, string content)
    {
        var path = Path.Combine(_root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return this;
    }

    public ScratchRepository WithProject(string file, params string[] items) =>
        With(file, $"<Project Sdk=\"Microsoft.NET.Sdk\"><ItemGroup>{string.Concat(items)}</ItemGroup></Project>");

    public Repository Open() => new(_root);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    public static string ProjectReference(string name) => $"<ProjectReference Include=\"../{name}/{name}.csproj\" />";

    public static string Package(string name) => $"<PackageReference Include=\"{name}\" />";
}
