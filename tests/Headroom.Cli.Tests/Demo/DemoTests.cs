using System.Globalization;
using Headroom.Measurements;

namespace Headroom.Cli.Tests.Demo;

public sealed class DemoTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-demo-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Demo_Quick_ComparesPlainFrameworkAndTunedAndLeavesNoProcess()
    {
        using var process = HeadroomProcess.Start(["demo", "--quick", "--quiet"], _folder);
        var result = await HeadroomProcess.FinishAsync(process);
        Assert.Equal(0, result.ExitCode);
        foreach (var text in new[] { "GET /api/iris/overview", "POST /api/v2/messages/send", "p50", "p95", "p99", "requests/s", "bytes/request", "CPU/request", "plain", "framework", "tuned", "gain", "over framework" })
            Assert.Contains(text, result.Output, StringComparison.Ordinal);
        Assert.Contains(Path.Combine("headroom-out", "demo.html"), result.Output, StringComparison.Ordinal);
        Assert.Contains("GET /api/iris/overview", await File.ReadAllTextAsync(Path.Combine(_folder, "headroom-out", "demo.html"), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        var plain = RunFileJson.Read(Path.Combine(_folder, "headroom-out", "plain.json"));
        var tuned = RunFileJson.Read(Path.Combine(_folder, "headroom-out", "tuned.json"));
        var framework = RunFileJson.Read(Path.Combine(_folder, "headroom-out", "framework.json"));
        Assert.Equal(0, plain.Summary.Errors + framework.Summary.Errors + tuned.Summary.Errors);
        Assert.Equal(15, tuned.RequestsByName.Count);
        Assert.Subset(tuned.RequestsByName.Keys.ToHashSet(), plain.RequestsByName.Keys.ToHashSet());

        // What the optimisations are there for; far below what they give, so that no noise decides.
        Assert.True(tuned.Summary.RequestsPerSecond > 2 * plain.Summary.RequestsPerSecond);
        Assert.True(Cpu(tuned, "GET /api/iris/overview") < Cpu(plain, "GET /api/iris/overview") / 5);
        Assert.True(framework.Summary.RequestsPerSecond > 2 * plain.Summary.RequestsPerSecond);
        Assert.True(tuned.Summary.CacheHitRate > 0.5);
        Assert.Empty(ApisOf(process.Id));
    }

    [Fact]
    public async Task Demo_CtrlC_StopsAllApisAndExitsWith130()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "looks for processes in /proc");
        using var process = HeadroomProcess.Start(["demo", "--quick", "--quiet"], _folder);
        await UntilAsync(() => ApisOf(process.Id).Count == 3);
        HeadroomProcess.Interrupt(process);
        var result = await HeadroomProcess.FinishAsync(process);
        Assert.Equal(130, result.ExitCode);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.Empty(ApisOf(process.Id));
    }

    [Fact]
    public async Task Demo_KilledOutright_ItsApisEndByThemselves()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "looks for processes in /proc");
        using var process = HeadroomProcess.Start(["demo", "--quick", "--quiet"], _folder);
        await UntilAsync(() => ApisOf(process.Id).Count == 3);
        process.Kill();
        await UntilAsync(() => ApisOf(process.Id).Count == 0);
    }

    private static double Cpu(RunFile run, string name) => run.RequestsByName[name].TargetCpuMicrosecondsPerRequest!.Value;

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var attempt = 0; attempt < 600 && !condition(); attempt++)
            await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.True(condition());
    }

    /// <summary>Processes of the reference API that the given process started.</summary>
    private static List<string> ApisOf(int parent)
    {
        var mark = "--parent-pid\0" + parent.ToString(CultureInfo.InvariantCulture) + "\0";
        var found = new List<string>();
        if (!OperatingSystem.IsLinux())
            return found;
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(folder, "cmdline")).Contains(mark, StringComparison.Ordinal))
                    found.Add(folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Gone between listing and reading.
            }
        }

        return found;
    }
}
