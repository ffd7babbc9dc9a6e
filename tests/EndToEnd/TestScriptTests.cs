using System.Diagnostics;

namespace EndToEnd;

/// <summary>./test on a project made up here, whose tests do what an environment variable says.</summary>
public sealed class TestScriptTests(TestScriptTests.SmallSuite suite) : IClassFixture<TestScriptTests.SmallSuite>
{
    private static readonly string[] ProgramsThatTestsStart = ["CacheNode", "CapacityServer"];

    [Fact]
    public async Task List_ThisRepository_NamesEveryProjectAndWhatItNeeds()
    {
        var result = await ShellCommand.RunAsync(RepositoryRoot.Combine("test"), ["--list"], Path.GetTempPath());

        Assert.Equal(0, result.ExitCode);
        var projects = Directory.EnumerateDirectories(RepositoryRoot.Combine("tests"))
            .Select(Path.GetFileName).Where(name => File.Exists(RepositoryRoot.Combine("tests", name!, name + ".csproj")) && !ProgramsThatTestsStart.Contains(name, StringComparer.Ordinal));
        Assert.Equal(projects.Order(StringComparer.Ordinal), result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]).Order(StringComparer.Ordinal));
        Assert.Matches(@"(?m)^EndToEnd +.*\bPostgres\b", result.Output);
    }

    [Theory]
    [InlineData("unknown option '--fast'", "--fast")]
    [InlineData("'soon' is not a number of seconds", "--time-limit", "soon")]
    [InlineData("no test project or test matches 'Absent'", "Absent")]
    public async Task Run_WrongUsage_ExitsTwoAndSaysWhy(string reason, params string[] arguments)
    {
        var result = await suite.TestAsync("", arguments);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(reason, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 0, "2 passed, 0 failed, 1 skipped")]
    [InlineData("fail", 1, "1 passed, 1 failed, 1 skipped")]
    [InlineData("crash", 1, "0 passed, 1 failed, 0 skipped")]
    [InlineData("exit", 1, "0 passed, 1 failed, 0 skipped")]
    [InlineData("hang", 1, "0 passed, 1 failed, 0 skipped")]
    public async Task Run_TestsThatDo_CountsThemInTheLastLine(string what, int exitCode, string lastLine)
    {
        var result = await suite.TestAsync(what, "--time-limit", what == "hang" ? "3" : "60", "Suite");

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Equal(lastLine, result.Output.TrimEnd('\n').Split('\n')[^1]);
        Assert.Equal(what is "fail", result.Output.Contains("Failed:\nSmall.Behaviour.Do_AsTold_Done\n", StringComparison.Ordinal));
        Assert.Equal(what is "hang", result.Output.Contains("Suite.Tests: not finished after 3 s (", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_TestNameAsPattern_RunsThatTestAlone()
    {
        var result = await suite.TestAsync("fail", "pass_always");

        Assert.Equal(0, result.ExitCode);
        Assert.EndsWith("\n1 passed, 0 failed, 0 skipped\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithSlowTests_RunsThemOnlyWhenAsked()
    {
        var result = await suite.TestAsync("", "--all", "Suite");

        Assert.EndsWith("\n3 passed, 0 failed, 1 skipped\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_UnderCi_FailsWhatIsMissing()
    {
        var result = await suite.Start("", ["Suite"], ("CI", "true")).FinishAsync();

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("CI=true, and the program 'no-such-program' is not installed", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("\n2 passed, 1 failed, 0 skipped\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TestsThatDoNotCompile_ExitsTwoWithTheError()
    {
        using var broken = new SmallSuite();
        broken.Repository.Write("tests/Suite.Tests/Broken.cs", "class A : Missing;");

        var result = await broken.TestAsync("");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Broken.cs(1,11): error CS0246", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    [InlineData("KILL", 137)]
    public async Task Run_EndedBySignalWhileServicesRun_LeavesNothingBehind(string signal, int exitCode)
    {
        // So that ./test has installed PostgreSQL and Redis where they can be had.
        Require.Postgres();
        Require.Redis();
        var temporary = Directory.CreateDirectory(Path.Combine(suite.Repository.Outside, "tmp-" + signal)).FullName;
        using var run = suite.Start("services", ["Suite"], ("TMPDIR", temporary));
        await run.WaitForAsync(command => command.Output.Contains("[services]", StringComparison.Ordinal), "the tests to reach the services");
        var redis = run.Output.Split("[services] ")[1].Split('\n')[0];
        Assert.True(ProcessesThatName($"{temporary}/").Count >= 3, "PostgreSQL, the watcher and the test project name the folder");
        Assert.NotEmpty(ProcessesThatName(redis));

        run.Signal(signal);
        var result = await run.FinishAsync();

        Assert.Equal(exitCode, result.ExitCode);
        // SIGKILL leaves the cleaning to the watcher, which nobody waits for.
        for (var tries = 0; signal == "KILL" && tries < 200 && !IsClean(); tries++)
            await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Empty(ProcessesThatName($"{temporary}/"));
        Assert.Empty(ProcessesThatName(redis));
        Assert.Empty(Directory.EnumerateFileSystemEntries(temporary, "headroom-test.*"));

        bool IsClean() => ProcessesThatName($"{temporary}/").Count + ProcessesThatName(redis).Count == 0 && !Directory.EnumerateFileSystemEntries(temporary, "headroom-test.*").Any();
    }

    /// <summary>Command lines of running processes with this text in them.</summary>
    private static List<string> ProcessesThatName(string text)
    {
        using var ps = Process.Start(new ProcessStartInfo("ps", ["-eo", "args"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        return [.. ps.StandardOutput.ReadToEnd().Split('\n').Where(line => line.Contains(text, StringComparison.Ordinal))];
    }

    /// <summary>A repository with one test project, built by its first run.</summary>
    public sealed class SmallSuite : IDisposable
    {
        internal SmallRepository Repository { get; } = new();

        public SmallSuite()
        {
            Repository.Write("tests/Suite.Tests/Suite.Tests.csproj", """<Project Sdk="Microsoft.NET.Sdk" />""");
            Repository.Write("tests/Suite.Tests/Behaviour.cs", """
                using System.Globalization;

                namespace Small;

                public sealed class Behaviour
                {
                    private static string? Told => Environment.GetEnvironmentVariable("SUITE_DO");

                    [Fact]
                    public void Pass_Always_Passes() { }

                    [Fact, Trait("Category", "Slow")]
                    public void Pass_Slowly_Passes() { }

                    [Fact]
                    public void Need_ProgramThatIsNowhere_Skips() => Require.Tool("no-such-program");

                    [Fact]
                    public void Do_AsTold_Done()
                    {
                        switch (Told)
                        {
                            case "fail": Assert.Fail("told to"); break;
                            case "crash": Environment.FailFast(""); break;
                            case "exit": Environment.Exit(0); break;
                            case "hang": Thread.Sleep(Timeout.Infinite); break;
                            case "services":
                                Assert.NotEqual(Require.Postgres(), Require.Redis());
                                Console.WriteLine("[services] " + Require.Redis());
                                Thread.Sleep(Timeout.Infinite);
                                break;
                        }
                    }
                }
                """);
        }

        internal Task<ShellResult> TestAsync(string what, params string[] arguments) => Start(what, arguments).FinishAsync();

        internal ShellCommand Start(string what, string[] arguments, params (string Name, string? Value)[] environment) =>
            new(Path.Combine(Repository.Root, "test"), arguments, Repository.Outside, [("SUITE_DO", what), .. environment]);

        public void Dispose() => Repository.Dispose();
    }
}
