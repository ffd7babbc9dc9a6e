using System.Diagnostics;
using System.Text;

namespace Headroom.Cli.Tests.Live;

/// <summary>The live view of a real run in a real pseudo-terminal, which util-linux's script(1) provides.</summary>
public sealed class PseudoTerminalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-pty-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Bench_Terminal_DrawsFollowsAResizeAndLeavesACleanScreen()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var sent = await RunInTerminalAsync(
            "xterm",
            columns: 60,
            $"trap : INT; ({Until("drawn")}; stty cols 90 </dev/tty; {Until("wider")}; kill -INT 0) & {Bench(server, "60s")} >'{_folder}/result.txt'",
            ("drawn", sent => sent.Contains('█', StringComparison.Ordinal)),
            ("wider", sent => CellsOfBars(sent) is [var first, .., var last] && last > first));

        // The bar uses the width there is: 40 cells at most, fewer before the resize.
        Assert.Contains("Measuring http://127.0.0.1:", sent, StringComparison.Ordinal);
        Assert.Contains("req/s", sent, StringComparison.Ordinal);
        Assert.Contains(" left", sent, StringComparison.Ordinal);
        var bars = CellsOfBars(sent);
        Assert.True(bars[0] < bars[^1], $"bars went from {bars[0]} to {bars[^1]} cells");
        Assert.Contains("\e[32m", sent, StringComparison.Ordinal);
        Assert.Equal("before\nafter", Shown(sent));
        Assert.Contains("p99", await File.ReadAllTextAsync(Path.Combine(_folder, "result.txt"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_PlanInATerminal_DrawsABarForEachScenario()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var plan = Path.Combine(_folder, "plan.yaml");
        await File.WriteAllTextAsync(plan, $$"""
            target: {{server.Url}}
            requests: [ /a ]
            scenarios:
              people: { executor: ramping-vus, startVUs: 1, stages: [ { duration: 3s, target: 4 } ], thinkTime: 20ms }
              probes: { executor: constant-arrival-rate, rate: 20/s, duration: 3s, maxVUs: 2 }
            """, TestContext.Current.CancellationToken);
        var sent = await RunInTerminalAsync("xterm", columns: 80, $"dotnet '{HeadroomProcess.Program}' load '{plan}' >/dev/null");
        Assert.Matches(@"people\s.*[█░]", sent);
        Assert.Matches(@"probes\s.*[█░]", sent);
        Assert.Contains(" left", sent, StringComparison.Ordinal);
        Assert.Equal("before\nafter", Shown(sent));
    }

    [Fact]
    public async Task Bench_NoColor_DrawsWithoutColours()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var sent = await RunInTerminalAsync("xterm", columns: 60, $"export NO_COLOR=1; {Bench(server)} >/dev/null");
        Assert.Contains("░", sent, StringComparison.Ordinal);
        Assert.DoesNotMatch("\e\\[[0-9;]*m", sent);
        Assert.Equal("before\nafter", Shown(sent));
    }

    [Fact]
    public async Task Bench_DumbTerminal_GetsPlainLines()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var sent = await RunInTerminalAsync("dumb", columns: 60, $"{Bench(server)} >/dev/null");
        Assert.DoesNotContain('\e', sent);
        Assert.Contains("Measuring http://127.0.0.1:", sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_Interrupted_LeavesACleanScreen()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var sent = await RunInTerminalAsync(
            "xterm", columns: 60, $"trap : INT; ({Until("drawn")}; kill -INT 0) & {Bench(server, "1h")} >/dev/null; echo exit $?", ("drawn", sent => CellsOfBars(sent).Count > 0));
        Assert.Equal("before\nexit 130\nafter", Shown(sent));
    }

    private static string Bench(ScriptedServer server, string duration = "3s") =>
        $"dotnet '{HeadroomProcess.Program}' bench {server.Url} --connections 2 --duration {duration} --warmup 0s";

    /// <summary>Shell that waits for the file that <see cref="RunInTerminalAsync"/> makes when the screen shows it.</summary>
    private string Until(string sign) => $"until [ -e '{Path.Combine(_folder, sign)}' ]; do sleep 0.05; done";

    private static List<int> CellsOfBars(string sent) => [.. sent.Split('\n').Select(line => line.Count(c => c is '█' or '░')).Where(cells => cells > 0)];

    /// <summary>What the terminal was sent. Standard input stays at the terminal, as a user's does. Each sign becomes a file, in order, once what was sent so far meets its condition.</summary>
    private async Task<string> RunInTerminalAsync(string term, int columns, string command, params (string Name, Func<string, bool> IsMet)[] signs)
    {
        var start = new ProcessStartInfo(Require.Tool("script"), ["-qefc", $"stty cols {columns} rows 20; echo before; {command}; echo after", "/dev/null"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        start.Environment["TERM"] = term;
        start.Environment["SHELL"] = "/bin/bash";
        start.Environment.Remove("NO_COLOR");
        using var process = Process.Start(start)!;
        var (sent, buffer) = (new StringBuilder(), new char[4096]);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        try
        {
            var next = 0;
            for (int read; (read = await process.StandardOutput.ReadAsync(buffer, patience.Token)) > 0;)
            {
                sent.Append(buffer, 0, read);
                for (; next < signs.Length && signs[next].IsMet(sent.ToString()); next++)
                    await File.WriteAllTextAsync(Path.Combine(_folder, signs[next].Name), "", patience.Token);
            }

            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException e)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"It did not end within two minutes. The terminal was sent:\n{sent}", e);
        }

        return sent.ToString();
    }

    /// <summary>The screen in the end. Lines of the frame are never wider than the terminal, so its width does not matter here.</summary>
    private static string Shown(string sent)
    {
        var screen = new Screen(200);
        screen.Write(sent);
        return screen.Text;
    }
}
