using System.CommandLine;

namespace Headroom.Cli.Gateway;

/// <summary>
/// <c>headroom gateway …</c>: becomes the gateway, a program of its own with a runtime of its own (server garbage collection, ASP.NET Core). It reads its options itself, --help
/// included, so everything after the word goes to it as it stands.
/// </summary>
internal static class GatewayCommand
{
    private const string Name = "gateway";

    /// <summary>Are these arguments the gateway's?</summary>
    public static bool IsMeant(string[] arguments) => arguments is [Name, ..];

    /// <summary>For the list of commands.</summary>
    public static Command Create() => new(Name, "Puts a response cache, compression and load balancing in front of any HTTP API.");

    public static int Run(string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, Name, "headroom-gateway.dll");
        if (File.Exists(program))
            return GatewayProcess.Become(program, arguments[1..]);
        Console.Error.WriteLine($"The gateway is not beside this program ({program}); build it with ./headroom, or install the packed tool.");
        return ExitCode.Usage;
    }
}
