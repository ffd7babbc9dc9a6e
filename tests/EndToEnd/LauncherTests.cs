using System.Diagnostics;

namespace EndToEnd;

public sealed class LauncherTests : IDisposable
{
    private const string Echo = """System.Console.WriteLine("one " + string.Join('|', args)); return args.Length;""";

    private readonly SmallRepository _repository = new();

    public void Dispose() => _repository.Dispose();

    [Fact]
    public async Task Launch_SourcesUnchanged_StartsWithoutBuilding()
    {
        _repository.WriteProgram(Echo);
        var clock = Stopwatch.StartNew();
        var first = await _repository.HeadroomAsync("a", "b c");
        var building = clock.Elapsed;
        var fastest = TimeSpan.MaxValue;
        for (var attempt = 0; attempt < 5; attempt++)
        {
            clock.Restart();
            var again = await _repository.HeadroomAsync("a", "b c");
            fastest = clock.Elapsed < fastest ? clock.Elapsed : fastest;
            Assert.Equal((2, "one a|b c\n", ""), (again.ExitCode, again.Output, again.Error));
        }

        Assert.Equal((2, "one a|b c\n"), (first.ExitCode, first.Output));
        Assert.Matches(@"^Building Headroom \(first run\)… \d+ s\n$", first.Error);
        Assert.True(fastest < building / 3, $"the fastest of five launches took {fastest.TotalMilliseconds} ms, the one that built {building.TotalMilliseconds} ms");
    }

    [Fact]
    public async Task Launch_SourceEditedAddedDeletedBroken_BuildsEachTime()
    {
        const string program = "src/Apps/Headroom.Cli/Program.cs";
        _repository.WriteProgram(Echo);
        Assert.Equal("one \n", (await _repository.HeadroomAsync()).Output);

        // The same length, so that only the time tells.
        _repository.WriteProgram(Echo.Replace("one", "two", StringComparison.Ordinal));
        Assert.Equal("two \n", (await _repository.HeadroomAsync()).Output);

        _repository.Write("src/Apps/Headroom.Cli/Broken.cs", "namespace Broken; class A : Missing;");
        var broken = await _repository.HeadroomAsync();
        Assert.Equal((2, ""), (broken.ExitCode, broken.Output));
        Assert.Contains("Broken.cs(1,29): error CS0246", broken.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await _repository.HeadroomAsync()).ExitCode);

        File.Delete(Path.Combine(_repository.Root, "src/Apps/Headroom.Cli/Broken.cs"));
        var mended = await _repository.HeadroomAsync();
        Assert.Equal((0, "two \n"), (mended.ExitCode, mended.Output));
        Assert.StartsWith("Building Headroom (sources changed)… ", mended.Error, StringComparison.Ordinal);

