using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Headroom.Cli.CommandLine;

namespace Headroom.Cli.Sessions;

/// <summary>
/// A running variant. A command gets a free loopback port, a process group of its own, and an end with this object; should this program be killed outright, the group ends with it, since
/// its shell watches a pipe that then closes.
/// </summary>
internal sealed class VariantProcess : IAsyncDisposable
{
    private const int OutputLettersMax = 4000;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// The first process of the group: beside the command something waits for the end of standard input, and then ends the whole group. The command itself has an empty standard input.
    /// </summary>
    private const string Watcher = "exec 3<&0 </dev/null; { cat <&3 >/dev/null; kill -KILL 0; } & exec 3<&-; eval \"$1\"";

    private readonly Process? _process;
    private readonly StringBuilder _output = new();
    private readonly bool _ownGroup;

    private VariantProcess(Variant variant, Uri address, Process? process, bool ownGroup)
    {
        (Variant, Address, _process, _ownGroup) = (variant, address, process, ownGroup);
        if (process is null)
            return;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Variant Variant { get; }

    public Uri Address { get; }

    /// <summary>Of the group's first process, whose descendants the others are; null where only an address is known.</summary>
    public int? ProcessId => _process?.Id;

    /// <summary>A sentence with the last output when the process has ended although nobody asked it to; null while it lives.</summary>
    public string? Obituary => _process is { HasExited: true } ? $"'{Variant.Name}' ended with exit code {_process.ExitCode}:\n  {Variant.Command}\n{Output}" : null;

    /// <summary>The same a moment after nobody answered any more: a process closes its sockets before it has ended.</summary>
    public async Task<string?> ObituaryOfOneThatEndsAsync()
    {
        for (var waited = Stopwatch.StartNew(); _process is not null && Obituary is null && waited.Elapsed < Grace;)
            await Task.Delay(Poll / 4);
        return Obituary;
    }

    private string Output
    {
        get
        {
            lock (_output)
                return _output.ToString().TrimEnd();
        }
    }

    /// <summary>Starts the variant and waits until it answers.</summary>
    /// <param name="variant">What to start.</param>
    /// <param name="ready">Path that answers when it is ready, with any status below 500.</param>
    /// <param name="patience">Longest wait for that.</param>
    /// <param name="cancellation">Ends the wait and the process.</param>
    /// <exception cref="IOException">It could not be started, ended, or was not ready in time.</exception>
    public static async Task<VariantProcess> StartAsync(Variant variant, string ready, TimeSpan patience, CancellationToken cancellation)
    {
        var running = variant.Address is { } address ? new VariantProcess(variant, address, null, ownGroup: false) : Launch(variant);
        try
        {
            await running.WaitUntilReadyAsync(ready, patience, cancellation);
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
            return;
        try
        {
            if (_ownGroup)
            {
                // The shell ends at once when asked; what it started may take a moment more.
                ProcessGroup.Terminate(_process.Id);
                for (var waited = Stopwatch.StartNew(); ProcessGroup.Exists(_process.Id) && waited.Elapsed < Grace;)
                    await Task.Delay(Poll / 4);
                ProcessGroup.Kill(_process.Id);
            }
            else if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
                await ExitAsync();
            }
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // Gone already.
        }

        _process.Dispose();
    }

    private async Task ExitAsync()
    {
        using var patience = new CancellationTokenSource(Grace);
        try
        {
            await _process!.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // It does not end when asked to; the next signal does not ask.
        }
    }

    private static VariantProcess Launch(Variant variant)
    {
        var port = FreePort();
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        var command = variant.Command!
            .Replace("{port}", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{headroom}", Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory), StringComparison.Ordinal)
            .Replace("{url}", address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal);
        var ownGroup = ProcessGroup.Setsid is not null;
        var start = OperatingSystem.IsWindows() ? new ProcessStartInfo("cmd", ["/c", command])
            : ownGroup ? new ProcessStartInfo(ProcessGroup.Setsid!, ["/bin/sh", "-c", Watcher, "sh", command])
            : new ProcessStartInfo("/bin/sh", ["-c", command]);
        start.RedirectStandardOutput = start.RedirectStandardError = start.RedirectStandardInput = true;
        start.UseShellExecute = false;
        start.Environment["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in variant.Environment)
            start.Environment[name] = value;
        return new VariantProcess(variant, address, Process.Start(start) ?? throw new IOException($"'{variant.Name}' could not be started: {command}"), ownGroup);
    }

    private async Task WaitUntilReadyAsync(string ready, TimeSpan patience, CancellationToken cancellation)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var url = new Uri(Address, ready);
        var waited = Stopwatch.StartNew();
        var last = "no answer";
        while (waited.Elapsed < patience)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Obituary is { } obituary)
                throw new IOException(obituary);
            try
            {
                using var response = await client.GetAsync(url, cancellation);
                if ((int)response.StatusCode < 500)
                    return;
                last = $"status {(int)response.StatusCode}";
            }
            catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                last = e is HttpRequestException ? e.Message : "no answer within 5 s";
            }

            await Task.Delay(Poll, cancellation);
        }

        var hint = Variant.Command is { } command && !command.Contains("{port}", StringComparison.Ordinal) && !command.Contains("{url}", StringComparison.Ordinal)
            ? "\nIt has neither {port} nor {url}; write one where the command takes its address, or read the variable PORT."
            : "";
        var message = $"'{Variant.Name}' did not answer at {url} within {patience.TotalSeconds:0} s ({last}):\n  {Variant.Source}{hint}\n{Output}".TrimEnd();
        throw _process is null ? new AddressUnreachableException(message) : new IOException(message);
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        lock (_output)
        {
            _output.Append("  ").AppendLine(line);
            if (_output.Length > OutputLettersMax)
                _output.Remove(0, _output.Length - OutputLettersMax);
        }
    }

    /// <summary>Free now; who asks for it next gets another one.</summary>
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
