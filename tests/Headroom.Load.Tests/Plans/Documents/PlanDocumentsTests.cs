using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Headroom.Load.Tests.Plans.Documents;

/// <summary>The reader, the JSON schema for editors and the documents say the same of every key.</summary>
public sealed partial class PlanDocumentsTests
{
    private const string Requests = "requests: [/a]\n";

    private static readonly JsonObject Schema = JsonNode.Parse(File.ReadAllText(RepositoryRoot.Combine("docs", "plan.schema.json")))!.AsObject();

    public static TheoryData<string, int> Examples
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var document in new[] { "plans.md", "load.md" })
            {
                for (var i = 0; i < ExamplesIn(document).Length; i++)
                    data.Add(document, i);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_OfADocument_IsAFinePlanAndFitsTheSchema(string document, int index)
    {
        var text = ExamplesIn(document)[index];
        var plan = LoadPlanFile.Parse(text, $"{document} example {index}", RepositoryRoot.Combine("samples", "plans"));
        Assert.Empty(plan.Validate());
        FitsTheSchema(text);
    }

    [Fact]
    public void Sample_Every_FitsTheSchema()
    {
        var samples = Directory.GetFiles(RepositoryRoot.Combine("samples", "plans"), "*.yaml", SearchOption.AllDirectories);
        Assert.NotEmpty(samples);
        Assert.All(samples, sample => FitsTheSchema(File.ReadAllText(sample)));
    }

    /// <summary>The reader lists what it allows when it is given a key that it does not know.</summary>
    [Theory]
    [InlineData("", Requests + "zzz: 1")]
    [InlineData("weightedRequest", "requests: [ { url: /a, bodyFile: users.csv, zzz: 1 } ]")]
    [InlineData("request", Requests + "setup: [ { url: /a, bodyFile: users.csv, zzz: 1 } ]")]
    [InlineData("scrapedMetric", Requests + "metrics: { values: { m: { gauge: a, zzz: 1 } } }")]
    [InlineData("extraction", "requests: [ { url: /a, extract: { t: { json: $.a, zzz: 1 } } } ]")]
    [InlineData("feeder", Requests + "feeders: { f: { file: users.csv, zzz: 1 } }")]
    [InlineData("threshold/anyOf/1", Requests + "thresholds: { checks: { threshold: rate>0.9, zzz: 1 } }")]
    [InlineData("step/anyOf/2", Requests + "flows: { f: [ /a, { request: GET /a, zzz: 1 } ] }")]
    [InlineData("way/anyOf/3", Requests + "flows: { f: [ { oneOf: [ /a, { steps: [ /a ], zzz: 1 } ] } ] }")]
    [InlineData("scenario/anyOf/0", Requests + "scenarios: { s: { executor: constant-vus, duration: 1s, zzz: 1 } }")]
    [InlineData("scenario/anyOf/1", Requests + "scenarios: { s: { executor: constant-arrival-rate, rate: 1, duration: 1s, zzz: 1 } }")]
    [InlineData("scenario/anyOf/2", Requests + "scenarios: { s: { executor: ramping-vus, stages: [ { duration: 1s, target: 1 } ], zzz: 1 } }")]
    [InlineData("scenario/anyOf/3", Requests + "scenarios: { s: { executor: ramping-arrival-rate, stages: [ { duration: 1s, target: 1 } ], zzz: 1 } }")]
    [InlineData("scenario/anyOf/4", Requests + "scenarios: { s: { executor: per-vu-iterations, iterations: 1, zzz: 1 } }")]
    [InlineData("scenario/anyOf/5", Requests + "scenarios: { s: { executor: shared-iterations, iterations: 1, zzz: 1 } }")]
    [InlineData("scenario/anyOf/6", Requests + "scenarios: { s: { executor: replay, arrivals: [ 1 ], zzz: 1 } }")]
    public void Key_OfTheReader_IsInTheSchemaAndViceVersa(string definition, string yaml)
    {
        var problem = PlanText.Problems(yaml, RepositoryRoot.Combine("samples", "plans")).Single(problem => problem.Message.Contains("zzz", StringComparison.Ordinal));
        var allowed = problem.Message.Split("allowed: ")[1].Split(';')[0].Split(", ");
        var inSchema = Navigate(definition)["properties"]!.AsObject().Select(property => property.Key);
        // 'gracefulStop' of a scenario is known to the reader to be told where it belongs.
        var known = allowed.Where(key => key != "gracefulStop" || !definition.StartsWith("scenario", StringComparison.Ordinal));
        Assert.Equal(inSchema.Order(StringComparer.Ordinal), known.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Key_OfTheSchema_IsInTheDocument()
    {
        var document = File.ReadAllText(RepositoryRoot.Combine("docs", "plans.md"));
        var keys = new HashSet<string>(StringComparer.Ordinal);
        CollectKeys(Schema, keys);
        Assert.True(keys.Count > 70, $"only {keys.Count}");
        Assert.DoesNotContain(keys, key => !Regex.IsMatch(document, $@"[`{{ ,]{Regex.Escape(key)}\b", RegexOptions.Multiline, TimeSpan.FromSeconds(1)) && !document.Contains($"\n{key}:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("target: http://a\nrequests: [ { url: /a, weight: 0 } ]")]
    [InlineData("target: http://a\nrequests: [ { method: GET } ]")]
    [InlineData("target: http://a\nwarmpu: 1s\nrequests: [/a]")]
    [InlineData("target: http://a")]
    [InlineData("target: http://a\nrequests: [/a]\nscenarios: { s: { executor: constant-vus } }")]
    [InlineData("target: http://a\nrequests: [ { url: /a, checks: [ { status: 200, size: <1KB } ] } ]")]
    [InlineData("target: http://a\nrequests: [/a]\ntimeout: soon")]
    public void Schema_PlanWithAMistake_FitsNot(string yaml) => Assert.NotEmpty(new JsonSchemaCheck(Schema).Problems(ToJson(yaml)));

    private static void FitsTheSchema(string yaml) => Assert.Empty(new JsonSchemaCheck(Schema).Problems(ToJson(yaml)));

    private static JsonObject Navigate(string definition)
    {
        JsonNode node = Schema;
        var parts = definition.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < parts.Length; i++)
            node = i == 0 ? node["$defs"]![parts[0]]! : int.TryParse(parts[i], out var number) ? node[number]! : node[parts[i]]!;
        return node.AsObject();
    }

    private static void CollectKeys(JsonNode? node, HashSet<string> keys)
    {
        if (node is JsonObject members)
        {
            foreach (var (name, value) in members)
            {
                if (name == "properties")
                    keys.UnionWith(value!.AsObject().Select(property => property.Key));
                CollectKeys(value, keys);
            }
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items)
                CollectKeys(item, keys);
        }
    }

    private static JsonNode? ToJson(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return ToJson(stream.Documents[0].RootNode);
    }

    /// <summary>As an editor reads it: plain scalars are numbers, true and false where they look like them.</summary>
    private static JsonNode? ToJson(YamlNode node)
    {
        switch (node)
        {
            case YamlMappingNode map:
                var members = new JsonObject();
                foreach (var (key, value) in map.Children)
                    members.Add(((YamlScalarNode)key).Value!, ToJson(value));
                return members;
            case YamlSequenceNode list:
                return new JsonArray([.. list.Children.Select(ToJson)]);
        }

        var scalar = (YamlScalarNode)node;
        var isPlain = scalar.Style == YamlDotNet.Core.ScalarStyle.Plain;
        if (isPlain && scalar.Value is "true" or "false")
            return scalar.Value == "true";
        if (isPlain && decimal.TryParse(scalar.Value, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number))
            return JsonNode.Parse(number.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return scalar.Value;
    }

    private static string[] ExamplesIn(string document) =>
        [.. Fences.Matches(File.ReadAllText(RepositoryRoot.Combine("docs", document))).Select(match => match.Groups["yaml"].Value)];

    [GeneratedRegex(@"^```yaml\n(?<yaml>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Fences { get; }
}
