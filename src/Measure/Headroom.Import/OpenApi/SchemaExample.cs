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

    public Example Make(IOpenApiSchema? schema) => Make(schema, 0);

    /// <summary>Whether a text that was made is a variable of the plan rather than a literal.</summary>
    public static bool IsVariable(string text) => text is "${uuid}";

    /// <summary>The schema's own example, as 3.0 writes it (<c>example</c>) and as JSON Schema does (<c>examples</c>).</summary>
#pragma warning disable CS0618 // Obsolete in 3.1, and all that 3.0 has.
    public static JsonNode? Given(IOpenApiSchema? schema) => schema?.Example ?? schema?.Examples?.FirstOrDefault();
#pragma warning restore CS0618

    private static Example Make(IOpenApiSchema? schema, int depth)
    {
        if (schema is null)
            return new Example(JsonValue.Create("text"), IsGuess: true);
        if ((Given(schema) ?? schema.Default) is { } given)
            return new Example(given.DeepClone(), IsGuess: false);
        if (schema.Const is { } only)
            return new Example(JsonValue.Create(only), IsGuess: false);
        if (schema.Enum is { Count: > 0 } choices)
            return new Example(choices[0]?.DeepClone(), IsGuess: false);
        if (depth > DepthMost)
            return new Example(null, IsGuess: true);
        if (schema.AllOf is { Count: > 0 } all)
            return All(schema, all, depth);
        if ((schema.OneOf is { Count: > 0 } ? schema.OneOf : schema.AnyOf) is { Count: > 0 } some)
            return Make(some.FirstOrDefault(static one => one.Type is not JsonSchemaType.Null) ?? some[0], depth + 1);

        var type = schema.Type & ~JsonSchemaType.Null;
        return type switch
        {
            _ when type?.HasFlag(JsonSchemaType.Object) == true || schema.Properties is { Count: > 0 } => Object(schema, depth),
            _ when type?.HasFlag(JsonSchemaType.Array) == true || schema.Items is not null => Array(schema, depth),
            _ when type?.HasFlag(JsonSchemaType.Integer) == true => new Example(JsonValue.Create(Bounded(schema, 1, 1)), IsGuess: true),
            _ when type?.HasFlag(JsonSchemaType.Number) == true => new Example(JsonValue.Create(Bounded(schema, 1.5m, 0.5m)), IsGuess: true),
            _ when type?.HasFlag(JsonSchemaType.Boolean) == true => new Example(JsonValue.Create(true), IsGuess: true),
            _ => new Example(JsonValue.Create(Text(schema)), IsGuess: true),
        };
    }

    private static Example All(IOpenApiSchema schema, IList<IOpenApiSchema> all, int depth)
    {
        var parts = all.Select(part => Make(part, depth + 1)).ToList();
        if (schema.Properties is { Count: > 0 })
            parts.Add(Object(schema, depth));
        if (parts.TrueForAll(static part => part.Value is not JsonObject))
            return parts[0];
        var merged = new JsonObject();
        foreach (var (key, value) in parts.Select(static part => part.Value).OfType<JsonObject>().SelectMany(static map => map))
            merged[key] = value?.DeepClone();
        return new Example(merged, parts.Exists(static part => part.IsGuess));
    }

    // What only responses have is not sent (readOnly); what is optional is sent when it is simple, so that a body is like one that people send.
    private static Example Object(IOpenApiSchema schema, int depth)
    {
        var map = new JsonObject();
        var isGuess = false;
        foreach (var (name, property) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>())
        {
            var required = schema.Required?.Contains(name) == true;
            if (property.ReadOnly || (!required && depth >= 2))
                continue;
            var value = Make(property, depth + 1);
            if (value.Value is null && !required)
                continue;
            map[name] = value.Value;
            isGuess |= value.IsGuess;
        }

        return new Example(map, isGuess);
    }

    private static Example Array(IOpenApiSchema schema, int depth)
    {
        var list = new JsonArray();
        var item = Make(schema.Items, depth + 1);
        for (var count = Math.Clamp(schema.MinItems ?? 1, Math.Min(1, schema.MaxItems ?? 1), 100); list.Count < count;)
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
