namespace EndToEnd.Readme;

public sealed class ReadmeBlocksTests
{
    [Fact]
    public void Parse_ShellAndOtherBlocks_OnlyShellWithItsLine()
    {
        var blocks = ReadmeBlocks.Parse("# T\n\n```sh\n./headroom demo\n./test\n```\n\n```\noutput\n```\n\n```yaml\na: 1\n```\n```sh\nls\n```\n");

        Assert.Equal([(3, "./headroom demo\n./test"), (15, "ls")], blocks.Select(block => (block.Line, block.Commands)));
        Assert.All(blocks, block => Assert.Equal((null, 0, null), (block.SkipReason, block.ExpectedExitCode, block.BackgroundUntil)));
    }

    [Fact]
    public void Parse_Directives_Kept()
    {
        var blocks = ReadmeBlocks.Parse("""
            <!-- test: skip because it is this test -->
            ```sh
            ./test
            ```
            <!-- test: expect-exit 1 -->

            ```sh
            false
            ```
            <!-- test: background until http://127.0.0.1:5080/ -->
            ```sh
            serve
            ```
            <!-- a remark -->
            ```sh
            ls
            ```
            """);

        Assert.Equal(["it is this test", null, null, null], blocks.Select(block => block.SkipReason));
        Assert.Equal([0, 1, 0, 0], blocks.Select(block => block.ExpectedExitCode));
        Assert.Equal([null, null, new Uri("http://127.0.0.1:5080/"), null], blocks.Select(block => block.BackgroundUntil));
    }

    [Theory]
    [InlineData("<!-- test: skip -->\n```sh\nls\n```", "line 2: 'test: skip' is not known")]
    [InlineData("<!-- test: expect-exit one -->\n```sh\nls\n```", "line 2: 'test: expect-exit one' is not known")]
    [InlineData("```sh\nls\n", "line 1: the block has no end")]
    public void Parse_WrongDirectiveOrBlock_NamesTheLine(string markdown, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<FormatException>(() => ReadmeBlocks.Parse(markdown)).Message, StringComparison.Ordinal);
}
