using Headroom.Measurements;
using Headroom.Measurements.Statistics;

namespace Headroom.Load.Capacity;

/// <summary>
/// Where the capacity lies, by every step so far: Bayesian estimation of a threshold, as psychophysics does it (QUEST: Watson and Pelli, 1983; with the unknown slope of
/// Kontsevich and Tyler, 1999) and as noisy bisection does it (Horstein, 1963).
/// <list type="number">
/// <item>A step at rate r is met with probability λ + (1 − 2λ)·Φ((ln c − ln r) / s): surely far below the capacity c, hardly far above it, and by chance near it. λ is the share of steps
/// that tell the wrong thing wherever they are (a hiccup of either machine); larger for those that look like one.</item>
/// <item>c and s are not known: every pair on a grid is given the probability with which it would have brought what the steps brought; beforehand all are equal, in ln c.</item>
/// <item>Summed over s, that is the probability of each capacity: its median is the best bisection, and its middle 95 % the interval.</item>
/// </list>
/// </summary>
internal sealed class CapacityBelief
{
    public const double Confidence = 0.95;

    /// <summary>λ: one step in twenty may tell the wrong thing.</summary>
    private const double Lapse = 0.05;

    /// <summary>λ of a step that was missed by one short stall: that says little, until it is said again and again.</summary>
    private const double DoubtfulLapse = 0.35;

    /// <summary>Of a short step that was met it is taken that so much of its rate is held: a queue that grows slowly takes longer to be seen.</summary>
    private const double ShortEvidence = 0.9;

    /// <summary>Of ln c, as a part of the interval that is asked for.</summary>
    private const double GridPart = 0.05;

    /// <summary>How far above the highest rate tried the capacity may lie.</summary>
    private const double Beyond = 4;

    /// <summary>s: how wide the edge is, as a share of the rate.</summary>
    private static readonly double[] Spreads = [0.005, 0.01, 0.02, 0.04, 0.08];

    private readonly double[] _logRates;
    private readonly double[] _cumulative;

    /// <param name="steps">At least one, none of them generator-bound.</param>
    /// <param name="floor">The capacity is at least a little below this.</param>
    /// <param name="rateMax">And at most this.</param>
    /// <param name="precision">How narrow the interval is to become, as a fraction of the rate.</param>
    public CapacityBelief(IReadOnlyList<CapacityObservation> steps, double floor, double rateMax, double precision)
    {
        var from = Math.Log(Math.Min(floor, steps.Min(step => step.RatePerSecond)) * 0.9);
        var to = Math.Log(Math.Min(rateMax, steps.Max(step => step.RatePerSecond) * Beyond));
        var points = Math.Max(2, (int)Math.Ceiling((to - from) / (GridPart * precision)) + 1);
        _logRates = [.. Enumerable.Range(0, points).Select(i => from + ((to - from) * i / (points - 1)))];
        _cumulative = Cumulative(LogPosterior(steps));
    }

    /// <summary>As likely above as below.</summary>
    public double Median => At(0.5);

    /// <summary>The middle 95 %.</summary>
    public (double Low, double High) Interval => (At((1 - Confidence) / 2), At((1 + Confidence) / 2));

    private double At(double share)
    {
        var index = Array.BinarySearch(_cumulative, share);
        return Math.Exp(_logRates[Math.Min(index < 0 ? ~index : index, _logRates.Length - 1)]);
    }

    private double[] LogPosterior(IReadOnlyList<CapacityObservation> steps)
    {
        var logPosterior = new double[_logRates.Length];
        Array.Fill(logPosterior, double.NegativeInfinity);
        foreach (var spread in Spreads)
        {
            for (var i = 0; i < _logRates.Length; i++)
            {
                var log = 0.0;
                foreach (var step in steps)
                {
                    var met = step.Outcome == CapacityOutcome.Met;
                    var rate = met && step.IsShort ? step.RatePerSecond * ShortEvidence : step.RatePerSecond;
                    var lapse = step.IsDoubtful ? DoubtfulLapse : Lapse;
                    var probability = lapse + ((1 - (2 * lapse)) * NormalDistribution.AtMost((_logRates[i] - Math.Log(rate)) / spread));
                    log += Math.Log(met ? probability : 1 - probability);
                }

                logPosterior[i] = AddLogs(logPosterior[i], log);
            }
        }

        return logPosterior;
    }

    private static double[] Cumulative(double[] logPosterior)
    {
        var highest = logPosterior.Max();
        var cumulative = new double[logPosterior.Length];
        var sum = 0.0;
        for (var i = 0; i < cumulative.Length; i++)
            cumulative[i] = sum += Math.Exp(logPosterior[i] - highest);
        for (var i = 0; i < cumulative.Length; i++)
            cumulative[i] /= sum;
        return cumulative;
    }

    private static double AddLogs(double a, double b)
    {
        var (greater, less) = a > b ? (a, b) : (b, a);
        return double.IsNegativeInfinity(less) ? greater : greater + Math.Log(1 + Math.Exp(less - greater));
    }
}
