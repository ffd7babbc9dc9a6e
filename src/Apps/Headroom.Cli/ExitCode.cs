namespace Headroom.Cli;

/// <summary>What the process returns (docs/exit-codes.md).</summary>
internal static class ExitCode
{
    public const int Fine = 0;

    /// <summary>A target or gate was missed.</summary>
    public const int Missed = 1;

    /// <summary>Usage or bad input, a file that cannot be read or written included.</summary>
    public const int Usage = 2;

    public const int Unreachable = 3;

    /// <summary>Ctrl-C or SIGTERM: results so far were kept.</summary>
    public const int Interrupted = 130;
}
