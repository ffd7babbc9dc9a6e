using System.Runtime.InteropServices;
using Headroom.Gateway.CommandLine;
using Headroom.Gateway.Configuration;
using Headroom.Gateway.Routing;

namespace Headroom.Gateway.Hosting;

/// <summary>
/// A gateway from its start to its end:
/// 1. listen, and say where;
/// 2. SIGHUP, or a changed file: load the configuration again;
/// 3. SIGTERM or Ctrl-C: tell clients to close their connections, and still accept for a moment;
/// 4. stop listening, and let what was accepted finish within its time.
/// A second SIGTERM or Ctrl-C ends the process at once.
/// </summary>
internal static partial class GatewayRun
{
    public static async Task RunAsync(GatewayArguments arguments, GatewaySettings settings, TimeProvider time, ulong seed, TextWriter output)
    {
        using var stop = new StopSignal();
        await using var app = GatewayHost.Build(settings, time, seed);

        // 1. Listen.
        await app.StartAsync();
        foreach (var url in app.Urls)
            await output.WriteLineAsync($"headroom gateway listening on {url}");
        await output.FlushAsync();

        // 2. Reload.
        using (var reload = new SettingsReload(arguments, settings, app.Services.GetRequiredService<GatewayRoutes>(), time, app.Services.GetRequiredService<ILogger<SettingsReload>>()))
            await stop.Asked;

        // 3. Tell.
        var draining = app.Services.GetRequiredService<Draining>();
        draining.Begin();
        await Task.Delay(settings.Drain.Delay, time);

        // 4. Finish.
        using var bound = new CancellationTokenSource(settings.Drain.Timeout, time);
        await app.StopAsync(bound.Token);
        if (draining.UnderWay is > 0 and var cut)
            LogCut(app.Services.GetRequiredService<ILogger<Draining>>(), cut, settings.Drain.Timeout);
    }

    [LoggerMessage(30, LogLevel.Warning, "{Requests} request(s) were not answered within {Timeout} and were cut off")]
    private static partial void LogCut(ILogger logger, int requests, TimeSpan timeout);

    private sealed class StopSignal : IDisposable
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly PosixSignalRegistration[] _registrations;

        public StopSignal() =>
            _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle), PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle)];

        public Task Asked => _asked.Task;

        public void Dispose()
        {
            foreach (var registration in _registrations)
                registration.Dispose();
        }

        private void Handle(PosixSignalContext context) => context.Cancel = _asked.TrySetResult();
    }
}
