namespace EndToEnd.Readme;

[Collection(nameof(Measuring))]
public sealed class ReadmeCommands(ITestOutputHelper output) : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("headroom-readme-home-").FullName;
    private readonly string _readme = File.ReadAllText(RepositoryRoot.Combine("README.md"));
    private readonly HashSet<string> _filesBefore = [.. Directory.EnumerateFiles(RepositoryRoot.Directory)];

    public void Dispose()
    {
        Directory.Delete(_home, recursive: true);
        // What the commands were told to write into the working directory, which is the repository.
        foreach (var file in Directory.EnumerateFiles(RepositoryRoot.Directory).Where(file => !_filesBefore.Contains(file) && _readme.Contains(Path.GetFileName(file), StringComparison.Ordinal)))
            File.Delete(file);
    }

    [Fact]
    public async Task EveryCommand_OfTheReadme_DoesWhatItSays()
    {
        var blocks = ReadmeBlocks.Parse(_readme);

        Assert.Contains(blocks, block => block.SkipReason is null);
        await new ReadmeRun(RepositoryRoot.Directory, _home, output.WriteLine).RunAsync(blocks);
    }
}
