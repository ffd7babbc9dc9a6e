namespace Headroom.Gateway.Forwarding;

/// <summary>Puts the target of a request behind an upstream's address, byte for byte: no decoding, no dot segments, no case.</summary>
internal static class RequestTarget
{
    private static readonly UriCreationOptions AsItStands = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <param name="prefix">Scheme, authority and base path of the upstream, without a slash at the end.</param>
    /// <param name="rawTarget">Origin-form or absolute-form, RFC 9112 §3.2.</param>
    /// <returns>Null when the target is neither.</returns>
    public static Uri? Behind(string prefix, string rawTarget)
    {
        var target = OriginForm(rawTarget);
        return target is not null && Uri.TryCreate(prefix + target, AsItStands, out var uri) ? uri : null;
    }

    /// <returns>Null when the target is neither in origin-form nor in absolute-form.</returns>
    public static string? OriginForm(string rawTarget) => rawTarget.StartsWith('/') ? rawTarget : OfAbsoluteForm(rawTarget);

    /// <summary>The server has checked that the authority is the one of Host (RFC 9112 §3.2.2); what follows it is the target.</summary>
    private static string? OfAbsoluteForm(string rawTarget)
    {
        var scheme = rawTarget.IndexOf("://", StringComparison.Ordinal);
        if (scheme <= 0)
            return null;
        var path = rawTarget.AsSpan(scheme + 3).IndexOfAny('/', '?');
        if (path < 0)
            return "/";
        var rest = rawTarget[(scheme + 3 + path)..];
        return rest[0] == '?' ? "/" + rest : rest;
    }
}
