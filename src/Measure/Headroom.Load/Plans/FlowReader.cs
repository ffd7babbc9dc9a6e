using Headroom.Measurements;
using YamlDotNet.RepresentationModel;

namespace Headroom.Load.Plans;

/// <summary>Reads <c>flows</c>: each a list of steps, or a mapping with its weight and steps.</summary>
internal sealed class FlowReader(PlanProblems problems, RequestReader requests, IReadOnlyDictionary<string, PlannedRequest?> namedRequests)
{
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    /// <summary>Names of the requests that flows send by <c>request: name</c>.</summary>
    public IReadOnlySet<string> UsedRequests => _used;

    public IReadOnlyList<Flow> Read(PlanMap? flows)
    {
        var read = new List<Flow>();
        foreach (var (name, node) in flows?.Entries() ?? [])
        {
            var weight = 1.0;
            IReadOnlyList<Step> steps;
            if (node is YamlSequenceNode list)
            {
                steps = ReadSteps(list.Children, $"flow '{name}'", node);
            }
            else if (PlanMap.From(node, $"flow '{name}'", problems) is { } map)
            {
                weight = RequestReader.ReadWeight(map, problems);
                steps = ReadSteps(map.Items("steps", required: true), $"flow '{name}'", map.Value("steps"));
                map.RefuseUnknown();
            }
            else
            {
                continue;
            }

            read.Add(new Flow { Name = name, Weight = weight, Steps = steps });
        }

        return read;
    }

    /// <param name="nodes">The steps.</param>
    /// <param name="what">What they belong to.</param>
    /// <param name="place">Where to tell that there are none; null when that was told.</param>
    private List<Step> ReadSteps(IEnumerable<YamlNode> nodes, string what, YamlNode? place)
    {
        var steps = new List<Step>();
        var count = 0;
        foreach (var node in nodes)
        {
            count++;
            if (ReadStep(node) is { } step)
                steps.Add(step);
        }

        if (count == 0 && place is YamlSequenceNode)
            problems.Add(place, $"{what} has no steps; write at least one request");
        return steps;
    }

    private Step? ReadStep(YamlNode node)
    {
        if (node is not YamlMappingNode)
            return ReadRequest(node, RequestPlace.Step);
        var map = PlanMap.From(node, "a step", problems)!;
        if (map.Has("think"))
        {
            var time = map.ThinkTime("think");
            map.RefuseUnknown();
            return time is null ? null : new ThinkStep(time);
        }

        if (!map.Has("oneOf"))
            return map.Has("request") ? ReadByName(map, hasWeight: false) : ReadRequest(node, RequestPlace.Step);
        var ways = map.Items("oneOf", required: true).Select(ReadWay).OfType<WeightedSteps>().ToArray();
        if (map.Value("oneOf") is YamlSequenceNode { Children.Count: < 2 } few)
            problems.Add(few, "'oneOf' needs at least two ways to choose from");
        map.RefuseUnknown();
        return ways.Length == 0 ? null : new ChoiceStep(ways);
    }

    /// <summary>Steps with a weight, or one request with a weight.</summary>
    private WeightedSteps? ReadWay(YamlNode node)
    {
        if (node is YamlMappingNode && PlanMap.From(node, "a way of 'oneOf'", problems) is { } map)
        {
            if (map.Has("steps"))
            {
                var weight = RequestReader.ReadWeight(map, problems);
                var steps = ReadSteps(map.Items("steps", required: true), "a way of 'oneOf'", place: null);
                map.RefuseUnknown();
                return new WeightedSteps(weight, steps);
            }

            if (map.Has("request"))
            {
                var weight = RequestReader.ReadWeight(map, problems);
                return ReadByName(map, hasWeight: true) is { } named ? new WeightedSteps(weight, [named]) : null;
            }
        }

        return ReadRequest(node, RequestPlace.Way) is { } step ? new WeightedSteps(step.Request.Weight, [step]) : null;
    }

    private RequestStep? ReadRequest(YamlNode node, RequestPlace place) =>
        requests.Read(node, place, out _) is { } request ? new RequestStep(request) : null;

    private RequestStep? ReadByName(PlanMap map, bool hasWeight)
    {
        var name = map.Text("request");
        map.RefuseUnknown(hasWeight ? null : ["weight"], "'{0}' goes with a way of 'oneOf'");
        if (name is null)
            return null;
        _used.Add(name);
        if (!namedRequests.TryGetValue(name, out var request))
        {
            problems.Add(map.Value("request")!, $"'{name}' is not one of 'requests'{NearestName.Hint(name, namedRequests.Keys)}; write the request here (url: ...) or there");
            return null;
        }

        return request is null ? null : new RequestStep(request);
    }
}
