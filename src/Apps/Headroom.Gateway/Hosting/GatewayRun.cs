using System.Runtime.InteropServices;
using Headroom.Gateway.Configuration;

namespace Headroom.Gateway.Hosting;

/// <summary>
/// A gateway from its start to its end:
/// 1. listen, and say where;
/// 2. SIGTERM or Ctrl-C: tell clients to close their connections, and still accept for a moment;
/// 3. stop listening, and let what was accepted finish within its time.
/// A second signal ends the process at once.
/// </summary>
internal static class GatewayRun
{
    public static async Task<int> RunAsync(GatewaySettings settings, TimeProvider time, ulong seed, TextWriter output)
    {
        using var stop = new StopSignal();
        await using var app = GatewayHost.Build(settings, time, seed);

        // 1. Listen.
        await app.StartAsync(stop.Token);
        foreach (var url in app.Urls)
            await output.WriteLineAsync($"headroom gateway listening on {url}");
        await output.FlushAsync();
        await stop.Asked;

        // 2. Tell.
        app.Services.GetRequiredService<Draining>().Begin();
        await Task.Delay(settings.Drain.Delay, time);

        // 3. Finish.
        using var bound = new CancellationTokenSource(settings.Drain.Timeout, time);
        await app.StopAsync(bound.Token);
        return 0;
    }

    private sealed class StopSignal : IDisposable
    {
        private readonly CancellationTokenSource _source = new();
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly PosixSignalRegistration[] _registrations;

        public StopSignal() =>
            _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle), PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle)];

        public Task Asked => _asked.Task;

        public CancellationToken Token => _source.Token;

        public void Dispose()
        {
            foreach (var registration in _registrations)
                registration.Dispose();
            _source.Dispose();
        }

        private void Handle(PosixSignalContext context)
        {
            if (!_asked.TrySetResult())
                return;
            context.Cancel = true;
            _source.Cancel();
        }
    }
}
