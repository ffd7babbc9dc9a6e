namespace ReferenceApi.Tests.Harness;

/// <summary>A folder for data sets that is deleted at the end.</summary>
internal sealed class DataFolder : IDisposable
{
    public DataFolder() => Path = Directory.CreateTempSubdirectory("reference-api-tests-").FullName;

    /// <summary>One that all tests of this run share, so that the small set is built once; deleted when the process ends.</summary>
    public static string Shared { get; } = CreateShared();

    public string Path { get; }

    public string this[string file] => System.IO.Path.Combine(Path, file);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static string CreateShared()
    {
        var folder = new DataFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            try
            {
                folder.Dispose();
            }
            catch (IOException)
            {
                // Something still runs on it: it stays in the system's folder for temporary files.
            }
        };
        return folder.Path;
    }
}
