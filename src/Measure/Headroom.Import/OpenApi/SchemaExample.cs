using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Headroom.Import.OpenApi;

/// <param name="Value">JSON; texts may be variables of the plan.</param>
/// <param name="IsGuess">True when nothing of it stood in the description as an example, default or only choice.</param>
internal sealed record Example(JsonNode? Value, bool IsGuess);

/// <summary>Makes a value that a schema allows, from its examples where it has them.</summary>
internal sealed class SchemaExample
{
    private const int DepthMost = 8;

    public Example Make(IOpenApiSchema? schema) => Make(schema, 0, 0);

    /// <summary>Whether a text that was made is a variable of the plan rather than a literal.</summary>
    public static bool IsVariable(string text) => text is "${uuid}";

    /// <summary>The schema's own example, as 3.0 writes it (<c>example</c>) and as JSON Schema does (<c>examples</c>).</summary>
#pragma warning disable CS0618 // Obsolete in 3.1, and all that 3.0 has.
    public static JsonNode? Given(IOpenApiSchema? schema) => schema?.Example ?? schema?.Examples?.FirstOrDefault();
#pragma warning restore CS0618

    /// <summary>A value of the description; a null that is written there is a text of the reader's own, which no API knows.</summary>
    public static JsonNode? Plain(JsonNode? node) => node.IsJsonNullSentinel() ? null : node?.DeepClone();

    // Parts of one value (allOf, oneOf) are deeper in the description, but not nested deeper in the value.
    private static Example Make(IOpenApiSchema? schema, int depth, int nesting)
    {
        if (schema is null)
            return new Example(JsonValue.Create("text"), IsGuess: true);
        if ((Given(schema) ?? schema.Default) is { } given)
            return new Example(Plain(given), IsGuess: false);
        if (schema.Const is { } only)
            return new Example(JsonValue.Create(only), IsGuess: false);
        if (schema.Enum is { Count: > 0 } choices)
            return new Example(Plain(choices.FirstOrDefault(static choice => !choice.IsJsonNullSentinel())), IsGuess: false);
        if (schema.Type is JsonSchemaType.Null)
            return new Example(null, IsGuess: true);
        if (depth > DepthMost)
            return new Example(schema.Type?.HasFlag(JsonSchemaType.Array) == true ? new JsonArray() : null, IsGuess: true);
        if (schema.AllOf is { Count: > 0 } all)
            return All(schema, all, depth, nesting);
        if ((schema.OneOf is { Count: > 0 } ? schema.OneOf : schema.AnyOf) is { Count: > 0 } some)
            return OneOf(schema, some.FirstOrDefault(static one => one.Type is not JsonSchemaType.Null) ?? some[0], depth, nesting);

        var type = schema.Type & ~JsonSchemaType.Null;
        return type switch
        {
            _ when type?.HasFlag(JsonSchemaType.Object) == true || schema.Properties is { Count: > 0 } => Object(schema, depth, nesting),
            _ when type?.HasFlag(JsonSchemaType.Array) == true || schema.Items is not null => Array(schema, depth, nesting),
            _ when type?.HasFlag(JsonSchemaType.Integer) == true => new Example(JsonValue.Create(Bounded(schema, 1, 1)), IsGuess: true),
            _ when type?.HasFlag(JsonSchemaType.Number) == true => new Example(JsonValue.Create(Bounded(schema, 1.5m, 0.5m)), IsGuess: true),
            _ when type?.HasFlag(JsonSchemaType.Boolean) == true => new Example(JsonValue.Create(true), IsGuess: true),
            _ => new Example(JsonValue.Create(Text(schema)), IsGuess: true),
        };
    }

    private static Example All(IOpenApiSchema schema, IList<IOpenApiSchema> all, int depth, int nesting)
    {
        // Of a base with a discriminator only its own members: its alternatives are this schema and its siblings.
        var parts = all.Select(part => part.Discriminator is null ? Make(part, depth + 1, nesting) : Object(part, depth + 1, nesting)).ToList();
        if (schema.Properties is { Count: > 0 })
            parts.Add(Object(schema, depth, nesting));
        if (parts.TrueForAll(static part => part.Value is not JsonObject))
            return parts[0];
        var merged = Merged(parts);
        foreach (var part in all)
            SetKind(merged, part.Discriminator, schema);
        return new Example(merged, parts.Exists(static part => part.IsGuess));
    }

