using ReferenceApi.Hosting;

namespace ReferenceApi.Tests.Hosting;

public sealed class StartOptionsTests
{
    [Fact]
    public void Parse_OfNothing_TakesTheDefaults()
    {
        var options = StartOptions.Parse([]);

        Assert.Null(options.AllFeatures);
        Assert.Equal("small", options.DataSet);
        Assert.Equal(20_250_101UL, options.Seed);
        Assert.Null(options.DataFolder);
        Assert.Null(options.ParentProcessId);
        Assert.Empty(options.Configuration);
    }

    [Fact]
    public void Parse_OfEverything_TakesBothWaysToWriteAValue()
    {
        var options = StartOptions.Parse(
            ["--tuned", "--dataset=LARGE", "--data", "/tmp/some where", "--seed", "0", "--parent-pid=12", "--urls", "http://127.0.0.1:0", "--A:B", "c=d", "--X:Y="]);

        Assert.True(options.AllFeatures);
        Assert.Equal("large", options.DataSet);
        Assert.Equal("/tmp/some where", options.DataFolder);
        Assert.Equal(0UL, options.Seed);
        Assert.Equal(12, options.ParentProcessId);
        Assert.Equal(["--urls=http://127.0.0.1:0", "--A:B=c=d", "--X:Y="], options.Configuration);
    }

    [Theory]
    [InlineData("--plain --tuned", "--plain and --tuned exclude each other")]
    [InlineData("--tuned --framework", "--tuned and --framework exclude each other")]
    [InlineData("--plain=yes", "--plain takes no value, but has 'yes'.")]
    [InlineData("--dataset", "--dataset needs a value.")]
    [InlineData("--dataset --plain", "--dataset needs a value.")]
    [InlineData("--dataset medium", "--dataset is 'medium'; write one of small, large.")]
    [InlineData("--data=", "--data is ''; write the path of a folder.")]
    [InlineData("--seed -1", "--seed is '-1'; write a whole number from 0 to 18446744073709551615.")]
    [InlineData("--parent-pid 0", "--parent-pid is '0'; write the number of a process, 1 or more.")]
    [InlineData("--tunned", "'--tunned' is not an option. Did you mean --tuned?")]
    [InlineData("--data-set large", "'--data-set' is not an option. Did you mean --dataset?")]
    [InlineData("tuned", "'tuned' is not an option.")]
    [InlineData("--Headroom:Features:Compression", "--Headroom:Features:Compression needs a value.")]
    public void Parse_OfAMistake_SaysWhatIsWrong(string arguments, string message)
    {
        var exception = Assert.Throws<StartupException>(() => StartOptions.Parse(arguments.Split(' ')));

        Assert.Equal(2, exception.ExitCode);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_OfSeveralMistakes_NamesThemAll()
    {
        var exception = Assert.Throws<StartupException>(() => StartOptions.Parse(["--dataset", "x", "--seed", "y", "z"]));

        Assert.Equal(4, exception.Message.Split(Environment.NewLine).Length);
    }
}
