using System.Diagnostics;
using System.Globalization;
using System.Text;
using Headroom.Cli.CommandLine;

namespace Headroom.Cli.Demo;

/// <summary>The reference API in a process of its own on a free loopback port; it dies with this object, and by itself when this process is gone.</summary>
internal sealed class ReferenceApiProcess : IAsyncDisposable
{
    private const string ListeningOn = " listening on ";
    private const int OutputLettersMax = 8000;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ReferenceApiProcess(Process process, string variant)
    {
        _process = process;
        Variant = variant;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => _address.TrySetException(new IOException($"The reference API ({variant}) ended before it was ready:\n{Output}"));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary><c>plain</c>, <c>framework</c> or <c>tuned</c>.</summary>
    public string Variant { get; }

    public int ProcessId => _process.Id;

    public Uri Address => _address.Task.Result;

    private string Output
    {
        get
        {
            lock (_output)
                return _output.ToString().Trim();
        }
    }

    public static async Task<ReferenceApiProcess> StartAsync(string variant, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "demo", "ReferenceApi.dll");
        if (!File.Exists(program))
            throw new UsageException($"The reference API is not beside this program ({program}); build it with ./headroom, or install the packed tool.");

        var command = ServerCores.Prefix();
        command.AddRange([DotnetHost.Path, program, $"--{variant}", "--urls", "http://127.0.0.1:0", "--parent-pid", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)]);
        command.AddRange(arguments);
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.Environment["DOTNET_TieredPGO"] = "1";
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        var process = Process.Start(start) ?? throw new IOException("The reference API could not be started.");
        var api = new ReferenceApiProcess(process, variant);
        try
        {
            await api._address.Task.WaitAsync(StartTimeout, cancellation);
            return api;
        }
        catch (TimeoutException e)
        {
            await api.DisposeAsync();
            throw new IOException($"The reference API ({variant}) was not ready after {StartTimeout.TotalSeconds:0} s:\n{api.Output}", e);
        }
        catch
        {
            await api.DisposeAsync();
            throw;
        }
    }

    /// <summary>A sentence with the last output when the process has ended although nobody asked it to; null while it lives.</summary>
    public string? Obituary => _process.HasExited ? $"The reference API ({Variant}) ended with exit code {_process.ExitCode}:\n{Output}" : null;

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
                await _process.WaitForExitAsync(patience.Token);
            }
        }
        catch (Exception e) when (e is InvalidOperationException or OperationCanceledException or System.ComponentModel.Win32Exception)
        {
            // Gone already, or not to be waited for.
        }

        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        lock (_output)
        {
            _output.AppendLine(line);
            if (_output.Length > OutputLettersMax)
                _output.Remove(0, _output.Length - OutputLettersMax);
        }

        var at = line.IndexOf(ListeningOn, StringComparison.Ordinal);
        if (at >= 0 && Uri.TryCreate(line[(at + ListeningOn.Length)..].Trim(), UriKind.Absolute, out var address))
            _address.TrySetResult(address);
    }
}

/// <summary>Keeps the servers off the first core, so that the generator does not compete with what it measures. Linux with taskset; elsewhere nothing.</summary>
internal static class ServerCores
{
    public static List<string> Prefix() =>
        CanPin ? [Taskset!, "--cpu-list", string.Join(',', Allowed.Skip(1).Select(core => core.ToString(CultureInfo.InvariantCulture)))] : [];

    /// <summary>How it is, for the reader of the report.</summary>
    public static string Describe() => CanPin
        ? string.Create(CultureInfo.InvariantCulture, $"the API ran on {Allowed.Count - 1} of {Allowed.Count} cores, the generator beside it")
        : string.Create(CultureInfo.InvariantCulture, $"the API and the generator shared {Environment.ProcessorCount} core(s)");

    private static bool CanPin => Allowed.Count > 1 && Taskset is not null;

    /// <summary>Numbers of the cores that this process may use: a container's need not begin at 0.</summary>
    private static List<int> Allowed { get; } = ReadAllowed();

    private static List<int> ReadAllowed()
    {
        const string Status = "/proc/self/status";
        const string Key = "Cpus_allowed_list:";
        if (!File.Exists(Status))
            return [];
        var line = File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal));
        var cores = new List<int>();
        foreach (var range in line?[Key.Length..].Trim().Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            var ends = range.Split('-');
            var (first, last) = (int.Parse(ends[0], CultureInfo.InvariantCulture), int.Parse(ends[^1], CultureInfo.InvariantCulture));
            cores.AddRange(Enumerable.Range(first, last - first + 1));
        }

        return cores;
    }

    private static string? Taskset { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "taskset"))
        .FirstOrDefault(File.Exists);
}
