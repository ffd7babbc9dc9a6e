namespace Headroom.Cli.Live;

/// <summary>Cells of a terminal, at least 1 by 1.</summary>
internal sealed record TerminalSize(int Width, int Height)
{
    private const int UsualWidth = 80;
    private const int UsualHeight = 24;

    /// <summary>As it is now; a terminal that does not know (0, as serial lines say) has the usual 80 by 24.</summary>
    public static TerminalSize Of()
    {
        try
        {
            var (width, height) = (Console.WindowWidth, Console.WindowHeight);
            return new TerminalSize(width > 0 ? width : UsualWidth, height > 0 ? height : UsualHeight);
        }
        catch (IOException)
        {
            return new TerminalSize(UsualWidth, UsualHeight);
        }
    }
}
