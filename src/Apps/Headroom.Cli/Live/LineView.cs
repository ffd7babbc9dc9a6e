using Headroom.Cli.Plan;
using Headroom.Load;
using Headroom.Reports.Tables;

namespace Headroom.Cli.Live;

/// <summary>For logs and pipes: a line when it begins, then one every few seconds.</summary>
internal sealed class LineView(LoadPlan plan, TextWriter output, TimeSpan? interval = null) : LiveView
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(5);

    public override void Begin()
    {
        output.WriteLine($"Measuring {PlanSummary.OriginOf(plan)} ({VisibleText.Of(plan.Name)})");
        BeginDrawing(interval ?? DefaultInterval);
    }

    protected override void Draw(LoadProgress progress) => output.WriteLine(Line(progress));

    internal static string Line(LoadProgress progress)
    {
        var doing = progress.WarmingUp ? "warming up" : VisibleText.Of(string.Join(" + ", progress.Active));
        return $"  {Clock.Of(progress.Elapsed)} of {Clock.Of(progress.Total)}  {string.Join("  ", [doing, .. LiveFigures.Of(progress).Select(figure => figure.Text)])}".TrimEnd();
    }
}
