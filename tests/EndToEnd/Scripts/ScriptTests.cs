using EndToEnd.Performance;
using Headroom.Measurements;

namespace EndToEnd.Scripts;

/// <summary>samples/scripts, started as their first lines say, and with the packages as docs/library.md says.</summary>
[Collection(nameof(Measuring))]
public sealed class ScriptTests(TunedApi api) : IClassFixture<TunedApi>, IDisposable
{
    private static readonly string Script = RepositoryRoot.Combine("samples", "scripts", "load.cs");
    private static readonly string Page = File.ReadAllText(RepositoryRoot.Combine("docs", "library.md"));

    private readonly (string Name, string? Value)[] _sources = [("MSBUILDDISABLENODEREUSE", "1")];
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-script-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Load_OfOneFile_MeasuresAndLeavesARunFile()
    {
        await MeasuresAsync(Script, _sources);

        var wrong = await RunAsync(Script, _sources);
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("usage: ", wrong.Error, StringComparison.Ordinal);
    }

    /// <summary>As somebody without this repository's sources: the packages in a folder, and a script that names one.</summary>
    [Fact]
    public async Task Load_WithThePackage_MeasuresAndLeavesARunFile()
    {
        Require.Tool("dotnet");
        foreach (var project in new[] { "Headroom.Measurements", "Headroom.Load" })
        {
            Assert.Contains($"dotnet pack src/Measure/{project} --output ", Page, StringComparison.Ordinal);
            using var pack = new ShellCommand("dotnet", ["pack", $"src/Measure/{project}", "--output", Path.Combine(_folder, "packages")], RepositoryRoot.Directory, _sources);
            var packed = await pack.FinishAsync(limit: TimeSpan.FromMinutes(8));
            Assert.True(packed.ExitCode == 0, packed.ToString());
        }

        // Packages of others come from where this machine keeps them, so that the test needs no network.
        await File.WriteAllTextAsync(Path.Combine(_folder, "nuget.config"), $"""
            <configuration>
              <packageSources>
                <clear />
                <add key="headroom" value="packages" />
              </packageSources>
              <fallbackPackageFolders>
                <add key="machine" value="{MachinePackages}" />
              </fallbackPackageFolders>
            </configuration>
            """, TestContext.Current.CancellationToken);

        var package = Page.Split('\n').Select(line => line.Trim()).Single(line => line.StartsWith("#:package ", StringComparison.Ordinal));
        var lines = await File.ReadAllLinesAsync(Script, TestContext.Current.CancellationToken);
        Assert.StartsWith("#:project ", lines[1], StringComparison.Ordinal);
        lines[1] = package;
        var script = Path.Combine(_folder, "load.cs");
        await File.WriteAllLinesAsync(script, lines, TestContext.Current.CancellationToken);

        // What was packed here has the version that others pack: it must not stay in the machine's cache.
        await MeasuresAsync(script, [.. _sources, ("NUGET_PACKAGES", Path.Combine(_folder, "cache"))]);
    }

    private static string MachinePackages =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private async Task MeasuresAsync(string script, (string Name, string? Value)[] environment)
    {
        var file = Path.Combine(_folder, "run.json");
        var result = await RunAsync(script, environment, api.Address.ToString(), file);

        // How quick the machine is, is no matter here: that the exit code is the verdict, is.
        Assert.True(File.Exists(file), result.ToString());
        var run = RunFileJson.Read(file);
        Assert.True(result.ExitCode == (run.Thresholds.Any(target => target is { Passed: false, Undecided: false }) ? 1 : 0), result.ToString());
        Assert.Contains($"chats: {run.Summary.Requests} requests in ", result.Output, StringComparison.Ordinal);
        Assert.Equal((100, 0), (run.Summary.Requests, run.Summary.Errors));
    }

    /// <summary>In a folder without a project, which dotnet would run instead.</summary>
    private Task<ShellResult> RunAsync(string script, (string Name, string? Value)[] environment, params string[] arguments) =>
        ShellCommand.RunAsync("dotnet", ["run", "--configuration", "Release", script, .. arguments], _folder, environment);
}
