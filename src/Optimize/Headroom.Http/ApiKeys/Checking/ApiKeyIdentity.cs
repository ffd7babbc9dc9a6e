using System.Security.Claims;

namespace Headroom.Http.ApiKeys.Checking;

/// <summary>
/// The identity of one request's key. Each request has one of its own: applications add claims to identities, and one that were shared would carry those of all requests before.
/// </summary>
internal sealed class ApiKeyIdentity : ClaimsIdentity
{
    public ApiKeyIdentity(CachedApiKey key)
        : base(ApiKeyDefaults.AuthenticationScheme)
    {
        Key = key;
        var record = key.Record;
        Add(ClaimTypes.NameIdentifier, record.Id);
        Add(ClaimTypes.Name, record.Name);
        Add(ApiKeyDefaults.OrganizationClaim, record.OrganizationId);
        foreach (var scope in record.Scopes)
            Add(ApiKeyDefaults.ScopeClaim, scope);
        foreach (var instance in record.InstanceIds ?? [])
            Add(ApiKeyDefaults.InstanceClaim, instance);
    }

    ApiKeyIdentity(ApiKeyIdentity other)
        : base(other) => Key = other.Key;

    public CachedApiKey Key { get; }

    public override ClaimsIdentity Clone() => new ApiKeyIdentity(this);

    /// <summary>The key that a request was authenticated by; null: by none.</summary>
    public static CachedApiKey? KeyOf(ClaimsPrincipal user)
    {
        foreach (var identity in user.Identities)
        {
            if (identity is ApiKeyIdentity { IsAuthenticated: true } own)
                return own.Key;
        }

        return null;
    }

    void Add(string type, string value) => AddClaim(new Claim(type, value, ClaimValueTypes.String, DefaultIssuer, DefaultIssuer, this));
}
