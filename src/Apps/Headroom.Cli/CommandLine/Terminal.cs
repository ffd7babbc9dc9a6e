using Headroom.Cli.Live;

namespace Headroom.Cli.CommandLine;

/// <summary>What standard output can show.</summary>
internal static class Terminal
{
    private const int WidthWithoutTerminal = 120;

    public static bool IsInteractive => !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";

    public static bool Colour => !Console.IsOutputRedirected && WantsColour;

    /// <summary>Of what is drawn on standard error while a run goes on.</summary>
    public static LiveStyle LiveStyle => new(WantsColour, Unicode: Console.Error.Encoding.WebName == "utf-8");

    /// <summary>https://no-color.org: any value of NO_COLOR turns colour off.</summary>
    private static bool WantsColour => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";

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
