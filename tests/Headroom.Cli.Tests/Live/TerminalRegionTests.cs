using Headroom.Cli.Live;

namespace Headroom.Cli.Tests.Live;

public sealed class TerminalRegionTests
{
    private static readonly LiveStyle Style = new(Colour: true, Unicode: true);

    [Fact]
    public void Draw_AgainAndAgain_ReplacesWhatStoodThere()
    {
        var (screen, region, flush) = New(40);
        region.Draw(Lines("first line", "second line", "third"), 40);
        region.Draw(Lines("1st", "2nd"), 40);
        flush();
        Assert.Equal("$ headroom bench\n1st\n2nd", screen.Text);
    }

    [Fact]
    public void Clear_AfterDrawing_LeavesWhatWasThereBefore()
    {
        var (screen, region, flush) = New(40);
        region.Draw(Lines("a", "b"), 40);
        region.Clear(40);
        region.Clear(40);
        flush();
        screen.Write("result\n");
        Assert.Equal("$ headroom bench\nresult", screen.Text);
    }

    [Theory]
    [InlineData(40, 20)]
    [InlineData(40, 7)]
    [InlineData(20, 60)]
    public void Draw_TerminalThatChangedItsWidth_LeavesNothingBehind(int before, int after)
    {
        var (screen, region, flush) = New(before);
        region.Draw(Lines(new string('x', before - 1), "short", new string('y', before - 1)), before);
        flush();
        screen.Resize(after);
        region.Draw(Lines("new"), after);
        flush();
        Assert.Equal("$ headroom bench\nnew", screen.Text);
        region.Clear(after);
        flush();
        Assert.Equal("$ headroom bench", screen.Text);
    }

    [Fact]
    public void Draw_SameFrame_WritesNothing()
    {
        var output = new StringWriter();
        var region = new TerminalRegion(output);
        region.Draw(Lines("a"), 40);
        var written = output.ToString();
        region.Draw(Lines("a"), 40);
        Assert.Equal(written, output.ToString());
        region.Draw(Lines("a"), 41);
        Assert.NotEqual(written, output.ToString());
    }

    private static (Screen Screen, TerminalRegion Region, Action Flush) New(int width)
    {
        var screen = new Screen(width);
        screen.Write("$ headroom bench\n");
        var output = new StringWriter();
        return (screen, new TerminalRegion(output), () =>
        {
            screen.Write(output.ToString());
            output.GetStringBuilder().Clear();
        });
    }

    private static FrameLine[] Lines(params string[] texts) => [.. texts.Select(text => new FrameLine(Style).Add(text, Look.Bold))];
}
