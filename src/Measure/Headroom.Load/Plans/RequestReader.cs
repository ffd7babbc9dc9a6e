using System.Text;
using Headroom.Measurements;
using YamlDotNet.RepresentationModel;

namespace Headroom.Load.Plans;

/// <summary>Where a request stands in the file, which decides what else can be written with it.</summary>
internal enum RequestPlace
{
    /// <summary>Under <c>requests</c>: sent on its own, by weight.</summary>
    Alone,

    /// <summary>A step of a flow.</summary>
    Step,

    /// <summary>A way of a choice, which has a weight.</summary>
    Way,

    /// <summary>Before or after the load.</summary>
    Sequence,
}

/// <summary>Reads requests: a mapping, or its url alone.</summary>
internal sealed class RequestReader(PlanProblems problems, PlanFolder folder, Uri? target)
{
    /// <summary>Stands in <c>only</c>.</summary>
    public const string OnlyFlows = "flows";

    private static readonly string[] BodyKeys = ["body", "bodyFile", "json"];

    private readonly CheckReader _checks = new(problems);
    private readonly ExtractionReader _extractions = new(problems);
    private readonly Dictionary<PlannedRequest, (YamlNode Node, PlanMap? Map)> _places = new(ReferenceEqualityComparer.Instance);

    /// <summary>Headers of every request.</summary>
    public IReadOnlyList<(string Name, string Value)> CommonHeaders { get; set; } = [];

    /// <param name="node">A mapping or text.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="name">The row's name, also of a request with mistakes.</param>
    /// <returns>Null, and a problem, when there is no usable url.</returns>
    public PlannedRequest? Read(YamlNode node, RequestPlace place, out string? name)
    {
        name = null;
        if (node is YamlScalarNode scalar)
        {
            if (ReadUrl(scalar.Value ?? "", node) is not { } only)
                return null;
            name = RequestAddress.NameOf("GET", only);
            return Place(new PlannedRequest { Name = name, Url = only, Headers = CommonHeaders }, node, null);
        }

        if (PlanMap.From(node, "a request", problems) is not { } map)
            return null;
        var method = (map.Text("method") ?? "GET").ToUpperInvariant();
        var url = map.Template("url", required: true) is { } text ? ReadUrl(text, map.Value("url")!) : null;
        var own = ReadHeaders(map.Map("headers"));
        var headers = Plans.CommonHeaders.Merge(CommonHeaders, own);
        var (body, variables) = ReadBody(map, headers);
        name = map.Text("name") ?? (url is null ? null : RequestAddress.NameOf(method, url));
        var request = new PlannedRequest
        {
            Name = name ?? "",
            Method = method,
            Url = url ?? new Uri("http://localhost/"),
            Headers = headers,
            Body = body,
            BodyVariables = variables,
            Weight = place is RequestPlace.Alone or RequestPlace.Way ? ReadWeight(map, problems) : 1,
            Extractions = _extractions.Read(map),
            Checks = _checks.Read(map),
            Tags = ReadTags(map),
            Timeout = map.Duration("timeout", LoadPlanValidation.TimeoutMin, LoadPlanValidation.TimeoutMax),
            EventsMax = map.WholeNumber("events", 1, int.MaxValue),
        };
        if (place == RequestPlace.Alone)
            map.Value("only");
        map.RefuseUnknown(["weight", "only"], "'{0}' goes with an entry of 'requests' (weight also with a way of 'oneOf')");
        return url is null ? null : Place(request, node, map);
    }

    /// <summary>True when only flows send the request.</summary>
    public bool IsForFlowsOnly(YamlNode node)
    {
        if (node is not YamlMappingNode || PlanMap.From(node, "a request", problems) is not { } map || !map.Has("only"))
            return false;
        if (map.Choice("only", [OnlyFlows], required: false) is null)
            return false;
        if (map.Has("weight"))
            problems.Add(map.Key("weight"), "'weight' does not go with 'only: flows'; the flow has the weight");
        return true;
    }

