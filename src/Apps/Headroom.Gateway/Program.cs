using System.Net.Sockets;
using Headroom.Gateway.CommandLine;
using Headroom.Gateway.Configuration;
using Headroom.Gateway.Hosting;

EventLoop.Begin();

const int Fine = 0;
const int Usage = 2;

var mistakes = new List<string>();
var arguments = GatewayArguments.Parse(args, mistakes);
if (arguments.Help)
{
    Console.Out.WriteLine(GatewayArguments.Usage);
    return Fine;
}

var settings = SettingsSource.Read(arguments, mistakes);
if (settings is null)
{
    foreach (var mistake in mistakes)
        Console.Error.WriteLine(mistake);
    Console.Error.WriteLine("'headroom gateway --help' lists what can be written; docs/gateway.md has every key of gateway.yaml.");
    return Usage;
}

if (arguments.Check)
{
    Console.Out.WriteLine($"fine: {settings.Routes.Count} route(s), listening on {string.Join(", ", settings.Listen.Select(listen => listen.Url))}");
    return Fine;
}

try
{
    await GatewayRun.RunAsync(arguments, settings, TimeProvider.System, (ulong)Random.Shared.NextInt64(), Console.Out);
    return Fine;
}
catch (IOException e)
{
    Console.Error.WriteLine(e.Message);
    return Usage;
}
catch (SocketException e)
{
    // An address that this machine does not have, or a port that needs a right; the exception does not say which.
    Console.Error.WriteLine($"cannot listen on {string.Join(", ", settings.Listen.Select(listen => listen.Url))}: {e.Message}");
    return Usage;
}
