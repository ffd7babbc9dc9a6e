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
    /// <param name="context">The request.</param>
    /// <param name="methods">What it may come with; who is let in and comes with another gets 405.</param>
    /// <param name="inside">What answers it.</param>
    public Task OpenAsync(HttpContext context, string[] methods, RequestDelegate inside)
    {
        if (policy is not null)
            return CheckAsync(context, policy, methods, inside);
        return isDevelopment ? Enter(context, methods, inside) : Refuse(context);
    }

    static async Task CheckAsync(HttpContext context, AuthorizationPolicy policy, string[] methods, RequestDelegate inside)
    {
        var evaluator = context.RequestServices.GetRequiredService<IPolicyEvaluator>();
        var who = await evaluator.AuthenticateAsync(policy, context);
        var allowed = await evaluator.AuthorizeAsync(policy, who, context, resource: context);
        await (allowed.Succeeded ? Enter(context, methods, inside) : Refuse(context));
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
