using System.Diagnostics;
using System.Text;

namespace EndToEnd;

internal sealed record ShellResult(int ExitCode, string Output, string Error)
{
    public override string ToString() => $"exit code {ExitCode}\n--- stdout\n{Output}\n--- stderr\n{Error}";
}

/// <summary>A real process, with its output collected. Without <c>CI</c> and what ./test sets for its tests, as a person's shell would start it.</summary>
internal sealed class ShellCommand : IDisposable
{
    private static readonly string[] NotInherited = ["CI", "HEADROOM_TEST_POSTGRES", "HEADROOM_TEST_POSTGRES_MISSING", "HEADROOM_TEST_REDIS", "HEADROOM_TEST_REDIS_MISSING"];

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    public ShellCommand(string program, IEnumerable<string> arguments, string directory, params IEnumerable<(string Name, string? Value)> environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var name in NotInherited)
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Append(_error, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Output => Text(_output);

    public string Error => Text(_error);

    public bool HasExited => _process.HasExited;

    public static async Task<ShellResult> RunAsync(string program, IEnumerable<string> arguments, string directory, params IEnumerable<(string Name, string? Value)> environment)
    {
        using var command = new ShellCommand(program, arguments, directory, environment);
        return await command.FinishAsync();
    }

    /// <summary>Closes standard input after <paramref name="input"/> and waits for the end.</summary>
    public async Task<ShellResult> FinishAsync(string input = "", TimeSpan? limit = null)
    {
        await _process.StandardInput.WriteAsync(input);
        _process.StandardInput.Close();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(limit ?? TimeSpan.FromMinutes(4));
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException exception)
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)}' did not end in time. It had said:\n{Output}\n{Error}", exception);
        }

        return new(_process.ExitCode, Output, Error);
    }

    public async Task WaitForAsync(Func<ShellCommand, bool> condition, string what)
    {
        for (var tries = 0; !condition(this); tries++)
        {
            if (tries > 1200 || HasExited)
                throw new TimeoutException($"waiting for {what}; the command {(HasExited ? "has ended" : "runs")} and said:\n{Output}\n{Error}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Sends a signal by name (<c>INT</c>, <c>TERM</c>, <c>KILL</c>) to this process alone.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{Id}"]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is null)
            return;
        lock (text)
            text.AppendLine(line);
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }
}
