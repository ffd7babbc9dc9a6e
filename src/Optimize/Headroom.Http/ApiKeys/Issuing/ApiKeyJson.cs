using System.Text.Json;
using System.Text.Json.Serialization;

namespace Headroom.Http.ApiKeys.Issuing;

/// <summary>The body of a request for a new key.</summary>
internal sealed record NewApiKeyBody(string? Name = null, string? OrganizationId = null, string[]? Scopes = null, string[]? InstanceIds = null, JsonElement ExpiresAt = default);

/// <summary>The body of a change: what is left out stays, a null among those that may be none takes it away.</summary>
internal sealed record ApiKeyChangeBody(JsonElement Name = default, JsonElement Scopes = default, JsonElement InstanceIds = default, JsonElement ExpiresAt = default);

/// <summary>The body of a rotation; there need not be one.</summary>
internal sealed record RotationBody(long? OverlapSeconds = null);

/// <summary>A key as endpoints show it; the key itself only when it was just made.</summary>
internal sealed record ApiKeyView(
    string Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Key,
    string Name,
    string OrganizationId,
    string Status,
    IReadOnlyList<string> Scopes,
    IReadOnlyList<string>? InstanceIds,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt,
    string? ReplacedBy,
    DateTimeOffset? LastUsedAt,
    long UseCount)
{
    public static ApiKeyView Of(ApiKeyRecord record, DateTimeOffset now, string? key = null) => new(
        record.Id,
        key,
        record.Name,
        record.OrganizationId,
        record.Status == ApiKeyStatus.Revoked ? "revoked" : record.ExpiresAt <= now ? "expired" : "active",
        record.Scopes,
        record.InstanceIds,
        record.CreatedAt,
        record.ExpiresAt,
        record.RevokedAt,
        record.ReplacedBy,
        record.LastUsedAt,
        record.UseCount);
}

/// <summary>A page of keys.</summary>
internal sealed record ApiKeyPage(IReadOnlyList<ApiKeyView> Items, string? Next);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(NewApiKeyBody))]
[JsonSerializable(typeof(ApiKeyChangeBody))]
[JsonSerializable(typeof(RotationBody))]
[JsonSerializable(typeof(ApiKeyView))]
[JsonSerializable(typeof(ApiKeyPage))]
internal sealed partial class ApiKeyJson : JsonSerializerContext;
