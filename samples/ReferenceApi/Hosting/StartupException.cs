namespace ReferenceApi.Hosting;

/// <summary>Exit codes, as the <c>headroom</c> command's.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int Usage = 2;
    public const int Interrupted = 130;
}

/// <summary>Why the API cannot start, in words for the person who started it. The message is printed without a stack trace.</summary>
internal sealed class StartupException(string message, Exception? inner = null, int exitCode = ExitCode.Failure) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;
}
