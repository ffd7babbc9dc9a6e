namespace Headroom.Cli.CommandLine;

/// <summary>What standard output can show.</summary>
internal static class Terminal
{
    private const int WidthWithoutTerminal = 120;

    public static bool IsInteractive => !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>https://no-color.org: any value of NO_COLOR turns colour off.</summary>
    public static bool Colour =>
        !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";

    public static int Width
    {
        get
        {
            try
            {
                return Console.IsOutputRedirected || Console.WindowWidth <= 0 ? WidthWithoutTerminal : Console.WindowWidth;
            }
            catch (IOException)
            {
                return WidthWithoutTerminal;
            }
        }
    }
}