    /// <summary>Where to tell a mistake of a request: the key's value when the file has it.</summary>
    public YamlNode? NodeOf(PlannedRequest request, string key) =>
        _places.TryGetValue(request, out var place) ? place.Map?.Value(key) ?? place.Node : null;

    /// <summary>Puts a request that was changed in the place of the one it was made from.</summary>
    public PlannedRequest Changed(PlannedRequest from, PlannedRequest to)
    {
        _places[to] = _places[from];
        return to;
    }

    public List<(string Name, string Value)> ReadHeaders(PlanMap? map)
    {
        var headers = new List<(string Name, string Value)>();
        foreach (var (name, node) in map?.Entries() ?? [])
        {
            if (node is not YamlScalarNode { Value: { } value })
                problems.Add(node, $"header '{name}' must be text");
            else if (LoadPlanValidation.CheckHeader(name, value) is { } problem)
                problems.Add(node, problem);
            else if (!TextTemplate.TryParse(value, out _, out var error))
                problems.Add(node, error);
            else
                headers.Add((name, value));
        }

        return headers;
    }

    /// <summary>A weight above 0; 1 when there is none.</summary>
    public static double ReadWeight(PlanMap map, PlanProblems problems)
    {
        var weight = map.Number("weight") ?? 1;
        if (weight > 0)
            return weight;
        problems.Add(map.Value("weight")!, $"weight is {Quantity.Text(weight)}; it must be above 0");
        return 1;
    }

    private PlannedRequest Place(PlannedRequest request, YamlNode node, PlanMap? map)
    {
        _places[request] = (node, map);
        foreach (var mistake in RequestValidation.Check(request))
            problems.Add(map?.Value(mistake.Key) ?? node, mistake.Message);
        return request;
    }

    private Uri? ReadUrl(string text, YamlNode node)
    {
        if (RequestAddress.TryResolve(text, target, out var url, out var error))
            return url;
        problems.Add(node, error ?? $"url '{text}' is relative and the plan has no usable 'target'; write target: http://127.0.0.1:8080");
        return null;
    }

    private (byte[] Body, BodyVariables Variables) ReadBody(PlanMap map, List<(string Name, string Value)> headers)
    {
        var given = BodyKeys.Where(map.Has).ToArray();
        if (given.Length > 1)
            problems.Add(map.Value(given[1])!, $"'{given[0]}' and '{given[1]}' are both given; keep one");
        if (map.Value("json") is { } json)
        {
            if (!headers.Any(header => header.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)))
                headers.Add(("Content-Type", "application/json"));
            return PlanJson.Encode(json, problems);
        }

        if (map.Template("body") is { } body)
        {
            // What is wrong with the template is told with the whole request.
            return TextTemplate.TryParse(body, out var template, out _) && !template.HasVariables
                ? (Encoding.UTF8.GetBytes(template.ConstantText), BodyVariables.None)
                : (Encoding.UTF8.GetBytes(body), BodyVariables.Text);
        }

        if (map.Text("bodyFile") is not { } file)
            return ([], BodyVariables.None);
        var variables = map.Choice("bodyVariables", ["none", "text", "json"], required: false) switch
        {
            "text" => BodyVariables.Text,
            "json" => BodyVariables.Json,
            _ => BodyVariables.None,
        };
        try
        {
            return (File.ReadAllBytes(folder.PathOf(file)), variables);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(map.Value("bodyFile")!, $"bodyFile '{file}' cannot be read: {e.Message}");
            return ([], BodyVariables.None);
        }
    }

    private Dictionary<string, string> ReadTags(PlanMap map)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, node) in map.Map("tags")?.Entries() ?? [])
        {
            if (node is YamlScalarNode { Value.Length: > 0 } scalar)
                tags[name] = PlanMap.PlainText(scalar);
            else
                problems.Add(node, $"tag '{name}' must be text; found {PlanMap.Kind(node)}");
        }

        return tags;
    }
}
