namespace ReferenceApi.Data.Sqlite;

/// <summary>
/// A file that one process at a time holds open. The operating system gives it up when the process ends, however it ends.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(50);

    private readonly FileStream held;

    private FileLock(FileStream held) => this.held = held;

    /// <summary>Takes the lock if nobody holds it.</summary>
    public static FileLock? TryAcquire(string path)
    {
        try
        {
            return new FileLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1));
        }
        catch (IOException exception) when (IsHeldByAnother(exception))
        {
            return null;
        }
    }

    /// <summary>Waits for the lock; <paramref name="onWait"/> is called once when another process holds it.</summary>
    public static async Task<FileLock> AcquireAsync(string path, Action onWait, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            if (TryAcquire(path) is { } acquired)
                return acquired;

            if (attempt == 0)
                onWait();

            await Task.Delay(RetryInterval, time, cancellationToken);
        }
    }

    public void Dispose() => held.Dispose();

    /// <summary>A sharing violation (Windows) or EWOULDBLOCK from flock (elsewhere), as opposed to a full disk or a missing folder.</summary>
    private static bool IsHeldByAnother(IOException exception)
    {
        const int SharingViolation = unchecked((int)0x80070020);
        const int LinuxWouldBlock = 11;
        const int MacWouldBlock = 35;
        return exception.GetType() == typeof(IOException) && exception.HResult is SharingViolation or LinuxWouldBlock or MacWouldBlock;
    }
}
