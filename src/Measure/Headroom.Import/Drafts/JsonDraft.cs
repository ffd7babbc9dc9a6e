using System.Text.Json;

namespace Headroom.Import.Drafts;

/// <summary>JSON as a draft.</summary>
internal static class JsonDraft
{
    /// <param name="json">The value.</param>
    /// <param name="text">What a text becomes, given the name of the member that it is in.</param>
    /// <param name="member">The name of the member that the value is in; empty at the top.</param>
    public static DraftNode From(JsonElement json, Func<string, string, DraftNode> text, string member = "")
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                var map = new DraftMap();
                foreach (var property in json.EnumerateObject())
                    map.AddData(PlanText.Literal(property.Name), From(property.Value, text, property.Name));
                return map;
            case JsonValueKind.Array:
                var list = new DraftList();
                foreach (var item in json.EnumerateArray())
                    list.Add(From(item, text, member));
                return list;
            case JsonValueKind.String:
                return text(member, json.GetString()!);
            default:
                return new DraftPlain(json.GetRawText());
        }
    }

    /// <summary>The text as JSON, when a plan can say it: an object without two members of one name, or an array.</summary>
    public static JsonElement? TryParse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
