using System.Text.Json;
using System.Text.Json.Nodes;
using Headroom.Import.Drafts;
using Microsoft.OpenApi;
using YamlDotNet.Core;

namespace Headroom.Import.OpenApi;

/// <summary>One request for each operation of an OpenAPI description.</summary>
internal sealed class OpenApiImport(PlanDraft draft)
{
    public void Read(string text)
    {
        var description = Parse(text);
        var server = description.Servers?.FirstOrDefault();
        draft.Target = ServerAddress(server);
        draft.Head.Add($"From {draft.Options.Source}: {description.Info?.Title} {description.Info?.Version}".TrimEnd() + ".");
        if (!draft.Options.Writes)
            draft.Head.Add("Requests that may change data stand in comments; uncomment them, or import with --writes, to have them sent.");

        var operations = new OperationImport(draft, description);
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

        var result = OpenApiDocument.Parse(root.ToJsonString(), OpenApiConstants.Json);
        foreach (var error in result.Diagnostic?.Errors ?? [])
            draft.Guess(0, $"the description has a mistake: {error.Message} ({error.Pointer})");
        return result.Document ?? throw draft.Error(0, "cannot be read as an OpenAPI description");
    }

    private JsonNode? ParseJson(string text)
    {
        try
        {
            return JsonNode.Parse(text.TrimStart('\uFEFF'));
        }
        catch (JsonException e)
        {
            throw draft.Error((int)(e.LineNumber ?? -1) + 1, "begins like JSON and is not: " + e.Message);
        }
    }

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

    // Variables of a server have a default by the specification (§4.8.6).
    private string ServerAddress(OpenApiServer? server)
    {
        var address = server?.Url ?? "";
        foreach (var (name, variable) in server?.Variables ?? new Dictionary<string, OpenApiServerVariable>())
            address = address.Replace($"{{{name}}}", variable.Default ?? "", StringComparison.Ordinal);
        if (Origins.Split(address) is not null)
            return address.TrimEnd('/');
        if (draft.Options.Target is null)
            draft.Guess(0, $"the description names {(address.Length == 0 ? "no server" : $"the server '{address}', which is no whole address")}; the plan's target is a guess");
        return "http://127.0.0.1:8080" + (address.StartsWith('/') ? address.TrimEnd('/') : "");
    }
}
