namespace Headroom.Measurements;

/// <summary>
/// A run file that cannot be read, written or merged. The message is for people: which file, where in it (line:column, or JSON path),
/// what was found and what is allowed.
/// </summary>
public sealed class RunFileException : Exception
{
    public RunFileException(string sourceName, string message, Exception? innerException = null)
        : base($"{sourceName}: {message}", innerException) => SourceName = sourceName;

    /// <summary>The file, or whatever the text came from.</summary>
    public string SourceName { get; }
}
