using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace ReferenceApi.Tests.Harness;

/// <summary>The API as a process of its own, as the command line starts it. Killed at the end if it still runs.</summary>
internal sealed partial class ApiProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder errors = new();
    private readonly TaskCompletionSource<string> address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ApiProcess(ProcessStartInfo start)
    {
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Take(line.Data, output);
        process.ErrorDataReceived += (_, line) => Take(line.Data, errors);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Beside the tests of a project that uses it as a library, else where it was built itself.</summary>
    public static string ProgramPath { get; } = new[]
    {
        Path.Combine(AppContext.BaseDirectory, "ReferenceApi.dll"),
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "ReferenceApi", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "ReferenceApi.dll")),
    }.First(File.Exists);

    public int Id => process.Id;

    public string Output => Read(output);

    public string Errors => Read(errors);

    public static ApiProcess Start(params string[] arguments) => new(StartInfo("dotnet", [ProgramPath, .. arguments]));

    /// <summary>Through a shell that sets something up first; <c>"$@"</c> is the program with its arguments.</summary>
    public static ApiProcess StartInShell(string script, params string[] arguments) =>
        new(StartInfo("/bin/bash", ["-c", script, "bash", "dotnet", ProgramPath, .. arguments]));

    /// <summary>The address that it tells once it is ready.</summary>
    public async Task<Uri> ReadyAsync()
    {
        var ended = process.WaitForExitAsync(TestContext.Current.CancellationToken);
        if (await Task.WhenAny(address.Task, ended).WaitAsync(Patience) == ended && !address.Task.IsCompleted)
            Assert.Fail($"The API ended with {process.ExitCode} before it was ready.\n{Output}\n{Errors}");

        return new Uri(await address.Task);
    }

    /// <summary>Waits until it has said this on standard error.</summary>
    public async Task SaysAsync(string text)
    {
        var waited = Stopwatch.StartNew();
        while (!Errors.Contains(text, StringComparison.Ordinal))
        {
            Assert.True(waited.Elapsed < Patience && !process.HasExited, $"It did not say '{text}'.\n{Output}\n{Errors}");
            await Task.Delay(10);
        }
    }

    /// <summary>SIGTERM, SIGINT or SIGKILL.</summary>
    public void Signal(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        kill.WaitForExit();
    }

    public async Task<int> ExitAsync()
    {
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The API still runs after {Patience}.\n{Output}\n{Errors}");
        }

        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        process.Dispose();
    }

    private static ProcessStartInfo StartInfo(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("ASPNETCORE_URLS");
        return start;
    }

    [GeneratedRegex(@"^Reference API \((?:plain|framework|tuned|custom)\) listening on (?<address>http://127\.0\.0\.1:\d+)$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex ReadyLine();

    private static string Read(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }

    private void Take(string? line, StringBuilder text)
    {
        if (line is null)
            return;

        lock (text)
            text.AppendLine(line);

        if (ReferenceEquals(text, output) && ReadyLine().Match(line) is { Success: true } ready)
            address.TrySetResult(ready.Groups["address"].Value);
    }
}
