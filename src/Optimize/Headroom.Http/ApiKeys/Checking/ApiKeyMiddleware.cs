using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.ApiKeys.Checking;

/// <summary>What the framework's authentication middleware does where API keys are the only scheme. A request without a key is looked at and passed on; the framework's takes a scope of services for each.</summary>
internal sealed class ApiKeyMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        return headers.Authorization.Count > 0 || headers.ContainsKey(ApiKeyDefaults.HeaderName) ? AuthenticateAsync(context) : next(context);
    }

    async Task AuthenticateAsync(HttpContext context)
    {
        var handler = await context.RequestServices.GetRequiredService<IAuthenticationHandlerProvider>().GetHandlerAsync(context, ApiKeyDefaults.AuthenticationScheme);
        if (await ((ApiKeyHandler)handler!).HandleRequestAsync())
            return;
        var result = await context.AuthenticateAsync(ApiKeyDefaults.AuthenticationScheme);
        if (result.Principal is { } user)
        {
            context.User = user;
            context.Features.Set<IAuthenticateResultFeature>(new Result(result));
        }

        await next(context);
    }

    sealed class Result(AuthenticateResult result) : IAuthenticateResultFeature
    {
        public AuthenticateResult? AuthenticateResult { get; set; } = result;
    }
}
