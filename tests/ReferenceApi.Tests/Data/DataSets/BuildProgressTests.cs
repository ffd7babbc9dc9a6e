using ReferenceApi.Data.DataSets;

namespace ReferenceApi.Tests.Data.DataSets;

public sealed class BuildProgressTests
{
    [Fact]
    public void Report_OnATerminal_DrawsOneLineOverItself()
    {
        var (output, time) = (new StringWriter(), new ManualTime());
        var progress = new BuildProgress(output, isTerminal: true, time, "data set 'x'");

        progress.Start(200);
        progress.Report(50);
        time.Advance(TimeSpan.FromMilliseconds(200));
        progress.Report(100);
        progress.Stage("creating indexes");
        progress.Finish(1_234);

        Assert.Equal(
            [
                "",
                "Building data set 'x' [..............................]  0 %  0 rows",
                "Building data set 'x' [###############...............] 50 %  100 rows",
                "Building data set 'x': creating indexes",
                "Built data set 'x': 1,234 rows in 0.2 s",
            ],
            output.ToString().TrimEnd('\n').Split('\r').Select(line => line.TrimEnd()));
    }

    [Fact]
    public void Report_ToAFile_WritesALineNowAndThen()
    {
        var (output, time) = (new StringWriter(), new ManualTime());
        var progress = new BuildProgress(output, isTerminal: false, time, "data set 'x'");

        progress.Start(2_000);
        for (var rows = 0; rows < 2_000; rows += 100)
        {
            time.Advance(TimeSpan.FromSeconds(0.6));
            progress.Report(rows);
        }

        progress.Finish(2_000);

        Assert.Equal(
            [
                "Building data set 'x': about 2,000 rows",
                "Building data set 'x': 800 rows, 40 %",
                "Building data set 'x': 1,700 rows, 85 %",
                "Built data set 'x': 2,000 rows in 12.0 s",
            ],
            output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain('\r', output.ToString().Replace(Environment.NewLine, "", StringComparison.Ordinal));
    }

    private sealed class ManualTime : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Advance(TimeSpan by) => now += by.Ticks;
    }
}
