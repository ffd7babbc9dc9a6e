namespace EndToEnd.Readme;

public sealed class ReadmeRunTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("headroom-readme-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Run_BlocksInOrder_SeeWhatTheOnesBeforeLeft()
    {
        await RunAsync("""
            ```sh
            echo first > a.txt
            ```
            <!-- test: skip because it would fail -->
            ```sh
            exit 9
            ```
            <!-- test: expect-exit 3 -->
            ```sh
            grep -q first a.txt
            exit 3
            ```
            """);

        Assert.Equal("first\n", await File.ReadAllTextAsync(Path.Combine(_directory, "a.txt"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Run_TargetMissedTwice_IsMeasuredAThirdTime()
    {
        await RunAsync("```sh\necho try >> tries.txt\ntest $(wc -l < tries.txt) = 3\n```");

        Assert.Equal(3, (await File.ReadAllLinesAsync(Path.Combine(_directory, "tries.txt"), TestContext.Current.CancellationToken)).Length);
    }

    [Theory]
    [InlineData("```sh\nfalse\ntrue\n```", "README.md(1): expected exit code 0")]
    [InlineData("\n<!-- test: expect-exit 1 -->\n```sh\ntrue\n```", "README.md(3): expected exit code 1")]
    [InlineData("<!-- test: background until http://127.0.0.1:1/ -->\n```sh\necho gone\n```", "README.md(2): http://127.0.0.1:1/ does not answer")]
    public async Task Run_BlockThatDoesNotDoWhatItShould_FailsWithItsLine(string markdown, string expected)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => RunAsync(markdown));

        Assert.StartsWith(expected, failure.Message, StringComparison.Ordinal);
    }

    private Task RunAsync(string markdown) => new ReadmeRun(_directory, _directory, output.WriteLine).RunAsync(ReadmeBlocks.Parse(markdown));
}
