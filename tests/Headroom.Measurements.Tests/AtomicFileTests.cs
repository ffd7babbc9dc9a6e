using System.Diagnostics;

namespace Headroom.Measurements.Tests;

/// <summary>What happens to the old file when writing fails.</summary>
public sealed class AtomicFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-run-").FullName;

    private string RunPath => Path.Combine(_folder, "run.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Write_NewFile_CanBeReadAndLeavesNothingElse()
    {
        RunFileJson.Write(RunPath, SampleRun.Complete());

        Assert.Equal(6, RunFileJson.Read(RunPath).Summary.Requests);
        Assert.Equal([RunPath], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Write_ExistingFile_IsReplacedAndKeepsItsMode()
    {
        File.WriteAllText(RunPath, "old");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(RunPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        RunFileJson.Write(RunPath, SampleRun.Complete());

        Assert.Equal(6, RunFileJson.Read(RunPath).Summary.Requests);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(RunPath));
    }

    [Fact]
    public void Write_SymbolicLink_WritesToWhatItPointsAt()
    {
        var link = Path.Combine(_folder, "latest.json");
        File.WriteAllText(RunPath, "old");
        File.CreateSymbolicLink(link, RunPath);

        RunFileJson.Write(link, SampleRun.Complete());

        Assert.Equal(RunPath, File.ResolveLinkTarget(link, returnFinalTarget: true)!.FullName);
        Assert.Equal(6, RunFileJson.Read(RunPath).Summary.Requests);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void Write_DiskFullInTheMiddle_KeepsTheOldFileAndRemovesTheTemporary(int capacity)
    {
        File.WriteAllText(RunPath, "old");
        string? temporary = null;

        Assert.Throws<IOException>(() => AtomicFile.Write(
            RunPath,
            stream => stream.Write(RunFileJson.ToUtf8Bytes(SampleRun.Complete())),
            (path, _) =>
            {
                temporary = path;
                return new FullDiskStream(path, capacity);
            }));

        Assert.Equal(_folder, Path.GetDirectoryName(temporary));
        Assert.Equal("old", File.ReadAllText(RunPath));
        Assert.Equal([RunPath], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Write_ContentThatFails_KeepsTheOldFileAndRemovesTheTemporary()
    {
        File.WriteAllText(RunPath, "old");

        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(RunPath, stream =>
        {
            stream.Write("new"u8);
            throw new InvalidOperationException("The report could not be made.");
        }));

        Assert.Equal("old", File.ReadAllText(RunPath));
        Assert.Equal([RunPath], Directory.GetFileSystemEntries(_folder));
    }

    /// <summary>A real disk without room: a small file system in memory, which only root may mount.</summary>
    [Fact]
    public void Write_RealFullDisk_KeepsTheOldFileAndRemovesTheTemporary()
    {
        MountSmallFileSystem(_folder);
        try
        {
            File.WriteAllText(RunPath, "old");
            File.WriteAllBytes(Path.Combine(_folder, "filler"), new byte[60 * 1024]);

            var error = Assert.Throws<RunFileException>(() => RunFileJson.Write(RunPath, LargeRun()));

            Assert.StartsWith($"{RunPath}: cannot be written: No space left on device", error.Message, StringComparison.Ordinal);
            Assert.EndsWith("What was there before is unchanged.", error.Message, StringComparison.Ordinal);
            Assert.Equal("old", File.ReadAllText(RunPath));
            Assert.Equal(["filler", "run.json"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        }
        finally
        {
            Run("umount", _folder);
        }
    }

    /// <summary>Root could rename over a device; so root tries it on one of its own, not on everybody's /dev/full.</summary>
    [Fact]
    public void Write_FullDevice_FailsClearlyAndLeavesTheDevice()
    {
        var device = "/dev/full";
        if (Environment.IsPrivilegedProcess && OperatingSystem.IsLinux())
        {
            device = $"/dev/headroom-test-{Guid.NewGuid():N}";
            if (Run("mknod", "-m", "666", device, "c", "1", "7") != 0)
                Assert.Skip("this machine does not allow to make a device");
        }
        else if (!File.Exists(device))
        {
            Assert.Skip("this system has no /dev/full");
        }

        try
        {
            var error = Assert.Throws<RunFileException>(() => RunFileJson.Write(device, SampleRun.Complete()));

            Assert.Contains("No space left on device", error.Message, StringComparison.Ordinal);
            Assert.Throws<IOException>(() =>
            {
                using var stream = new FileStream(device, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
                stream.WriteByte(1);
            });
        }
        finally
        {
            if (device != "/dev/full")
                File.Delete(device);
        }
    }

    [Fact]
    public void Write_MissingFolder_SaysWhich()
    {
        var path = Path.Combine(_folder, "none", "run.json");

        var error = Assert.Throws<RunFileException>(() => RunFileJson.Write(path, SampleRun.Complete()));

        Assert.Contains($"The folder '{Path.Combine(_folder, "none")}' does not exist; create it or choose another.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Folder_SaysSo()
    {
        var error = Assert.Throws<RunFileException>(() => RunFileJson.Write(_folder, SampleRun.Complete()));

        Assert.Contains("is a folder; name a file in it.", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    private static RunFile LargeRun()
    {
        var run = SampleRun.Complete();
        return run with { Series = [.. Enumerable.Range(0, 200).Select(second => run.Series[0] with { Second = second })] };
    }

    private static void MountSmallFileSystem(string folder)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            Assert.Skip("mounting a small file system needs root on Linux");
        if (Run("mount", "-t", "tmpfs", "-o", "size=64k", "headroom-test", folder) is var code and not 0)
            Assert.Skip($"this machine does not allow to mount a tmpfs (mount exit code {code})");
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>A file on a disk with room for so many bytes.</summary>
    private sealed class FullDiskStream(string path, int capacity) : FileStream(path, FileMode.CreateNew, FileAccess.Write)
    {
        private int _left = capacity;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            base.Write(buffer[..Math.Min(buffer.Length, _left)]);
            _left -= buffer.Length;
            if (_left < 0)
                throw new IOException("No space left on device");
        }
    }
}