        File.Move(Path.Combine(_repository.Root, program), Path.Combine(_repository.Root, "src/Apps/Headroom.Cli/Start.cs"));
        Assert.StartsWith("Building Headroom (sources changed)… ", (await _repository.HeadroomAsync()).Error, StringComparison.Ordinal);
        Assert.Equal("", (await _repository.HeadroomAsync()).Error);
    }

    [Fact]
    public async Task Launch_TerminatedWhileBuilding_LeavesNothingHalfDone()
    {
        _repository.WriteProgram(Echo);
        using var interrupted = new ShellCommand(_repository.Headroom, [], _repository.Outside);
        await interrupted.WaitForAsync(command => File.Exists(Path.Combine(_repository.Root, "artifacts/headroom-build.log")), "the build to begin");
        interrupted.Signal("TERM");
        var result = await interrupted.FinishAsync();

        Assert.Equal(143, result.ExitCode);
        Assert.EndsWith("interrupted\n", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_repository.Root, "artifacts/headroom.stamp")));
        Assert.Equal("one \n", (await _repository.HeadroomAsync()).Output);
    }

    [Fact]
    public async Task Launch_TwoAtOnce_OneBuildsAndBothRun()
    {
        _repository.WriteProgram(Echo);

        var results = await Task.WhenAll(_repository.HeadroomAsync("x"), _repository.HeadroomAsync("x"));

        Assert.All(results, result => Assert.Equal((1, "one x\n"), (result.ExitCode, result.Output)));
        Assert.Single(results, result => result.Error.Contains("Building Headroom", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Launch_ThroughLinkFromElsewhereWithSpaceInPathAndNoHome_Works()
    {
        using var spaced = new SmallRepository("head room");
        spaced.WriteProgram("""System.Console.WriteLine(System.Environment.CurrentDirectory + System.Console.In.ReadToEnd());""");
        var bin = Directory.CreateDirectory(Path.Combine(spaced.Outside, "my bin")).FullName;
        File.CreateSymbolicLink(Path.Combine(bin, "direct"), "../head room/headroom");
        File.CreateSymbolicLink(Path.Combine(bin, "hr"), "direct");

        using var launch = new ShellCommand(Path.Combine(bin, "hr"), [], bin, ("HOME", null), ("DOTNET_CLI_HOME", null), ("NUGET_PACKAGES", PackageCache()));
        var result = await launch.FinishAsync("<input>");

        Assert.Equal((0, bin + "<input>\n"), (result.ExitCode, result.Output));
        Assert.True(Directory.Exists(Path.Combine(spaced.Root, "artifacts/home")), result.ToString());
    }

    [Fact]
    public async Task Launch_SdkTooOld_SaysWhatToInstall()
    {
        _repository.WriteProgram(Echo);
        _repository.Write("old/dotnet", "#!/bin/sh\n[ \"$1\" = --list-sdks ] && echo '8.0.100 [/usr/lib/dotnet/sdk]' && exit\nexit 145\n");
        var old = Path.Combine(_repository.Root, "old");
        await ShellCommand.RunAsync("chmod", ["+x", Path.Combine(old, "dotnet")], old);

        var result = await ShellCommand.RunAsync(_repository.Headroom, [], _repository.Root, ("PATH", $"{old}:{Environment.GetEnvironmentVariable("PATH")}"));

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains($"the .NET SDK 10.0.100 or newer is needed; {old}/dotnet has 8.0.100", result.Error, StringComparison.Ordinal);
        Assert.Contains("Install the .NET SDK 10", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Launch_SignalToRunningProgram_ProgramAnswersIt()
    {
        _repository.WriteProgram("""
            using var stopped = new System.Threading.ManualResetEventSlim();
            using var signal = System.Runtime.InteropServices.PosixSignalRegistration.Create(
                System.Runtime.InteropServices.PosixSignal.SIGINT, context => { context.Cancel = true; stopped.Set(); });
            System.Console.WriteLine("ready");
            stopped.Wait();
            System.Console.WriteLine("results so far");
            return 130;
            """);
        using var launch = new ShellCommand(_repository.Headroom, [], _repository.Outside);
        await launch.WaitForAsync(command => command.Output.Contains("ready", StringComparison.Ordinal), "the program to start");
        launch.Signal("INT");

        var result = await launch.FinishAsync();

        Assert.Equal((130, "ready\nresults so far\n"), (result.ExitCode, result.Output));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Launch_WholeRepositoryCopied_BuildsAndAnswers()
    {
        _repository.CopyAllSources();

        var first = await _repository.HeadroomAsync("--version");
        var again = await _repository.HeadroomAsync("--version");

        Assert.Equal((0, 0), (first.ExitCode, again.ExitCode));
        Assert.Matches(@"^\d+\.\d+\.\d+", first.Output);
        Assert.Equal((first.Output, ""), (again.Output, again.Error));
    }

    [Fact]
    public async Task OrdinaryBuild_AfterLaunch_RunsTheAnalyzersThatTheLaunchLeftOut()
    {
        // CA2201 is an analyzer's finding; the compiler itself has nothing against it.
        _repository.WriteProgram("""if (args.Length > 9) throw new System.Exception("x"); System.Console.WriteLine("ran");""");
        Assert.Equal("ran\n", (await _repository.HeadroomAsync()).Output);

        var build = await ShellCommand.RunAsync("dotnet", ["build", "src/Apps/Headroom.Cli", "-c", "Release", "-nodeReuse:false"], _repository.Root);

        Assert.Equal(1, build.ExitCode);
        Assert.Contains("error CA2201", build.Output, StringComparison.Ordinal);
    }

    private static string PackageCache() =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
}
