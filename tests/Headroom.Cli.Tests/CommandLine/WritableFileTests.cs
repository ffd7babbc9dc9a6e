using System.Diagnostics;
using Headroom.Cli.CommandLine;

namespace Headroom.Cli.Tests.CommandLine;

public sealed class WritableFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-writable-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ProblemOf_NewOrOldFile_IsNoneAndNothingIsChanged()
    {
        var old = Path.Combine(_folder, "old.html");
        File.WriteAllText(old, "old");
        File.SetLastWriteTimeUtc(old, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        Assert.Null(WritableFile.ProblemOf(old));
        Assert.Null(WritableFile.ProblemOf(Path.Combine(_folder, "new.html")));

        Assert.Equal([old], Directory.GetFileSystemEntries(_folder));
        Assert.Equal("old", File.ReadAllText(old));
        Assert.Equal(2020, File.GetLastWriteTimeUtc(old).Year);
    }

    [Fact]
    public void ProblemOf_FolderOrNoFolder_SaysWhatToDo()
    {
        Assert.Contains("is a folder; write a file name", WritableFile.ProblemOf(_folder), StringComparison.Ordinal);
        Assert.Contains("does not exist; create it first", WritableFile.ProblemOf(Path.Combine(_folder, "none", "run.html")), StringComparison.Ordinal);
    }

    /// <summary>/sys refuses new files even to root.</summary>
    [Theory]
    [InlineData("/sys/run.html")]
    [InlineData("/sys/kernel/run.html")]
    public void ProblemOf_FolderThatTakesNoFile_IsFoundByTrying(string path)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Directory.Exists("/sys/kernel"), "needs Linux' /sys");
        Assert.Contains("cannot be written", WritableFile.ProblemOf(path), StringComparison.Ordinal);
    }

    [Fact]
    public void ProblemOf_FileThatIsReadOnly_IsFoundByTrying()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux' /sys");
        Assert.Contains("cannot be written", WritableFile.ProblemOf("/sys/kernel/notes"), StringComparison.Ordinal);
    }

    [Fact]
    public void ProblemOf_Link_IsOfWhatItLeadsTo()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege on Windows");
        var (whole, dangling) = (Path.Combine(_folder, "whole"), Path.Combine(_folder, "dangling"));
        File.CreateSymbolicLink(whole, Path.Combine(_folder, "to-be-created"));
        File.CreateSymbolicLink(dangling, Path.Combine(_folder, "none", "run.html"));
        Assert.Null(WritableFile.ProblemOf(whole));
        Assert.Contains("does not exist", WritableFile.ProblemOf(dangling), StringComparison.Ordinal);
    }

    [Fact]
    public void ProblemOf_Device_IsWrittenToDirectly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no /dev");
        Assert.Null(WritableFile.ProblemOf("/dev/null"));
        Assert.Contains("there is no '/dev/headroom'", WritableFile.ProblemOf("/dev/headroom"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProblemOf_NamedPipeWithoutReader_DoesNotWait()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "named pipes are made by mkfifo(1)");
        var pipe = Path.Combine(_folder, "pipe");
        using (var make = Process.Start("mkfifo", [pipe]))
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        await Task.Run(() => WritableFile.ProblemOf(pipe), TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }
}
