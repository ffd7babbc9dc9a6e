using System.Text.Json;

namespace Headroom.Http.ApiKeys.Issuing;

/// <summary>Applies the body of a change to a record.</summary>
internal static class ApiKeyChange
{
    public static Dictionary<string, string[]> Apply(ApiKeyChangeBody body, ApiKeyRecord record, DateTimeOffset now, out ApiKeyRecord changed)
    {
        var unreadable = new Dictionary<string, string[]>(StringComparer.Ordinal);
        changed = record with
        {
            Name = body.Name.ValueKind switch
            {
                JsonValueKind.Undefined => record.Name,
                JsonValueKind.String => body.Name.GetString()!,
                _ => Refused("name", "a text", unreadable, record.Name),
            },
            Scopes = Words(body.Scopes, "scopes", mayBeNull: false, unreadable, record.Scopes) ?? [],
            InstanceIds = Words(body.InstanceIds, "instanceIds", mayBeNull: true, unreadable, record.InstanceIds),
        };
        if (ApiKeyRules.ReadExpiry(body.ExpiresAt, out var expiresAt) is { } wrong)
            unreadable["expiresAt"] = wrong;
        else if (body.ExpiresAt.ValueKind != JsonValueKind.Undefined)
            changed = changed with { ExpiresAt = expiresAt };
        var errors = ApiKeyRules.Errors(changed.Name, changed.OrganizationId, changed.Scopes, changed.InstanceIds);
        if (changed.ExpiresAt != record.ExpiresAt && ApiKeyRules.ExpiryErrors(changed.ExpiresAt, now) is { } over)
            errors["expiresAt"] = over;
        foreach (var (field, error) in unreadable)
            errors[field] = error;
        return errors;
    }

    static IReadOnlyList<string>? Words(JsonElement given, string field, bool mayBeNull, Dictionary<string, string[]> unreadable, IReadOnlyList<string>? before)
    {
        if (given.ValueKind == JsonValueKind.Undefined)
            return before;
        if (given.ValueKind == JsonValueKind.Null && mayBeNull)
            return null;
        return given.ValueKind == JsonValueKind.Array && given.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.String)
            ? [.. given.EnumerateArray().Select(static item => item.GetString()!)]
            : Refused(field, mayBeNull ? "a list of texts, or null for all" : "a list of texts", unreadable, before);
    }

    static T Refused<T>(string field, string allowed, Dictionary<string, string[]> unreadable, T before)
    {
        unreadable[field] = [$"It is not {allowed}."];
        return before;
    }
}
