using Headroom.Measurements;
using YamlDotNet.RepresentationModel;

namespace Headroom.Load.Plans;

/// <summary>Reads targets: <c>targets</c> in short, and <c>thresholds</c> as k6 writes them.</summary>
internal sealed class ThresholdReader(PlanProblems problems)
{
    private readonly List<string> _targets = [];
    private readonly List<AbortingTarget> _aborting = [];

    public IReadOnlyList<string> Targets => _targets;

    public IReadOnlyList<AbortingTarget> Aborting => _aborting;

    public void Read(PlanMap plan)
    {
        foreach (var node in plan.Items("targets", required: false))
        {
            if (node is YamlScalarNode scalar)
                Add("", scalar);
            else
                problems.Add(node, $"a target must be text such as p95<150ms; found {PlanMap.Kind(node)}");
        }

        foreach (var (metric, node) in plan.Map("thresholds")?.Entries() ?? [])
        {
            var items = node is YamlSequenceNode list ? list.Children : [node];
            if (items.Count == 0)
                problems.Add(node, $"'{metric}' has no threshold; write one such as p(95)<500");
            foreach (var item in items)
                ReadThreshold(metric, item);
        }
    }

    private void ReadThreshold(string metric, YamlNode node)
    {
        if (node is YamlScalarNode plain)
        {
            Add(metric, plain);
            return;
        }

        if (PlanMap.From(node, $"a threshold of '{metric}'", problems) is not { } map)
            return;
        var expression = map.Text("threshold", required: true) is null ? null : map.Value("threshold") as YamlScalarNode;
        var aborts = map.Flag("abortOnFail") ?? false;
        var delay = map.Duration("delayAbortEval");
        map.RefuseUnknown();
        if (delay is not null && !aborts)
            problems.Add(map.Key("delayAbortEval"), "'delayAbortEval' goes with 'abortOnFail: true'");
        if (expression is not null && Add(metric, expression) is { } target && aborts)
            _aborting.Add(new AbortingTarget(target, delay ?? TimeSpan.Zero));
    }

    private string? Add(string metric, YamlScalarNode node)
    {
        var text = PlanMap.PlainText(node);
        var target = metric.Length == 0 ? text : $"{metric}: {text}";
        if (ThresholdExpression.TryParse(target, out _, out var error))
        {
            _targets.Add(target);
            return target;
        }

        problems.Add(node, error!);
        return null;
    }
}
