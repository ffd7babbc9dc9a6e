using System.Globalization;
using System.Text.RegularExpressions;
using Headroom.Cli.Live;
using Headroom.Load;

namespace Headroom.Cli.Tests.Live;

public sealed partial class FrameTests
{
    private static readonly LiveStyle Plain = new(Colour: false, Unicode: true);

    [Fact]
    public void Draw_UsualTerminal_HasFiguresABarForEachScenarioAndTheTimeLeft() => AssertDraws(80, 24, """
        Measuring http://127.0.0.1:5080  checkout
        12,345 req/s   p50 1.23 ms   p95 5.60 ms   p99 89.1 ms   12 errors   61 VUs
        browse  ██████████████░░░░░░░░░░░░░░░░░░░░░░░░░░  41/100 VUs  0:59 left
        buy     █████████████████████░░░░░░░░░░░░░░░░░░░  250 /s  0:29 left
        spike   ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  in 0:29
        0:31 of 1:30, 0:59 left
        """);

    [Fact]
    public void Draw_FortyColumns_FlowsFiguresAndShortensBars() => AssertDraws(40, 24, """
        Measuring http://127.0.0.1:5080  check…
        12,345 req/s  p50 1.23 ms  p95 5.60 ms
        p99 89.1 ms  12 errors  61 VUs
        browse  ███░░░░░  41/100 VUs  0:59 left
        buy     ████░░░░  250 /s  0:29 left
        spike   ░░░░░░░░  in 0:29
        0:31 of 1:30, 0:59 left
        """);

    [Fact]
    public void Draw_ShortTerminal_KeepsFiguresRunningScenariosAndTheTimeLeft() => AssertDraws(100, 5, """
        12,345 req/s   p50 1.23 ms   p95 5.60 ms   p99 89.1 ms   12 errors   61 VUs
        browse  ██████████████░░░░░░░░░░░░░░░░░░░░░░░░░░  41/100 VUs  0:59 left
        and 2 more scenarios
        0:31 of 1:30, 0:59 left
        """);

    [Fact]
    public void Draw_TinyTerminal_KeepsTheRateAndTheTimeLeft() => AssertDraws(20, 3, """
        12,345 req/s
        0:31 of 1:30, 0:59…
        """);

