using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Headroom.Measurements.RunFiles;
using Headroom.Measurements.Thresholds;

namespace Headroom.Measurements;

/// <summary>
/// A target that a run must meet, in either of two notations: Headroom's <c>METRIC[{request name}] OP VALUE[UNIT]</c>, such as <c>p95&lt;150ms</c> or
/// <c>p99{GET /users/{id}}&lt;200ms</c>; or k6's <c>METRIC[{tag:value}]: AGGREGATION OP VALUE[UNIT]</c>, such as <c>http_req_duration{name:send}: p(95)&lt;500</c>.
/// docs/targets.md lists the metrics, their units and what a bare number means.
/// </summary>
public sealed class ThresholdExpression
{
    /// <summary>Lag that nobody notices in a latency.</summary>
    private const double LagP99MsMax = 1;

    private readonly ThresholdSubject _subject;
    private readonly ThresholdComparison _comparison;
    private readonly ThresholdUnit _unit;
    private readonly double _limit;

    internal ThresholdExpression(string text, ThresholdSubject subject, ThresholdComparison comparison, decimal value, ThresholdUnit unit)
    {
        Text = text;
        _subject = subject;
        _comparison = comparison;
        _unit = unit;
        _limit = (double)(value * unit.Factor);
    }

    /// <summary>The expression as it was written, without white space around it.</summary>
    public string Text { get; }

    /// <summary>The metric's name as docs/targets.md lists it.</summary>
    public string Metric => _subject.Metric;

    /// <summary>The request name it is about; null for all requests, a scenario, a tag or a check.</summary>
    public string? RequestName => _subject.Selector is { Tag: ThresholdSelector.NameTag } named ? named.Value : null;

    /// <summary>The name of the plan's metric that it judges (<c>metric{name}</c>); null of everything else.</summary>
    public string? TargetMetricName => _subject.Selector is { Tag: ThresholdSelector.MetricTag } named ? named.Value : null;

    /// <summary>Whether it is about all requests, rather than those of a name, a scenario or a tag.</summary>
    public bool IsOfAllRequests => _subject.Selector is null;

    /// <summary>The value that it compares with, in the metric's base unit: milliseconds, bytes, a fraction.</summary>
    public double Limit => _limit;

    /// <summary>Whether the figure must stay below the limit or at it.</summary>
    public bool IsUpperBound => _comparison is ThresholdComparison.Below or ThresholdComparison.AtMost;

    /// <summary>Whether it is about the latency of requests.</summary>
    public bool IsLatency => _subject.Latency is not null;

    /// <summary>The percentile of latency that it is about, 0 to 100; null of anything else.</summary>
    public double? LatencyPercentile => _subject.Latency is { Kind: LatencyAggregationKind.Percentile, Percentile: var percentile } ? percentile : null;

    /// <summary>The same threshold as k6 has it in a script's options; null when k6 measures no such figure.</summary>
    public K6Threshold? ToK6() => K6Threshold.Of(_subject, _comparison, _limit);

