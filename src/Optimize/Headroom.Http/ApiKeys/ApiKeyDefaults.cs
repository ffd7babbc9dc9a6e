namespace Headroom.Http;

/// <summary>Names that API keys use: the scheme, the header, and the claims of an authenticated key.</summary>
public static class ApiKeyDefaults
{
    /// <summary>The authentication scheme.</summary>
    public const string AuthenticationScheme = "ApiKey";

    /// <summary>The header that a client sends its key in; <c>Authorization: Bearer</c> is the other way. A key in the URL is never read: URLs are logged and shared.</summary>
    public const string HeaderName = "x-api-key";

    /// <summary>The claim that says which organisation the key is of. The key's id is <c>ClaimTypes.NameIdentifier</c>, its name <c>ClaimTypes.Name</c>.</summary>
    public const string OrganizationClaim = "organization";

    /// <summary>The claim of one thing that the key may do; as many as it has scopes.</summary>
    public const string ScopeClaim = "scope";

    /// <summary>The claim of one instance that the key is for; none where it is for all.</summary>
    public const string InstanceClaim = "instance";
}
