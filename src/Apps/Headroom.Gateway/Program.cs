using Headroom.Gateway.CommandLine;
using Headroom.Gateway.Configuration;
using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Hosting;
using Headroom.Gateway.Upstreams;

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
    Console.Error.WriteLine("'headroom gateway --help' lists what can be written.");
    return Usage;
}

try
{
    return await GatewayRun.RunAsync(settings, TimeProvider.System, (ulong)Random.Shared.NextInt64(), Console.Out);
}
catch (IOException e)
{
    Console.Error.WriteLine(e.Message);
    return Usage;
}
