using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Telemetry.LivePage;

/// <summary>Lets in whom the policy allows; to all others the page does not exist.</summary>
/// <param name="policy">Null: everybody in Development, nobody elsewhere.</param>
/// <param name="isDevelopment">The environment.</param>
internal sealed class LivePageDoor(AuthorizationPolicy? policy, bool isDevelopment)
{
    public Task OpenAsync(HttpContext context, RequestDelegate inside)
    {
        if (policy is not null)
            return CheckAsync(context, policy, inside);
        return isDevelopment ? inside(context) : Refuse(context);
    }

    static async Task CheckAsync(HttpContext context, AuthorizationPolicy policy, RequestDelegate inside)
    {
        var evaluator = context.RequestServices.GetRequiredService<IPolicyEvaluator>();
        var who = await evaluator.AuthenticateAsync(policy, context);
        var allowed = await evaluator.AuthorizeAsync(policy, who, context, resource: context);
        await (allowed.Succeeded ? inside(context) : Refuse(context));
    }

    static Task Refuse(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
