using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.AspNetCore.Routing;

namespace Headroom.Http.RateLimits;

/// <summary>Who is counted together: what is equal in all of it. Only what <see cref="RateLimitBy"/> asks for is filled in, so that a key a client wrote is never taken for an authenticated caller.</summary>
/// <param name="Text">What code of the application said, or an API key that nothing has authenticated.</param>
/// <param name="Caller">The authenticated caller's id.</param>
/// <param name="Address">The address, 0 where there is none.</param>
/// <param name="Route">The endpoint's route template.</param>
/// <param name="Plan">The authenticated caller's plan.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PartitionKey(string? Text, string? Caller, UInt128 Address, string? Route, string? Plan)
{
    // Longer texts are kept as their hash: a client that writes long keys takes no more memory than others.
    const int TextMost = 128;

    public static PartitionKey Of(string text) => new(Bounded(text), null, 0, null, null);

    public static PartitionKey Of(HttpContext context, RateLimitBy by, bool trustApiKeyHeader, string planClaim)
    {
        string? text = null;
        string? caller = null;
        var address = (by & RateLimitBy.Address) != RateLimitBy.None;
        var user = (by & (RateLimitBy.ApiKey | RateLimitBy.User | RateLimitBy.Plan)) == RateLimitBy.None ? null : Authenticated(context);
        if ((by & (RateLimitBy.ApiKey | RateLimitBy.User)) != RateLimitBy.None)
        {
            caller = user is null ? null : IdOf(user);
            if (caller is null && trustApiKeyHeader && (by & RateLimitBy.ApiKey) != RateLimitBy.None && context.Request.Headers["x-api-key"] is [{ Length: > 0 } key])
                text = Bounded(key);
            address |= caller is null && text is null;
        }

        return new PartitionKey(
            text,
            caller,
            address ? AddressOf(context.Connection.RemoteIpAddress) : 0,
            (by & RateLimitBy.Route) != RateLimitBy.None ? RouteOf(context) : null,
            (by & RateLimitBy.Plan) != RateLimitBy.None && user?.FindFirst(planClaim)?.Value is { } plan ? Bounded(plan) : null);
    }

    /// <summary>All of it in a short text for a store outside, without what callers are called.</summary>
    public string Digest()
    {
        var all = $"{Text?.Length ?? -1}:{Text}|{Caller?.Length ?? -1}:{Caller}|{Address:x}|{Route?.Length ?? -1}:{Route}|{Plan}";
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(all), hash);
        return Convert.ToHexStringLower(hash[..16]);
    }

    /// <summary>For the limiters that an application makes itself.</summary>
    public override string ToString() => Text ?? string.Join(' ', new[] { Caller, Address == 0 ? null : Address.ToString("x", null), Route, Plan }.Where(static part => part is not null));

    public static UInt128 AddressOf(IPAddress? address)
    {
        if (address is null)
            return 0;

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var written);
        if (written == 4)
            return (UInt128)BinaryPrimitives.ReadUInt32BigEndian(bytes) << 8 | 4;
        // A dual-stack socket tells IPv4 in this form.
        if (address.IsIPv4MappedToIPv6)
            return (UInt128)BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]) << 8 | 4;
        return (UInt128)BinaryPrimitives.ReadUInt64BigEndian(bytes) << 8 | 6;
    }

    // HttpContext.User would make a principal where there is none; and by type, not by type parameter, which costs a look-up of the generic method.
    static ClaimsPrincipal? Authenticated(HttpContext context) =>
        context.Features[typeof(IHttpAuthenticationFeature)] is IHttpAuthenticationFeature { User: { Identity.IsAuthenticated: true } user } ? user : null;

    static string? IdOf(ClaimsPrincipal user) =>
        ((user.FindFirst(ClaimTypes.NameIdentifier) ?? user.FindFirst("sub"))?.Value ?? user.Identity?.Name) is { Length: > 0 } id ? Bounded(id) : null;

    static string RouteOf(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "";

    static string Bounded(string text) => text.Length <= TextMost ? text : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