    // The first alternative, with what the schema itself asks for beside it.
    private static Example OneOf(IOpenApiSchema schema, IOpenApiSchema chosen, int depth, int nesting)
    {
        var made = Make(chosen, depth + 1, nesting);
        if (made.Value is not JsonObject)
            return made;
        List<Example> parts = schema.Properties is { Count: > 0 } ? [Object(schema, depth, nesting), made] : [made];
        var merged = Merged(parts);
        SetKind(merged, schema.Discriminator, chosen);
        return new Example(merged, parts.Exists(static part => part.IsGuess));
    }

    private static JsonObject Merged(IEnumerable<Example> parts)
    {
        var merged = new JsonObject();
        foreach (var (key, value) in parts.Select(static part => part.Value).OfType<JsonObject>().SelectMany(static map => map))
            merged[key] = value?.DeepClone();
        return merged;
    }

    // §4.8.25: the member that tells which alternative it is has the name that the mapping gives it, or the schema's own. What a schema itself says (const, enum) is known better.
    private static void SetKind(JsonObject map, OpenApiDiscriminator? discriminator, IOpenApiSchema kind)
    {
        if (discriminator?.PropertyName is not { } member || kind is not OpenApiSchemaReference { Reference.Id: { } id })
            return;
        var mapped = discriminator.Mapping?.FirstOrDefault(pair => pair.Value.Reference.Id == id).Key;
        if (mapped is not null || map[member] is not JsonValue known || known.ToString() == "text")
            map[member] = mapped ?? id;
    }

    // What only responses have is not sent (readOnly); what is optional is sent when it is simple, so that a body is like one that people send.
    private static Example Object(IOpenApiSchema schema, int depth, int nesting)
    {
        var map = new JsonObject();
        var isGuess = false;
        foreach (var (name, property) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>())
        {
            var required = schema.Required?.Contains(name) == true;
            if (property.ReadOnly || (!required && nesting >= 2))
                continue;
            var value = Make(property, depth + 1, nesting + 1);
            if (value.Value is null && !required)
                continue;
            map[name] = value.Value;
            isGuess |= value.IsGuess;
        }

        return new Example(map, isGuess);
    }

    private static Example Array(IOpenApiSchema schema, int depth, int nesting)
    {
        var list = new JsonArray();
        var item = Make(schema.Items, depth + 1, nesting + 1);

        // A list of what cannot be made (it holds itself without end) is better empty than of null.
        var fewest = item is { Value: null, IsGuess: true } ? 0 : 1;
        for (var count = Math.Clamp(schema.MinItems ?? fewest, Math.Min(fewest, schema.MaxItems ?? fewest), 100); list.Count < count;)
            list.Add(item.Value?.DeepClone());
        return new Example(list, item.IsGuess);
    }

    private static decimal Bounded(IOpenApiSchema schema, decimal value, decimal step)
    {
        if (Limit(schema.Minimum) is { } minimum)
            value = Math.Max(value, minimum);
        if (Limit(schema.ExclusiveMinimum) is { } above && value <= above)
            value = above + step;
        if (Limit(schema.Maximum) is { } maximum)
            value = Math.Min(value, maximum);
        if (Limit(schema.ExclusiveMaximum) is { } below && value >= below)
            value = below - step;
        if (schema.MultipleOf is > 0 and var multiple)
            value = Math.Ceiling(value / multiple) * multiple;
        return value;
    }

    private static decimal? Limit(string? text) => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var limit) ? limit : null;

    private static string Text(IOpenApiSchema schema)
    {
        var text = schema.Format switch
        {
            "uuid" => "${uuid}",
            "date" => "2026-01-31",
            "date-time" => "2026-01-31T12:00:00Z",
            "time" => "12:00:00Z",
            "duration" => "PT1H",
            "email" => "someone@example.com",
            "uri" or "url" or "uri-reference" or "iri" => "https://example.com/",
            "hostname" => "example.com",
            "ipv4" => "192.0.2.1",
            "ipv6" => "2001:db8::1",
            "byte" => "dGV4dA==",
            _ => "text",
        };
        if (schema.Format is not null && text != "text")
            return text;
        if (schema.MinLength is { } least && text.Length < least)
            text = text.PadRight(Math.Min(least, 10_000), 'x');
        return schema.MaxLength is { } most && text.Length > most ? text[..most] : text;
    }
}
