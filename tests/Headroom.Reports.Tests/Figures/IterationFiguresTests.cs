using Headroom.Measurements;
using Headroom.Reports.Figures;
using Headroom.Reports.Tests.Samples;

namespace Headroom.Reports.Tests.Figures;

public sealed class IterationFiguresTests
{
    private static readonly RunFile Plain = SampleRuns.OneSecond;

    [Fact]
    public void WorthShowing_IterationsThatAreTheRequests_AreNot() => Assert.Null(IterationFigures.WorthShowing(With(Requests)));

    [Fact]
    public void WorthShowing_NotCounted_AreNot() => Assert.Null(IterationFigures.WorthShowing(Plain));

    [Fact]
    public void WorthShowing_ThinkTimes_Are() =>
        Assert.NotNull(IterationFigures.WorthShowing(With(Requests with { DurationMs = Requests.DurationMs with { P50 = Requests.DurationMs.P50 * 2 } })));

    [Fact]
    public void WorthShowing_SeveralRequestsEach_Are() => Assert.NotNull(IterationFigures.WorthShowing(With(Requests with { Count = 40 })));

    [Fact]
    public void WorthShowing_CutShort_Are() => Assert.NotNull(IterationFigures.WorthShowing(With(Requests with { CutShort = 1 })));

    [Fact]
    public void WorthShowing_CountedByThePlan_Are() =>
        Assert.NotNull(IterationFigures.WorthShowing(With(Requests) with { Plan = Plain.Plan with { Phases = [Plain.Plan.Phases[0] with { Iterations = 120 }] } }));

    [Fact]
    public void Reports_OfAPlainRunWithItsIterations_AreTheSameAsWithout()
    {
        var counted = With(Requests with { Interrupted = 3 });

        Assert.Equal(PrometheusText.Render(Plain), PrometheusText.Render(counted));
        Assert.Equal(MarkdownReport.Render(Inputs.Of("x", Plain)), MarkdownReport.Render(Inputs.Of("x", counted)));
    }

    private static IterationSummary Requests => new()
    {
        Count = Plain.Summary.Requests,
        PerSecond = Plain.Summary.RequestsPerSecond,
        DurationMs = Plain.Summary.LatencyMs,
    };

    private static RunFile With(IterationSummary iterations) => Plain with { Iterations = iterations };
}
