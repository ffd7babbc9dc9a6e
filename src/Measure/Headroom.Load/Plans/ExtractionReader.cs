using YamlDotNet.RepresentationModel;

namespace Headroom.Load.Plans;

/// <summary>Reads <c>extract</c>: which values of the response become variables.</summary>
internal sealed class ExtractionReader(PlanProblems problems)
{
    public IReadOnlyList<Extraction> Read(PlanMap request)
    {
        var extractions = new List<Extraction>();
        foreach (var (variable, node) in request.Map("extract")?.Entries() ?? [])
        {
            if (Read(variable, node) is not { } extraction)
                continue;
            var mistake = RequestValidation.MistakeOf(extraction);
            if (mistake is null)
                extractions.Add(extraction);
            else
                problems.Add(node, mistake);
        }

        return extractions;
    }

    private Extraction? Read(string variable, YamlNode node)
    {
        if (node is YamlScalarNode { Value: { } query } && query.StartsWith('$'))
            return new Extraction { Variable = variable, Part = ResponsePart.Json, Selector = query };
        if (PlanMap.From(node, $"extraction '{variable}'", problems) is not { } map)
            return null;
        var (json, header, regex) = (map.Text("json"), map.Text("header"), map.Text("regex"));
        var fallback = map.Value("default") is { } value ? ReadDefault(value) : null;
        map.RefuseUnknown();
        if (json is not null && header is not null)
            problems.Add(map.Value("header")!, "'json' and 'header' are both given; keep one");
        else if (json is null && header is null && regex is null)
            problems.Add(node, $"extraction '{variable}' says not where the value is; write json: $.token, header: Location or regex: 'id=(\\d+)'");
        else
        {
            return new Extraction
            {
                Variable = variable,
                Part = json is not null ? ResponsePart.Json : header is not null ? ResponsePart.Header : ResponsePart.Body,
                Selector = json ?? header ?? "",
                Regex = regex,
                Default = fallback,
            };
        }

        return null;
    }

    /// <summary>Empty text is a value too.</summary>
    private string? ReadDefault(YamlNode node)
    {
        if (node is YamlScalarNode scalar)
            return PlanMap.PlainText(scalar);
        problems.Add(node, $"'default' must be text; found {PlanMap.Kind(node)}");
        return null;
    }
}
