using Headroom.Load.Capacity;
using Headroom.Measurements;

namespace Headroom.Load.Tests.Capacity;

public sealed class ScalabilityTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(50, 0.05, 0.002)]
    [InlineData(1000, 0.3, 0)]
    [InlineData(20, 0, 0.001)]
    [InlineData(7, 0, 0)]
    public void Fit_PointsOfACurve_IsThatCurve(double alone, double contention, double crosstalk)
    {
        var curve = new ScalabilityCurve(alone, contention, crosstalk);
        var fit = ScalabilityCurve.Fit([.. new[] { 1, 2, 5, 10, 20, 40 }.Select(n => new ScalabilityPoint(n, curve.At(n)))])!.Value;
        Assert.Equal(alone, fit.PerSecondAlone, alone * 1e-6);
        Assert.Equal(contention, fit.Contention, 1e-6);
        Assert.Equal(crosstalk, fit.Crosstalk, 1e-6);
    }

    [Fact]
    public void Of_NoisyPoints_IntervalsHoldTheTruthMostly()
    {
        var seed = Seed.Printed(output);
        var truth = new ScalabilityCurve(50, 0.05, 0.002);
        var holds = Enumerable.Range(0, 40).Count(i =>
        {
            var random = new Random(seed + i);
            var fit = ScalabilityEstimate.Of([.. Enumerable.Range(0, 14).Select(n => Step(1 + (n * n * 0.35), truth, 1 + (0.03 * ((random.NextDouble() * 2) - 1))))], seed);
            return fit is { Supported: true, PeakPerSecond: { } peak } && peak.Low <= truth.PeakPerSecond && truth.PeakPerSecond <= peak.High;
        });
        output.WriteLine($"{holds} of 40");

        // The bootstrap of 14 points is a little narrow.
        Assert.InRange(holds, 30, 40);
    }

    [Fact]
    public void Of_ProportionalThroughput_SaysThatNothingBends()
    {
        var fit = ScalabilityEstimate.Of([.. Enumerable.Range(1, 12).Select(n => Step(n, new ScalabilityCurve(50, 0, 0), 1))], seed: 1);
        Assert.False(fit.Supported);
        Assert.Contains("nothing bends yet", fit.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_TooFewOrTooAlike_SaysWhy()
    {
        var curve = new ScalabilityCurve(50, 0.1, 0.01);
        Assert.Contains("at least 6 are needed", ScalabilityEstimate.Of([Step(2, curve, 1), Step(9, curve, 1)], seed: 1).Reason, StringComparison.Ordinal);
        Assert.Contains("at least 3-fold is needed", ScalabilityEstimate.Of([.. Enumerable.Range(0, 8).Select(n => Step(4 + (n * 0.1), curve, 1))], seed: 1).Reason, StringComparison.Ordinal);
    }

    private static CapacityStep Step(double concurrency, ScalabilityCurve curve, double factor) => new()
    {
        RatePerSecond = 1,
        StartSeconds = 0,
        DurationSeconds = 4,
        Outcome = CapacityOutcome.Met,
        Requests = 1,
        ThroughputPerSecond = curve.At(concurrency) * factor,
        ErrorRate = 0,
        LatencyMs = new LatencySummary(),
        Concurrency = concurrency,
    };
}
