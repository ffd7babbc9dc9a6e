using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Headroom.Testing;

/// <summary>As much of JSON Schema 2020-12 as the schemas in docs/ use; a keyword it does not know is an error, not ignored.</summary>
internal sealed class JsonSchemaCheck(JsonObject root)
{
    private static readonly HashSet<string> Annotations = ["$schema", "$id", "$defs", "title", "description", "contentEncoding", "format"];

    public List<string> Problems(JsonNode? document)
    {
        var problems = new List<string>();
        Check(document, root, "$", problems);
        return problems;
    }

    private void Check(JsonNode? node, JsonObject schema, string path, List<string> problems)
    {
        foreach (var (keyword, value) in schema)
        {
            if (Annotations.Contains(keyword))
                continue;

            var problem = keyword switch
            {
                "type" => Types(value!).Any(type => IsOf(node, type)) ? null : $"is not {value!.ToJsonString()}",
                "minimum" => Number(node) is { } number && number < Number(value) ? $"is below {value}" : null,
                "maximum" => Number(node) is { } number && number > Number(value) ? $"is above {value}" : null,
                "pattern" => node?.GetValueKind() == System.Text.Json.JsonValueKind.String && !Regex.IsMatch((string)node!, (string)value!, RegexOptions.None, TimeSpan.FromSeconds(1)) ? $"does not match {value}" : null,
                "enum" => value!.AsArray().Any(allowed => JsonNode.DeepEquals(allowed, node)) ? null : $"is none of {value.ToJsonString()}",
                "exclusiveMinimum" => Number(node) is { } number && number <= Number(value) ? $"is not above {value}" : null,
                "const" => JsonNode.DeepEquals(value, node) ? null : $"is not {value?.ToJsonString()}",
                "minItems" => node is JsonArray items && items.Count < (int)value! ? $"has fewer than {value} items" : null,
                "oneOf" => value!.AsArray().Count(option => Accepts(node, option!.AsObject())) == 1 ? null : "fits not exactly one of oneOf",
                "anyOf" => value!.AsArray().Any(option => Accepts(node, option!.AsObject())) ? null : "fits none of anyOf",
                "required" => Missing(node, value!.AsArray()),
                "$ref" or "properties" or "items" or "additionalProperties" => null,
                _ => $"has the unknown keyword '{keyword}' in its schema",
            };
            if (problem is not null)
                problems.Add($"{path}: {problem}");
        }

        if (schema["$ref"] is { } reference)
            Check(node, Definition((string)reference!), path, problems);
        CheckMembers(node, schema, path, problems);
    }

    private void CheckMembers(JsonNode? node, JsonObject schema, string path, List<string> problems)
    {
        if (node is JsonArray array && schema["items"] is JsonObject items)
        {
            for (var i = 0; i < array.Count; i++)
                Check(array[i], items, $"{path}[{i}]", problems);
        }

        foreach (var (name, member) in node as JsonObject ?? [])
        {
            var memberSchema = schema["properties"]?[name] ?? schema["additionalProperties"];
            if (memberSchema is JsonValue allowed && !(bool)allowed)
                problems.Add($"{path}: has the unknown member '{name}'");
            else if (memberSchema is JsonObject)
                Check(member, memberSchema.AsObject(), $"{path}.{name}", problems);
        }
    }

    public JsonObject Definition(string reference) => root["$defs"]![reference["#/$defs/".Length..]]!.AsObject();

    public static IEnumerable<string> Types(JsonNode type) => type is JsonArray several ? several.Select(one => (string)one!) : [(string)type!];

    private bool Accepts(JsonNode? node, JsonObject schema)
    {
        var problems = new List<string>();
        Check(node, schema, "", problems);
        return problems.Count == 0;
    }

    private static bool IsOf(JsonNode? node, string type) => (type, node?.GetValueKind()) switch
    {
        ("null", null) => true,
        ("object", System.Text.Json.JsonValueKind.Object) => true,
        ("array", System.Text.Json.JsonValueKind.Array) => true,
        ("string", System.Text.Json.JsonValueKind.String) => true,
        ("boolean", System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False) => true,
        ("number", System.Text.Json.JsonValueKind.Number) => true,
        ("integer", System.Text.Json.JsonValueKind.Number) => decimal.IsInteger(Number(node)!.Value),
        _ => false,
    };

    private static decimal? Number(JsonNode? node) => node?.GetValueKind() == System.Text.Json.JsonValueKind.Number
        ? decimal.Parse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture)
        : null;

    private static string? Missing(JsonNode? node, JsonArray required) =>
        node is JsonObject members && required.Select(name => (string)name!).FirstOrDefault(name => !members.ContainsKey(name)) is { } missing
            ? $"lacks '{missing}'"
            : null;
}
