using Headroom.Cli.CommandLine;

namespace Headroom.Cli.Tests.CommandLine;

public sealed class FilePlaceTests : IDisposable
{
    private readonly string _folder = FilePlace.Of(Directory.CreateTempSubdirectory("headroom-place-").FullName);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Of_LinksOfFilesAndFolders_IsWhereTheyLead()
    {
        File.WriteAllText(In("plan.yaml"), "");
        Directory.CreateDirectory(In("inner"));
        File.CreateSymbolicLink(In("inner/file"), "../plan.yaml");
        File.CreateSymbolicLink(In("of-link"), In("inner/file"));
        Directory.CreateSymbolicLink(In("folder"), "inner");
        foreach (var name in new[] { "plan.yaml", "./inner/../plan.yaml", "inner/file", "of-link", "folder/file" })
            Assert.Equal(In("plan.yaml"), FilePlace.Of(In(name)));
        Assert.Equal(In("inner/new"), FilePlace.Of(In("folder/new")));
        Assert.Equal(In("none/new"), FilePlace.Of(In("none/new")));
    }

    [Fact]
    public void Of_LinkThatLeadsToItself_Ends()
    {
        File.CreateSymbolicLink(In("a"), "b");
        File.CreateSymbolicLink(In("b"), "a");
        Assert.StartsWith(_folder, FilePlace.Of(In("a/c")), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_Device_IsItself()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no /dev.");
        Assert.Equal("/dev/stdout", FilePlace.Of("/dev/stdout"));
    }

    private string In(string name) => Path.Combine(_folder, name);
}
