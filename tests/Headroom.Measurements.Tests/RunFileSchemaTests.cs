using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Headroom.Measurements.RunFiles;
using Headroom.Measurements.Thresholds;

namespace Headroom.Measurements.Tests;

/// <summary>The records, docs/headroom-run-1.schema.json and docs/run-file.md say the same.</summary>
public sealed class RunFileSchemaTests
{
    private static readonly JsonObject Schema = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "headroom-run-1.schema.json")))!.AsObject();

    public static TheoryData<string> Records => [.. Contracts().Select(contract => contract.Type.Name)];

    [Theory]
    [MemberData(nameof(Records))]
    public void Schema_OfEachRecord_HasItsFieldsWithTheirKindAndRequiredOnes(string record)
    {
        var contract = Contracts().Single(contract => contract.Type.Name == record);
        var schema = SchemaOf(contract.Type);
        var properties = contract.Properties.Where(property => !property.IsExtensionData).ToArray();

        Assert.Equal(properties.Select(property => property.Name), schema["properties"]!.AsObject().Select(property => property.Key));

        // The reader requires the schema's name itself, before it knows the records.
        var required = properties.Where(property => property.IsRequired || (record == nameof(RunFile) && property.Name == "schema"));
        Assert.Equal(required.Select(property => property.Name), (schema["required"]?.AsArray() ?? []).Select(name => (string)name!));
        Assert.All(properties, property => AssertSame(property, schema["properties"]![property.Name]!.AsObject()));
    }

    [Fact]
    public void Schema_OfEveryDefinition_IsOfARecord()
    {
        var definitions = Schema["$defs"]!.AsObject().Select(definition => definition.Key).Order(StringComparer.Ordinal);

        Assert.Equal(Contracts().Select(contract => contract.Type).Where(type => type != typeof(RunFile)).Select(DefinitionName).Order(StringComparer.Ordinal), definitions);
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", (string?)Schema["$schema"]);
    }

    [Fact]
    public void Schema_WrittenRuns_AreValid()
    {
        var check = new JsonSchemaCheck(Schema);
        var run = SampleRun.Complete();

        Assert.Empty(check.Problems(JsonNode.Parse(RunFileJson.ToUtf8Bytes(run))));
        Assert.Empty(check.Problems(JsonNode.Parse(RunFileJson.ToUtf8Bytes(run with { Target = null, Summary = new RequestTally().Summarize(0) }))));
        Assert.Empty(check.Problems(JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "RunFiles", "headroom-run-1.frozen.json")))));
    }

    /// <summary>So that an empty list of problems above means something.</summary>
    [Fact]
    public void Schema_WrongRun_IsNotValid()
    {
        var run = JsonNode.Parse(RunFileJson.ToUtf8Bytes(SampleRun.Complete()))!;
        run["schema"] = "headroom-run/2";
        run["plan"]!.AsObject().Remove("name");
        run["summary"]!["requests"] = 1.5;
        run["summary"]!["errorRate"] = 2;
        run["statuses"]!["200"] = -1;
        run["target"] = 5;
        run["warnings"]![0]!["severity"] = "fatal";

        var problems = new JsonSchemaCheck(Schema).Problems(run);

        Assert.Equal(
            ["$.schema", "$.plan", "$.summary.requests", "$.summary.errorRate", "$.statuses.200", "$.target", "$.warnings[0].severity"],
            problems.Select(problem => problem[..problem.IndexOf(':', StringComparison.Ordinal)]));
    }

    [Fact]
    public void Documentation_OfTheRunFile_HasEveryFieldAndMetric()
    {
        var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "run-file.md"));

        Assert.All(Contracts(), contract =>
        {
            var heading = contract.Type == typeof(RunFile) ? "### The run\n" : $"### {DefinitionName(contract.Type)}\n";
            var start = page.IndexOf(heading, StringComparison.Ordinal);
            Assert.True(start >= 0, $"docs/run-file.md lacks '{heading.Trim()}'");
            var section = page[start..Math.Max(page.IndexOf("\n##", start + heading.Length, StringComparison.Ordinal), start + heading.Length)];
            Assert.All(contract.Properties.Where(property => !property.IsExtensionData), property => Assert.Contains($"| `{property.Name}` |", section, StringComparison.Ordinal));
        });
        Assert.All(ThresholdMetric.All, metric => Assert.Contains($"| `{metric.Name}` |", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Documentation_OfTargets_HasEveryMetricOfBothNotationsWithItsAggregations()
    {
        var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "targets.md"));
        var rows = page.Split('\n').Where(line => line.StartsWith('|')).ToArray();

        Assert.All(ThresholdMetric.All, metric => Assert.Contains(rows, row => row.Split('|')[1].Contains($"`{metric.Name}`", StringComparison.Ordinal)));
        Assert.All(K6Metric.All, metric =>
        {
            var row = Assert.Single(rows, row => row.Split('|')[1].Contains($"`{metric.Name}`", StringComparison.Ordinal) && row.Split('|').Length == 6);
            Assert.Equal(string.Join(' ', metric.Aggregations.Select(aggregation => $"`{aggregation}`")), row.Split('|')[2].Trim());
        });
    }

    private static void AssertSame(JsonPropertyInfo property, JsonObject schema)
    {
        var allowsNull = AllowsNull(schema);
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        Assert.True(allowsNull == (property.Set is not null && property.IsSetNullable), $"{property.Name}: null is allowed in one of record and schema only");
        Assert.False(string.IsNullOrEmpty(Description(schema)), $"{property.Name} has no description");

        var contract = ContractOf(type);
        if (type.IsEnum)
            Assert.Equal(Enum.GetValues(type).Cast<object>().Select(value => JsonSerializer.SerializeToNode(value, contract)!.ToJsonString()), schema["enum"]!.AsArray().Select(value => value!.ToJsonString()));
        else
            Assert.Equal(Kind(contract), SchemaKind(schema));

        if (type == typeof(double))
            Assert.Equal(RunFileShape.MayBeNegative.Contains(property.Name), schema["minimum"] is null);
        if (type == typeof(long) || type == typeof(int))
            Assert.Equal(0, (int)schema["minimum"]!);
    }

    private static string Kind(JsonTypeInfo contract) => contract.Kind switch
    {
        JsonTypeInfoKind.Object => DefinitionName(contract.Type),
        JsonTypeInfoKind.Enumerable => "list of " + Kind(ContractOf(contract.ElementType!)),
        JsonTypeInfoKind.Dictionary => "map to " + Kind(ContractOf(contract.ElementType!)),
        _ when contract.Type == typeof(double) => "number",
        _ when contract.Type == typeof(bool) => "boolean",
        _ when contract.Type == typeof(long) || contract.Type == typeof(int) => "integer",
        _ => "string",
    };

    private static string SchemaKind(JsonObject schema)
    {
        if (schema["anyOf"] is JsonArray options)
            return SchemaKind(options[0]!.AsObject());
        if (schema["$ref"] is { } reference)
            return ((string)reference!)["#/$defs/".Length..];

        return JsonSchemaCheck.Types(schema["type"]!).First() switch
        {
            "array" => "list of " + SchemaKind(schema["items"]!.AsObject()),
            "object" => "map to " + SchemaKind(schema["additionalProperties"]!.AsObject()),
            var type => type,
        };
    }

    private static bool AllowsNull(JsonObject schema) =>
        schema["anyOf"] is JsonArray options
            ? options.Any(option => (string?)option!["type"]?.AsValue() == "null")
            : schema["type"] is { } type && JsonSchemaCheck.Types(type).Contains("null");

    /// <summary>A reference without words of its own has those of its definition.</summary>
    private static string? Description(JsonObject schema) =>
        (string?)schema["description"] ?? (schema["$ref"] is { } reference ? (string?)new JsonSchemaCheck(Schema).Definition((string)reference!)["description"] : null);

    private static JsonObject SchemaOf(Type type) => type == typeof(RunFile) ? Schema : Schema["$defs"]![DefinitionName(type)]!.AsObject();

    private static string DefinitionName(Type type) => JsonNamingPolicy.CamelCase.ConvertName(type.Name);

    private static JsonTypeInfo ContractOf(Type type) => RunFileJsonContext.Default.GetTypeInfo(type)!;

    /// <summary>The run file's record and every record that can be reached from it.</summary>
    private static List<JsonTypeInfo> Contracts()
    {
        var found = new List<JsonTypeInfo>();
        Visit(typeof(RunFile));
        return found;

        void Visit(Type type)
        {
            var contract = ContractOf(Nullable.GetUnderlyingType(type) ?? type);
            if (contract.ElementType is { } element)
                Visit(element);
            if (contract.Kind != JsonTypeInfoKind.Object || found.Contains(contract))
                return;

            found.Add(contract);
            foreach (var property in contract.Properties.Where(property => !property.IsExtensionData))
                Visit(property.PropertyType);
        }
    }
}