    [Fact]
    public void Draw_WithoutUnicode_DrawsBarsInAscii()
    {
        var text = Text(Frame.Draw(Progresses.Plan, Progresses.Busy, new TerminalSize(80, 24), new LiveStyle(Colour: false, Unicode: false)));
        Assert.Contains("browse  ##############..........................  41/100 VUs", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_WithColour_ChangesNothingButTheLooks()
    {
        var coloured = Text(Frame.Draw(Progresses.Plan, Progresses.Busy, new TerminalSize(80, 24), new LiveStyle(Colour: true, Unicode: true)));
        Assert.Contains("\e[1;31m12 errors\e[0m", coloured, StringComparison.Ordinal);
        Assert.Equal(Text(Frame.Draw(Progresses.Plan, Progresses.Busy, new TerminalSize(80, 24), Plain)), Sgr().Replace(coloured, ""));
    }

    [Fact]
    public void Draw_IterationsAndEndedScenarios_SayHowFar()
    {
        var progress = Progresses.Busy with
        {
            Elapsed = TimeSpan.FromSeconds(95),
            Scenarios =
            [
                Progresses.Scenario("browse", ExecutorKind.RampingVus, ScenarioState.Ended, 90, 90) with { VusMax = 100 },
                Progresses.Scenario("buy", ExecutorKind.ConstantArrivalRate, ScenarioState.Stopping, 60, 60) with { VusMax = 3 },
                Progresses.Scenario("spike", ExecutorKind.SharedIterations, ScenarioState.Running, 29, 30) with { Vus = 5, VusMax = 5, IterationsDone = 2_500, IterationsTotal = 10_000 },
            ],
        };
        AssertDraws(70, 24, progress, """
            Measuring http://127.0.0.1:5080  checkout
            12,345 req/s   p50 1.23 ms   p95 5.60 ms   p99 89.1 ms   12 errors
            61 VUs
            browse  ██████████████████████████████████████  done
            buy     ██████████████████████████████████████  finishing
            spike   ██████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░  5/5 VUs  2,500/10,000
            1:35, finishing
            """);
    }

    [Fact]
    public void Draw_ProgressWithoutScenarios_HasOneBarForTheRun() => AssertDraws(60, 24, Progresses.Busy with { Scenarios = [], Vus = null, Errors = 1, LatestSecond = null }, """
        Measuring http://127.0.0.1:5080  checkout
        starting  1 error
        browse + buy  ████████████░░░░░░░░░░░░░░░░░░░░░░  0:59 left
        0:31 of 1:30, 0:59 left
        """);

    [Fact]
    public void Draw_SecondWithoutAnswers_HasNoPercentilesOfNothing()
    {
        var text = Text(Frame.Draw(Progresses.Plan, Progresses.Busy with { LatestSecond = Progresses.Second(0, 0, 0, 0) }, new TerminalSize(80, 24), Plain));
        Assert.Contains("0 req/s   12 errors", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_HostileNames_StayVisibleText()
    {
        var plan = Progresses.PlanOf("\e]0;title\a\e[2J", ("\e[31mred\n日本語", 0));
        var progress = Progresses.Busy with { Scenarios = [Progresses.Scenario("\e[31mred\n日本語", ExecutorKind.ConstantVus, ScenarioState.Running, 1, 2)] };
        var text = Text(Frame.Draw(plan, progress, new TerminalSize(80, 24), Plain));
        Assert.DoesNotContain('\e', text);
        Assert.DoesNotContain('\a', text);
        Assert.Equal(4, text.Split('\n').Length);
    }

    /// <summary>No line reaches the last column and no frame the last line, or the terminal would wrap and scroll.</summary>
    [Fact]
    public void Draw_AnyStateAndSize_Fits()
    {
        var seed = Seed.Printed(TestContext.Current.TestOutputHelper!);
        var random = new Random(seed);
        for (var i = 0; i < 3_000; i++)
        {
            var (progress, size) = (AnyProgress(random), new TerminalSize(random.Next(1, 140), random.Next(1, 40)));
            var lines = Frame.Draw(Progresses.Plan, progress, size, Plain);
            Assert.InRange(lines.Count, 1, Math.Max(size.Height, 3) - 1);
            Assert.All(lines, line => Assert.InRange(line.Cells, 0, Math.Max(size.Width, 20) - 1));
        }
    }

    private static LoadProgress AnyProgress(Random random) => new()
    {
        Active = [],
        WarmingUp = random.Next(2) == 0,
        Elapsed = TimeSpan.FromSeconds(random.NextDouble() * Math.Pow(10, random.Next(6))),
        Total = TimeSpan.FromSeconds(random.NextDouble() * Math.Pow(10, random.Next(6))),
        Requests = 1,
        Errors = random.NextInt64(0, 1L << random.Next(1, 50)),
        Vus = random.Next(3) == 0 ? null : random.Next(70_000),
        LatestSecond = random.Next(4) == 0 ? null : Progresses.Second(random.NextInt64(0, 1L << random.Next(1, 40)), random.NextDouble(), random.NextDouble() * 1e3, random.NextDouble() * 1e6),
        Scenarios = [.. Enumerable.Range(0, random.Next(8)).Select(_ => Progresses.Scenario(
            new string(random.Next(2) == 0 ? 'x' : '語', random.Next(60)), ExecutorKind.ConstantVus, (ScenarioState)random.Next(5), random.NextDouble() * 1e5, random.NextDouble() * 1e5) with
            {
                Vus = random.Next(70_000), VusMax = random.Next(70_000), RatePerSecond = random.Next(2) == 0 ? null : random.NextDouble() * 1e7,
                IterationsDone = random.Next(1_000_000), IterationsTotal = random.Next(2) == 0 ? null : random.NextInt64(1, 1L << 50),
            })],
    };

    private static void AssertDraws(int width, int height, string expected) => AssertDraws(width, height, Progresses.Busy, expected);

    private static void AssertDraws(int width, int height, LoadProgress progress, string expected) =>
        Assert.Equal(expected, Text(Frame.Draw(Progresses.Plan, progress, new TerminalSize(width, height), Plain)), ignoreLineEndingDifferences: true);

    private static string Text(IReadOnlyList<FrameLine> lines) => string.Join('\n', lines.Select(line => line.ToString()));

    [GeneratedRegex("\e\\[[0-9;]*m", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Sgr();
}
