namespace EndToEnd.Readme;

/// <summary>
/// Runs blocks in order as one person would, each by <c>bash -e</c> with the repository as working directory. Global tools go to a home of
/// this run, which is first on the path; packages come from the machine's cache.
/// </summary>
internal sealed class ReadmeRun(string repository, string home, Action<string> log)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(6);

    /// <summary>As docs/exit-codes.md says.</summary>
    private const int TargetMissed = 1;

    private const int TriesMax = 3;

    public async Task RunAsync(IReadOnlyList<ReadmeBlock> blocks)
    {
        var background = new List<ShellCommand>();
        try
        {
            foreach (var block in blocks)
            {
                log($"README.md({block.Line}): {block.SkipReason ?? block.Commands}");
                if (block.SkipReason is not null)
                    continue;

                var begun = TimeProvider.System.GetTimestamp();
                var command = Shell(block);
                if (block.BackgroundUntil is { } address)
                {
                    background.Add(command);
                    await WaitUntilAnsweredAsync(command, address, block);
                    continue;
                }

                var result = await FinishAsync(command, block);
                log($"{result}\n--- {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0.0} s");
                Assert.True(result.ExitCode == block.ExpectedExitCode, $"README.md({block.Line}): expected exit code {block.ExpectedExitCode}\n{block.Commands}\n{result}");
            }
        }
        finally
        {
            background.ForEach(command => command.Dispose());
        }
    }

    /// <summary>A target of a measurement that is missed may be a busy disk's doing; commands that are wrong fail as often as they are tried.</summary>
    private async Task<ShellResult> FinishAsync(ShellCommand command, ReadmeBlock block)
    {
        for (var tries = 1; ; tries++)
        {
            using (command)
            {
                var result = await command.FinishAsync(limit: Limit);
                if (block.ExpectedExitCode != 0 || result.ExitCode != TargetMissed || tries == TriesMax)
                    return result;
                log($"{result}\n--- once more");
            }

            command = Shell(block);
        }
    }

    private ShellCommand Shell(ReadmeBlock block) => new("bash", ["-e", "-o", "pipefail", "-c", block.Commands], repository, Environment());

    private (string Name, string? Value)[] Environment() =>
    [
        ("DOTNET_CLI_HOME", home),
        ("NUGET_PACKAGES", System.Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".nuget", "packages")),
        ("PATH", $"{Path.Combine(home, ".dotnet", "tools")}:{System.Environment.GetEnvironmentVariable("PATH")}"),
        ("MSBUILDDISABLENODEREUSE", "1"),
    ];

    private static async Task WaitUntilAnsweredAsync(ShellCommand command, Uri address, ReadmeBlock block)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        for (var deadline = TimeProvider.System.GetTimestamp(); ;)
        {
            try
            {
                using var response = await client.GetAsync(address, TestContext.Current.CancellationToken);
                return;
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                Assert.False(
                    command.HasExited || TimeProvider.System.GetElapsedTime(deadline) > Limit,
                    $"README.md({block.Line}): {address} does not answer: {exception.Message}\n{block.Commands}\n{command.Output}\n{command.Error}");
                await Task.Delay(200, TestContext.Current.CancellationToken);
            }
        }
    }
}
