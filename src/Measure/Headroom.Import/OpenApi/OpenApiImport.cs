using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Headroom.Import.Drafts;
using Microsoft.OpenApi;
using YamlDotNet.Core;

namespace Headroom.Import.OpenApi;

/// <summary>One request for each operation of an OpenAPI description.</summary>
internal sealed partial class OpenApiImport(PlanDraft draft)
{
    private const int ReferencesDeepMost = 200;

    public void Read(string text)
    {
        var description = Parse(text);
        var server = description.Servers?.FirstOrDefault();
        draft.Target = ServerAddress(server);
        draft.Head.Add($"From {draft.Options.Source}: {description.Info?.Title} {description.Info?.Version}".TrimEnd() + ".");
        if (!draft.Options.Writes)
            draft.Head.Add("Requests that may change data stand in comments; uncomment them, or import with --writes, to have them sent.");

        var operations = new OperationImport(draft, description, ServerAddressOf);
        foreach (var (path, item) in description.Paths ?? [])
        {
            foreach (var (method, operation) in item.Operations ?? [])
                operations.Add(path, item, method.Method.ToUpperInvariant(), operation);
        }

        if (draft.Requests.Count == 0)
            throw draft.Error(0, "describes no operation under 'paths' that could be sent");
        if (draft.Requests.TrueForAll(static request => request.IsDisabled))
            throw draft.Error(0, "describes only operations that may change data; --writes has them sent");
    }

    private OpenApiDocument Parse(string text)
    {
        var json = text.TrimStart('\uFEFF', ' ', '\t', '\r', '\n').StartsWith('{') ? ParseJson(text) : ParseYaml(text);
        if (json is not JsonObject root || (!root.ContainsKey("openapi") && !root.ContainsKey("swagger")))
            throw draft.Error(0, "has no 'openapi' at its top, so it is not an OpenAPI description; write one of version 3.0 or 3.1");
        if (root["swagger"] is { } swagger)
            throw draft.Error(0, $"is a Swagger {swagger} description; convert it to OpenAPI 3 first, for example with swagger2openapi");
        if (root["openapi"] is not JsonValue version || !(version.ToString().StartsWith("3.", StringComparison.Ordinal)))
            throw draft.Error(0, $"is OpenAPI '{root["openapi"]}'; read are versions 3.0 and 3.1");

        TellReferences(root, root);
        var result = OpenApiDocument.Parse(root.ToJsonString(), OpenApiConstants.Json);
        foreach (var error in result.Diagnostic?.Errors ?? [])
            draft.Guess(0, $"the description has a mistake: {error.Message} ({error.Pointer})");
        return result.Document ?? throw draft.Error(0, "cannot be read as an OpenAPI description");
    }

    /// <summary>What is described elsewhere: without it, a path has no operation, and a parameter is none, in silence.</summary>
    private void TellReferences(JsonNode? node, JsonObject root, int depth = 0)
    {
        if (depth > ReferencesDeepMost)
            return;
        if (node is JsonObject map)
        {
            if (map["$ref"] is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is var reference && !IsThere(reference, root))
                draft.LeftOut(0, $"what '{reference}' refers to ({(reference.StartsWith('#') ? "which is not in the description" : "another file; put both into one first")}), at {map.GetPath()}");
            foreach (var (name, member) in map)
            {
                // Examples are data.
                if (name is not ("example" or "examples" or "default" or "enum" or "const"))
                    TellReferences(member, root, depth + 1);
            }
        }
        else if (node is JsonArray list)
        {
            foreach (var item in list)
                TellReferences(item, root, depth + 1);
        }
    }

    // RFC 6901 in a fragment; a name alone is an anchor or a schema's own $id, which the reader knows.
    private static bool IsThere(string reference, JsonObject root)
    {
        if (!reference.StartsWith("#/", StringComparison.Ordinal))
            return reference.StartsWith('#');
        JsonNode? at = root;
        foreach (var part in Uri.UnescapeDataString(reference[2..]).Split('/'))
        {
            var name = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            at = at switch
            {
                JsonObject map => map[name],
                JsonArray list when int.TryParse(name, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var index) && index < list.Count => list[index],
                _ => null,
            };
            if (at is null)
                return false;
        }

        return true;
    }

    private JsonNode? ParseJson(string text)
    {
        try
        {
            return JsonNode.Parse(text.TrimStart('\uFEFF'));
        }
        catch (JsonException e)
        {
            throw draft.Error((int)(e.LineNumber ?? -1) + 1, "begins like JSON and is not: " + WithoutPlace().Replace(e.Message, ""));
        }
    }

    // The line stands at the beginning already.
    [GeneratedRegex(@" (?:Path: .* \| )?LineNumber: .*\z", RegexOptions.CultureInvariant | RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WithoutPlace();

    private JsonNode? ParseYaml(string text)
    {
        try
        {
            return YamlToJson.Read(text);
        }
        catch (YamlException e)
        {
            throw draft.Error((int)e.Start.Line, "is not YAML: " + e.Message);
        }
    }

    private static string Filled(OpenApiServer? server)
    {
        // Variables of a server have a default by the specification (§4.8.6).
        var address = server?.Url ?? "";
        foreach (var (name, variable) in server?.Variables ?? new Dictionary<string, OpenApiServerVariable>())
            address = address.Replace($"{{{name}}}", variable.Default ?? "", StringComparison.Ordinal);
        return address.TrimEnd('/');
    }

    /// <summary>Of a path or an operation; a path alone is one at the description's own server. Null for anything else.</summary>
    private string? ServerAddressOf(OpenApiServer server)
    {
        var address = Filled(server);
        return Origins.Split(address) is not null ? address : address.StartsWith('/') && Origins.Split(draft.Target!) is { } own ? own.Origin + address : null;
    }

    private string ServerAddress(OpenApiServer? server)
    {
        var address = Filled(server);
        if (Origins.Split(address) is not null)
            return address;
        if (draft.Options.Target is null)
            draft.Guess(0, $"the description names {(address.Length == 0 ? "no server" : $"the server '{address}', which is no whole address")}; the plan's target is a guess");
        return "http://127.0.0.1:8080" + (address.StartsWith('/') ? address : "");
    }
}
