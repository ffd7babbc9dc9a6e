using Headroom.Load;

namespace Headroom.Cli.Live;

/// <summary>For terminals: a frame redrawn in place, and gone when the result is printed.</summary>
internal sealed class TerminalView(LoadPlan plan, TextWriter output, Func<TerminalSize> size, LiveStyle style, TimeSpan? interval = null) : LiveView
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromMilliseconds(250);

    private readonly TerminalRegion _region = new(output);

    public override void Begin() => BeginDrawing(interval ?? DefaultInterval);

    protected override void Draw(LoadProgress progress)
    {
        var now = size();
        _region.Draw(Frame.Draw(plan, progress, now, style), now.Width);
    }

    protected override void End() => _region.Clear(size().Width);
}
