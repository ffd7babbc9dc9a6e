using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Headroom.Http.ApiKeys.Checking;

/// <summary>What a key must have.</summary>
internal abstract record ApiKeyRequirement(bool IsFresh) : IAuthorizationRequirement;

/// <summary>A scope.</summary>
internal sealed record ApiKeyScopeRequirement(string Scope, bool IsFresh) : ApiKeyRequirement(IsFresh);

/// <summary>To be for the instance that a route value names.</summary>
internal sealed record ApiKeyInstanceRequirement(string RouteValue, bool IsFresh) : ApiKeyRequirement(IsFresh);

/// <summary>Holds keys to what endpoints require: by the record that authenticated the request, or by what the store says now, asked once a request.</summary>
internal sealed class ApiKeyAuthorization(ApiKeyCheck check) : IAuthorizationHandler
{
    public async Task HandleAsync(AuthorizationHandlerContext context)
    {
        foreach (var requirement in context.Requirements)
        {
            if (requirement is ApiKeyRequirement required && await MeetsAsync(required, context.User, context.Resource as HttpContext))
                context.Succeed(required);
        }
    }

    static string? Missing(ApiKeyRequirement required, ApiKeyRecord record, HttpContext? http) => required switch
    {
        ApiKeyScopeRequirement { Scope: var scope } => record.Scopes.Contains(scope, StringComparer.Ordinal) ? null : $"The API key lacks the scope '{scope}'.",
        ApiKeyInstanceRequirement { RouteValue: var name } => record.InstanceIds is null || (http?.GetRouteValue(name) is string instance && record.InstanceIds.Contains(instance, StringComparer.Ordinal)) ? null : "The API key is not for this instance.",
        _ => "The API key may not do this.",
    };

    async ValueTask<bool> MeetsAsync(ApiKeyRequirement required, ClaimsPrincipal user, HttpContext? http)
    {
        if (ApiKeyIdentity.KeyOf(user) is not { } key)
            return false;
        var (record, refusal) = required.IsFresh ? await FreshAsync(key, http) : (key.Record, null);
        if (record is not null && Missing(required, record, http) is { } detail)
            refusal = new ApiKeyRefusal(detail);
        if (refusal is not null)
            http?.Features.Set(refusal);
        return refusal is null;
    }

    async ValueTask<(ApiKeyRecord? Record, ApiKeyRefusal? Failure)> FreshAsync(CachedApiKey key, HttpContext? http)
    {
        if (http?.Features.Get<FreshRecord>() is { } known && ReferenceEquals(known.Key, key))
            return (known.Record, null);
        var (record, storeFailed) = await check.FindFreshAsync(key, http?.RequestAborted ?? CancellationToken.None);
        if (record is null)
            return (null, new ApiKeyRefusal("The API key is not valid any more.", storeFailed));
        http?.Features.Set(new FreshRecord(key, record));
        return (record, null);
    }

    sealed record FreshRecord(CachedApiKey Key, ApiKeyRecord Record);
}
