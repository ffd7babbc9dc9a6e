namespace ReferenceApi.Data.Sqlite;

/// <summary>
/// A process's own copy of a data set, deleted when the process stops. A copy whose process was killed is deleted by the next start: each copy
/// has a lock file that its process holds, and one that can be taken belongs to nobody any more.
/// </summary>
internal sealed class SqliteWorkingCopy : IDisposable
{
    private const string LockSuffix = ".lock";
    private const string FolderName = "running";

    private readonly string lockPath;
    private readonly FileLock held;

    private SqliteWorkingCopy(string databasePath, string lockPath, FileLock held)
    {
        DatabasePath = databasePath;
        this.lockPath = lockPath;
        this.held = held;
    }

    public string DatabasePath { get; }

    /// <summary>Copies a data set. The caller holds the folder's lock, so nobody else creates or clears copies meanwhile.</summary>
    public static SqliteWorkingCopy Create(string folder, string dataSetPath)
    {
        var running = Path.Combine(folder, FolderName);
        Directory.CreateDirectory(running);
        DeleteAbandoned(running);

        var name = Guid.NewGuid().ToString("N");
        var newLockPath = Path.Combine(running, name + LockSuffix);
        var copyFolder = Path.Combine(running, name);
        var newLock = FileLock.TryAcquire(newLockPath) ?? throw new IOException($"The new file '{newLockPath}' is locked by another process.");
        try
        {
            Directory.CreateDirectory(copyFolder);
            var databasePath = Path.Combine(copyFolder, Path.GetFileName(dataSetPath));
            File.Copy(dataSetPath, databasePath);
            return new SqliteWorkingCopy(databasePath, newLockPath, newLock);
        }
        catch
        {
            Delete(copyFolder, newLockPath, newLock);
            throw;
        }
    }

    public void Dispose() => Delete(Path.GetDirectoryName(DatabasePath)!, lockPath, held);

    private static void DeleteAbandoned(string running)
    {
        foreach (var path in Directory.EnumerateFiles(running, "*" + LockSuffix))
        {
            if (FileLock.TryAcquire(path) is { } abandoned)
                Delete(path[..^LockSuffix.Length], path, abandoned);
        }
    }

    private static void Delete(string copyFolder, string lockPath, FileLock held)
    {
        try
        {
            if (Directory.Exists(copyFolder))
                Directory.Delete(copyFolder, recursive: true);

            File.Delete(lockPath);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Something still reads the files (a virus scanner on Windows, say): the next start clears them.
        }
        finally
        {
            held.Dispose();
        }
    }
}
