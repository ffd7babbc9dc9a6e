using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using ReferenceApi.Data.DataSets;
using ReferenceApi.Hosting;

using var signals = new StopSignals();
try
{
    var options = StartOptions.Parse(args);
    if (options.Help)
    {
        Console.Out.WriteLine(StartOptions.Usage);
        return ExitCode.Success;
    }

    if (options.ParentProcessId is { } parent)
        _ = ParentProcess.WatchAsync(parent, signals.StopNow, TimeProvider.System, signals.Token);

    await using var app = await ReferenceApiHost.StartAsync(options, new BuildOutput(Console.Error, !Console.IsErrorRedirected), signals.Token);

    // Programs that start the API wait for this line and read the address from it.
    var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
    Console.Out.WriteLine($"Reference API ({app.Services.GetRequiredService<FeatureSet>().Label}) listening on {address}");

    await app.WaitForShutdownAsync(signals.Token);
    return ExitCode.Success;
}
catch (StartupException exception)
{
    Console.Error.WriteLine(exception.Message);
    return exception.ExitCode;
}
catch (OptionsValidationException exception)
{
    // A setting of Headroom's packages, from the command line or the environment: as much a mistake of the caller's as an option that there is not.
    foreach (var failure in exception.Failures)
        Console.Error.WriteLine(failure);
    return ExitCode.Usage;
}
catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
{
    Console.Error.WriteLine("Stopped before it was ready. Nothing half-built is left behind.");
    return ExitCode.Interrupted;
}
