using Headroom.Measurements.Statistics;

namespace Headroom.Measurements.Comparison;

/// <summary>
/// Judges a session that measured each switch alone on top of plain, and each taken away from all. Two figures, since switches overlap: a cache may be worth much alone and nothing behind
/// another cache. Pairs are of the same block; for each metric Holm's correction goes over both figures of every switch.
/// </summary>
public static class Ablation
{
    private static readonly ComparedMetric[] Metrics = [ComparedMetric.CpuPerRequest, ComparedMetric.AllocatedPerRequest, ComparedMetric.P50, ComparedMetric.Throughput, ComparedMetric.P99];

    /// <summary>Alone, and on top of the others.</summary>
    private const int EffectsOfASwitch = 2;

    private sealed record Effect(string Switch, bool IsAlone, IReadOnlyList<RunPair> Pairs);

    /// <summary>Blocks below which no verdict is given on so many switches, however large an effect is.</summary>
    /// <param name="switches">How many are measured, at least 1.</param>
    /// <param name="options">How it will be judged; null is the defaults.</param>
    public static int BlocksMin(int switches, ComparisonOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(switches, 1);
        return SignedRank.PairsMin((options ?? new ComparisonOptions()).Alpha / (EffectsOfASwitch * switches));
    }

    /// <summary>Judges the switches of a session whose variants are named as <see cref="AblationResult"/> names them.</summary>
    /// <exception cref="ArgumentException">There is no whole block, a variant is missing, or an option is out of its bounds.</exception>
    /// <exception cref="ComparisonException">The runs are of different plans or machines.</exception>
    public static AblationResult Judge(SessionFile session, IReadOnlyList<string> switches, ComparisonOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(switches);
        options ??= new ComparisonOptions();
        var all = session.Pairs(AblationResult.PlainVariant, AblationResult.AllVariant, control: null);
        if (all.Count == 0)
            throw new ArgumentException("There is no whole block to judge.", nameof(session));
        RunComparability.Require([.. session.Runs.Select(run => run.Run)]);

        List<Effect> effects =
        [
            .. switches.Select(name => new Effect(name, IsAlone: true, session.Pairs(AblationResult.PlainVariant, AblationResult.Alone(name), control: null))),
            .. switches.Select(name => new Effect(name, IsAlone: false, session.Pairs(AblationResult.Without(name), AblationResult.AllVariant, control: null))),
        ];
        var judged = effects.ToDictionary(effect => effect, _ => new List<MetricComparison>());
        foreach (var metric in Metrics)
            JudgeMetric(metric, effects, judged, options);

        var whole = Metrics.Select(metric => MetricPairs.Of(metric, endpoint: null, all)?.Judge(null, 1, SignedRank.PairsMin(options.Alpha), options)).OfType<MetricComparison>().ToList();
        var orderedBy = whole.Exists(metric => metric.Metric == ComparedMetric.CpuPerRequest) ? ComparedMetric.CpuPerRequest : ComparedMetric.P50;
        var result = new AblationResult
        {
            Blocks = all.Count,
            Threshold = options.Threshold,
            OrderedBy = orderedBy,
            All = whole,
            Switches =
            [
                .. switches.Select(name => new SwitchWorth { Name = name, Alone = Of(name, isAlone: true), Last = Of(name, isAlone: false) })
                    .OrderBy(worth => Saved(worth.Alone, orderedBy) + Saved(worth.Last, orderedBy)),
            ],
        };
        return result with { Findings = FindingsOf(result, effects.Count, BlocksMin(switches.Count, options)) };

        List<MetricComparison> Of(string name, bool isAlone) => judged[effects.Find(effect => effect.Switch == name && effect.IsAlone == isAlone)!];
    }

    private static void JudgeMetric(ComparedMetric metric, List<Effect> effects, Dictionary<Effect, List<MetricComparison>> judged, ComparisonOptions options)
    {
        var measured = effects.Select(effect => (Effect: effect, Pairs: MetricPairs.Of(metric, endpoint: null, effect.Pairs))).Where(entry => entry.Pairs is not null).ToList();
        var adjusted = HolmCorrection.Adjust([.. measured.Select(entry => entry.Pairs!.PValue)]);
        foreach (var (i, (effect, pairs)) in measured.Index())
            judged[effect].Add(pairs!.Judge(adjusted[i], measured.Count, SignedRank.PairsMin(options.Alpha), options));
    }

    /// <summary>Logarithm of the factor; the smallest saves most.</summary>
    private static double Saved(IReadOnlyList<MetricComparison> metrics, ComparedMetric metric) =>
        metrics.FirstOrDefault(comparison => comparison.Metric == metric) is { } found ? Math.Log(1 + found.Change) : 0;

    private static List<Finding> FindingsOf(AblationResult result, int effects, int blocksMin) => result.Blocks >= blocksMin ? [] :
    [
        new Finding
        {
            Code = "too-few-pairs",
            Severity = FindingSeverity.Info,
            Summary = $"{result.Blocks} blocks cannot tell {effects} effects from chance, however large they are: intervals are shown, verdicts are not given.",
            Remedy = $"Take --blocks {blocksMin} or more.",
            Docs = "docs/findings/too-few-pairs.md",
        },
    ];
}
