using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Telemetry.LivePage;

/// <summary>
/// Lets in whom the policy allows; to all others the page does not exist. The application's fallback policy, and what it asks of these endpoints by <c>RequireAuthorization</c>, are held to here too: the framework's middleware would
/// answer 401 before anybody gets here, so it passes these endpoints by.
/// </summary>
/// <param name="policy">Null: everybody in Development whom the application lets in, nobody elsewhere.</param>
/// <param name="policies">The application's; null: it has no authorization.</param>
/// <param name="isDevelopment">The environment.</param>
internal sealed class LivePageDoor(AuthorizationPolicy? policy, IAuthorizationPolicyProvider? policies, bool isDevelopment)
{
    /// <param name="context">The request.</param>
    /// <param name="methods">What it may come with; who is let in and comes with another gets 405.</param>
    /// <param name="inside">What answers it.</param>
    public Task OpenAsync(HttpContext context, string[] methods, RequestDelegate inside)
    {
        if (policy is null && !isDevelopment)
            return Refuse(context);
        return policies is null ? Enter(context, methods, inside) : CheckAsync(context, policies, methods, inside);
    }

    async Task CheckAsync(HttpContext context, IAuthorizationPolicyProvider policies, string[] methods, RequestDelegate inside)
    {
        if (await RequiredAsync(context, policies) is { } required)
        {
            var evaluator = context.RequestServices.GetRequiredService<IPolicyEvaluator>();
            var who = await evaluator.AuthenticateAsync(required, context);
            if (!(await evaluator.AuthorizeAsync(required, who, context, resource: context)).Succeeded)
            {
                await Refuse(context);
                return;
            }
        }

        await Enter(context, methods, inside);
    }

    // As the framework's middleware puts it together: the fallback policy counts where nothing else is asked.
    Task<AuthorizationPolicy?> RequiredAsync(HttpContext context, IAuthorizationPolicyProvider policies)
    {
        var metadata = context.GetEndpoint()!.Metadata;
        List<AuthorizationPolicy> asked = [.. metadata.GetOrderedMetadata<AuthorizationPolicy>()];
        if (policy is not null)
            asked.Add(policy);
        if (metadata.GetOrderedMetadata<IAuthorizationRequirementData>().SelectMany(static data => data.GetRequirements()).ToArray() is { Length: > 0 } requirements)
            asked.Add(new AuthorizationPolicy(requirements, []));
        return AuthorizationPolicy.CombineAsync(policies, metadata.GetOrderedMetadata<IAuthorizeData>(), asked);
    }

    static Task Enter(HttpContext context, string[] methods, RequestDelegate inside)
    {
        if (methods.Contains(context.Request.Method, StringComparer.OrdinalIgnoreCase))
            return inside(context);
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        context.Response.Headers.Allow = string.Join(", ", methods);
        return Task.CompletedTask;
    }

    static Task Refuse(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
