namespace EndToEnd.Readme;

/// <summary>Measures, so it has the machine to itself.</summary>
[CollectionDefinition(nameof(ReadmeCommands), DisableParallelization = true)]
[Collection(nameof(ReadmeCommands))]
public sealed class ReadmeCommands(ITestOutputHelper output) : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("headroom-readme-home-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task EveryCommand_OfTheReadme_DoesWhatItSays()
    {
        var blocks = ReadmeBlocks.Parse(await File.ReadAllTextAsync(RepositoryRoot.Combine("README.md"), TestContext.Current.CancellationToken));

        Assert.Contains(blocks, block => block.SkipReason is null);
        await new ReadmeRun(RepositoryRoot.Directory, _home, output.WriteLine).RunAsync(blocks);
    }
}
