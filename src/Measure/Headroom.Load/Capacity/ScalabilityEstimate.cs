using System.Globalization;
using Headroom.Measurements;

namespace Headroom.Load.Capacity;

/// <summary>The Universal Scalability Law of a search's steps with 95 % intervals by bootstrap, or why the steps do not support one.</summary>
internal static class ScalabilityEstimate
{
    private const int PointsMin = 6;

    /// <summary>From the lowest to the highest concurrency.</summary>
    private const double RangeMin = 3;

    /// <summary>Less than this below a straight line is none.</summary>
    private const double BendMin = 0.1;

    private const double RSquaredMin = 0.9;
    private const int Resamples = 1_000;

    /// <summary>An error is answered sooner than a request is served, and would make the target look quick.</summary>
    private const double ErrorRateMax = 0.01;

    public static ScalabilityFit Of(IEnumerable<CapacityStep> steps, int seed)
    {
        // Steps that were ended early show a queue that grows; below one request at a time the law says nothing.
        ScalabilityPoint[] points =
        [
            .. steps.Where(step => step.Outcome is CapacityOutcome.Met or CapacityOutcome.Missed && step.ErrorRate <= ErrorRateMax && step.Concurrency >= 1 && step.ThroughputPerSecond > 0)
                .Select(step => new ScalabilityPoint(step.Concurrency, step.ThroughputPerSecond)),
        ];
        if (points.Length < PointsMin)
            return No(points, seed, Text($"{points.Length} of the steps had one request or more under way at a time, without errors; at least {PointsMin} are needed"));
        var (lowest, highest) = (points.Min(point => point.Concurrency), points.Max(point => point.Concurrency));
        if (highest < RangeMin * lowest)
            return No(points, seed, Text($"concurrency went from {lowest:0.#} to {highest:0.#} only; at least {RangeMin:0}-fold is needed"));
        if (ScalabilityCurve.Fit(points) is not { } curve)
            return No(points, seed, "no curve of the law goes near the steps");
        if (curve.At(highest) > (1 - BendMin) * curve.PerSecondAlone * highest)
            return No(points, seed, "throughput grew in proportion to concurrency as far as the steps went: nothing bends yet");
        var fit = RSquaredOf(curve, points);
        if (fit < RSquaredMin)
            return No(points, seed, Text($"the law explains {fit * 100:0} % of how throughput varied; at least {RSquaredMin * 100:0} % are needed"));
        var samples = Bootstrap(points, seed);
        return new ScalabilityFit
        {
            Supported = true,
            PerSecondAlone = With(curve.PerSecondAlone, samples, sample => sample.PerSecondAlone),
            Contention = With(curve.Contention, samples, sample => sample.Contention),
            Crosstalk = With(curve.Crosstalk, samples, sample => sample.Crosstalk),
            PeakConcurrency = WithAll(curve.PeakConcurrency, samples, sample => sample.PeakConcurrency),
            PeakPerSecond = WithAll(curve.PeakPerSecond, samples, sample => sample.PeakPerSecond),
            RSquared = fit,
            Points = points.Length,
            Seed = seed,
        };
    }

    private static ScalabilityFit No(ScalabilityPoint[] points, int seed, string reason) => new() { Supported = false, Reason = reason, Points = points.Length, Seed = seed };

    /// <summary>Points drawn with replacement, fitted again. A draw that has no fit is drawn anew, so that each counts.</summary>
    private static List<ScalabilityCurve> Bootstrap(ScalabilityPoint[] points, int seed)
    {
        var random = new Random(seed);
        var samples = new List<ScalabilityCurve>(Resamples);
        for (var draw = 0; draw < Resamples * 2 && samples.Count < Resamples; draw++)
        {
            if (ScalabilityCurve.Fit([.. points.Select(_ => points[random.Next(points.Length)])]) is { } curve)
                samples.Add(curve);
        }

        return samples;
    }

    private static Estimate With(double value, List<ScalabilityCurve> samples, Func<ScalabilityCurve, double> read)
    {
        var sorted = samples.Select(read).Order().ToArray();
        return new Estimate(value, Math.Min(value, sorted[(int)(0.025 * (sorted.Length - 1))]), Math.Max(value, sorted[(int)Math.Ceiling(0.975 * (sorted.Length - 1))]));
    }

    /// <summary>Null where more than a fortieth of the draws has no such figure: then it has no upper bound.</summary>
    private static Estimate? WithAll(double? value, List<ScalabilityCurve> samples, Func<ScalabilityCurve, double?> read) =>
        value is { } known && samples.Count(sample => read(sample) is null) <= samples.Count / 40
            ? With(known, [.. samples.Where(sample => read(sample) is not null)], sample => read(sample)!.Value)
            : null;

    private static double RSquaredOf(ScalabilityCurve curve, ScalabilityPoint[] points)
    {
        var mean = points.Average(point => point.PerSecond);
        var total = points.Sum(point => (point.PerSecond - mean) * (point.PerSecond - mean));
        var left = points.Sum(point => Math.Pow(point.PerSecond - curve.At(point.Concurrency), 2));
        return total > 0 ? Math.Max(0, 1 - (left / total)) : 0;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
