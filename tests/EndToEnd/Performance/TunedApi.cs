using ReferenceApi.Tests.Harness;

namespace EndToEnd.Performance;

/// <summary>The reference API with every optimisation on, as a process of its own, for all tests of the suite.</summary>
public sealed class TunedApi : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-suite-").FullName;
    private ApiProcess? _process;

    public Uri Address { get; private set; } = new("http://127.0.0.1:1");

    public async ValueTask InitializeAsync()
    {
        _process = ApiProcess.Start("--tuned", "--urls", "http://127.0.0.1:0", "--data", _folder, "--parent-pid", $"{Environment.ProcessId}");
        Address = await _process.ReadyAsync();
    }

    public ValueTask DisposeAsync()
    {
        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
