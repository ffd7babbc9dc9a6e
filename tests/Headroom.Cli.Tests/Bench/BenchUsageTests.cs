namespace Headroom.Cli.Tests.Bench;

/// <summary>Mistakes are told before anything is sent: all at once, where they are, and what to write instead. Exit code 2.</summary>
public sealed class BenchUsageTests
{
    [Theory]
    [InlineData("--conections", "unknown option '--conections'; did you mean '--connections'?")]
    [InlineData("--durations", "unknown option '--durations'; did you mean '--duration'?")]
    [InlineData("--zzzzzzzz", "unknown option '--zzzzzzzz'")]
    public async Task Bench_UnknownOption_NamesTheNearest(string option, string expected)
    {
        var result = await HeadroomProcess.RunAsync("bench", "http://127.0.0.1:1/", option, "5");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.Contains("--help", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headroom_UnknownCommand_NamesTheNearest()
    {
        var result = await HeadroomProcess.RunAsync("bnech");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("unknown command 'bnech'; did you mean 'bench'?", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bnech x", "unknown command 'bnech'; did you mean 'bench'?")]
    [InlineData("", "no command is given; allowed: bench, load, capacity, plan, import, export, demo, gateway, report, compare, ablate, trend")]
    [InlineData("plan", "no command is given; allowed: check, show")]
    [InlineData("bench", "URL|PLAN is missing: Address to measure")]
    [InlineData("report a b c", "'c' is one word too many; 'headroom report' takes <RUN>, at most 2")]
    public async Task Headroom_WordsThatMakeNoCommand_AreToldInOneSentence(string words, string expected)
    {
        var result = await HeadroomProcess.RunAsync(words.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, result.ExitCode);
        var lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith(expected, lines[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such.yaml", "no-such.yaml: there is no such file")]
    [InlineData("http://127.0.0.1:1/ --body-file no-such.json", "--body-file: 'no-such.json': there is no such file")]
    public async Task Bench_FileThatIsNotThere_IsTold(string words, string expected)
    {
        var result = await HeadroomProcess.RunAsync(["bench", .. words.Split(' ')]);
        Assert.Equal(2, result.ExitCode);
        Assert.Equal(expected, result.Error.Trim());
    }

    [Fact]
    public async Task Bench_SeveralMistakes_AreToldTogether()
    {
        var result = await HeadroomProcess.RunAsync(
            "bench", "http://127.0.0.1:1/", "--connections", "0", "--duration", "5", "--rate", "fast", "--target", "p96<150ms", "--target", "p95", "--header", "nocolon", "--pid", "-3");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--connections is '0'; allowed: a whole number from 1 to 65535", result.Error, StringComparison.Ordinal);
        Assert.Contains("--duration is '5'; allowed: a time with its unit", result.Error, StringComparison.Ordinal);
        Assert.Contains("--rate is 'fast'", result.Error, StringComparison.Ordinal);
        Assert.Contains("'p96'", result.Error, StringComparison.Ordinal);
        Assert.Contains("'p95'", result.Error, StringComparison.Ordinal);
        Assert.Contains("--header is 'nocolon'; write NAME:VALUE", result.Error, StringComparison.Ordinal);
        Assert.Contains("--pid is '-3'", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:8080", "write the scheme too: http://localhost:8080")]
    [InlineData("ftp://127.0.0.1/", "allowed: http, https")]
    [InlineData("http://", "not a well-formed address")]
    [InlineData("http://user:secret@127.0.0.1/", "Authorization header")]
    public async Task Bench_BadAddress_SaysWhatToWrite(string address, string expected)
    {
        var result = await HeadroomProcess.RunAsync("bench", address);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_Plan_TellsEveryMistakeWithItsPlace()
    {
        var file = Path.GetTempFileName() + ".yaml";
        await File.WriteAllTextAsync(file, """
            target: http://127.0.0.1:1
            requsts: []
            requests:
              - url: /chats
                wieght: 3
              - name: second
                method: POST
            scenarios:
              steady:
                executor: constant-vu
                vus: 0
                duration: 10
            targets:
              - p96<150ms
            """, TestContext.Current.CancellationToken);
        try
        {
            var result = await HeadroomProcess.RunAsync("bench", file);
            Assert.Equal(2, result.ExitCode);
            string[] expected =
            [
                $"{file}:2:1: unknown key 'requsts' in the plan; allowed: ",
                $"{file}:5:5: unknown key 'wieght' in a request; allowed: ",
                $"{file}:6:5: a request has no 'url'",
                $"{file}:10:15: 'executor' is 'constant-vu'; allowed: constant-vus, constant-arrival-rate, ramping-vus, ramping-arrival-rate, per-vu-iterations, shared-iterations, replay; did you mean 'constant-vus'?",
                $"{file}:11:10: 'vus' must be a whole number from 1 to 65535; found '0'",
                $"{file}:12:15: 'duration' must be a duration",
                $"{file}:14:5: 'p96<150ms': unknown metric 'p96'",
            ];
            Assert.Equal(expected.Length, result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
            Assert.All(expected, line => Assert.Contains(line, result.Error, StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("--body", "x", "--body-file", "y", "keep one")]
    [InlineData("--out", "/no-such-folder/run.json", "--quiet", null, "does not exist")]
    [InlineData("--out", "", "--quiet", null, "--out is empty; write a path")]
    [InlineData("--body-file", " ", "--quiet", null, "--body-file is empty; write a path")]
    [InlineData("--weights", "1,2", "--quiet", null, "2 numbers for 1 addresses")]
    [InlineData("--base-url", "http://127.0.0.1/", "--quiet", null, "goes with a plan file")]
    public async Task Bench_OptionsThatDoNotFit_AreRefusedBeforeLoad(string first, string value, string second, string? secondValue, string expected)
    {
        var result = await HeadroomProcess.RunAsync([.. new[] { "bench", "http://127.0.0.1:1/", first, value, second, secondValue }.OfType<string>()]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_UnreachableTarget_ExitsWith3AndSaysWhichAddressAndWhy()
    {
        var port = FreePort.Next();
        var result = await HeadroomProcess.RunAsync("bench", $"http://127.0.0.1:{port}/");
        Assert.Equal(3, result.ExitCode);
        Assert.Contains($"Cannot reach http://127.0.0.1:{port}: 127.0.0.1:{port}: connection refused.", result.Error, StringComparison.Ordinal);
    }
}