    /// <summary>Reads an expression. Numbers have a point, whatever the culture of the machine.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="expression">What was read; null on an error.</param>
    /// <param name="error">What was found, what is allowed, and the nearest name; null on success.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ThresholdExpression? expression, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parser = new ThresholdParser(text);
        expression = parser.Parse();
        error = expression is null ? parser.Error! : null;
        return expression is not null;
    }

    /// <summary>
    /// What the run showed of it. A figure that the run does not have counts as not passed, with the reason. A latency that was missed while the generator
    /// was late by its own fault (lag p99 over 1 ms), and that would have met the target without the lag at the same percentile, is undecided; so is a growth of memory
    /// whose 95 % confidence interval holds the limit.
    /// </summary>
    public ThresholdResult Evaluate(RunFile run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var figure = _subject.Read(run);
        if (figure.Value is not { } observed)
            return new ThresholdResult { Expression = Text, Passed = false, Reason = figure.Missing };

        var passed = IsMetBy(observed);
        var openGrowth = GrowthDoubtOf(run, observed);
        passed = passed && openGrowth is null;
        var doubt = openGrowth ?? (passed ? null : DoubtOf(run, observed));
        return new ThresholdResult
        {
            Expression = Text,
            Observed = RoundedDoubleConverter.Round(observed / (double)_unit.Factor),
            ObservedText = Describe(observed),
            Passed = passed,
            Undecided = doubt is not null,
            Reason = doubt,
        };
    }

    public override string ToString() => Text;

    private bool IsMetBy(double observed) => _comparison switch
    {
        ThresholdComparison.Below => observed < _limit,
        ThresholdComparison.AtMost => observed <= _limit,
        ThresholdComparison.Above => observed > _limit,
        ThresholdComparison.AtLeast => observed >= _limit,
        ThresholdComparison.Equal => observed.Equals(_limit),
        _ => !observed.Equals(_limit),
    };

    /// <summary>Why a missed latency may be the generator's own; null when it was missed without doubt.</summary>
    private string? DoubtOf(RunFile run, double observedMs)
    {
        var lag = run.Generator.LagMs;
        if (_subject.Latency is not { } latency || _comparison is not (ThresholdComparison.Below or ThresholdComparison.AtMost) || lag.P99 <= LagP99MsMax)
            return null;
        if (latency.Of(lag, run.Generator.LagHistogram).Value is not { } lagMs)
            return null;

        var withoutLagMs = Math.Max(0, observedMs - lagMs);
        return IsMetBy(withoutLagMs)
            ? $"the generator was late by its own fault (lag p99 {Number(lag.P99)} ms, {latency} {Number(lagMs)} ms); without that lag {latency} would be {Number(withoutLagMs)} ms, "
                + "which meets the target; give the generator cores of its own, raise --workers or lower the load, and measure again (docs/findings/generator-saturated.md)"
            : null;
    }

    /// <summary>Why the memory's slope does not tell on which side of the limit it is: the limit lies within its confidence interval. Null when it does, or when there is no interval.</summary>
    private string? GrowthDoubtOf(RunFile run, double observed)
    {
        if (_subject.Units != ThresholdUnits.Growth || run.Target?.RssGrowthMarginBytesPerHour is not { } margin || Math.Abs(observed - _limit) > margin)
            return null;

        var (slope, half, limit) = (Number(observed / 1e6), Number(margin / 1e6), Number(_limit / 1e6));
        var time = new MemoryTrend(observed, margin).TimeToTell(_limit, TimeSpan.FromSeconds(run.DurationSeconds));
        var advice = time is null ? "run for longer"
            : margin < Math.Abs(_limit) ? "the growth is about that; run for longer to tell"
            : $"a run of about {Number(RoundUp(time.Value).TotalMinutes)} min tells {limit} MB/h from none";
        return $"the slope is {slope} MB/h give or take {half} MB/h (95 %), which leaves open on which side of {limit} MB/h it is; {advice}";
    }

    /// <summary>A figure to plan by: minutes, from ten minutes on five.</summary>
    private static TimeSpan RoundUp(TimeSpan time)
    {
        var step = time < TimeSpan.FromMinutes(10) ? 1 : 5;
        return TimeSpan.FromMinutes(Math.Ceiling(time.TotalMinutes / step) * step);
    }

    /// <summary>In the unit of the expression, but fractions as percentages and bare bytes as megabytes.</summary>
    private string Describe(double observed)
    {
        if (_subject.Units == ThresholdUnits.Rate)
            return Number(observed * 100) + " %";
        if ((_subject.Units == ThresholdUnits.Size || _subject.Units == ThresholdUnits.DataRate) && _unit.Factor == 1)
            return Number(observed / 1e6) + (_subject.Units == ThresholdUnits.Size ? " MB" : " MB/s");

        var number = Number(observed / (double)_unit.Factor);
        return _unit.Name.Length == 0 ? number : $"{number} {_unit.Name}";
    }

    private static string Number(double value)
    {
        var format = Math.Abs(value) switch
        {
            >= 1 => "0.##",
            >= 0.0001 => "G3",
            _ => "0.#########",
        };
        return value.ToString(format, CultureInfo.InvariantCulture);
    }
}
