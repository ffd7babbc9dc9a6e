using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;

namespace ReferenceApi.ApiKeys;

/// <summary>Requests with the header <c>x-api-key</c> are let through with a key that is good, and answered by 401 with any other. Those without stay anonymous.</summary>
internal static class ApiKeyMiddleware
{
    private const string Header = "x-api-key";
    private const string Scheme = "ApiKey";

    public static void UseApiKeys(this IApplicationBuilder app) => app.Use(static next => context =>
        context.Request.Headers.TryGetValue(Header, out var values) ? CheckAsync(context, values.ToString(), next) : next(context));

    private static async Task CheckAsync(HttpContext context, string key, RequestDelegate next)
    {
        var (known, refusal) = await context.RequestServices.GetRequiredService<ApiKeyCheck>().CheckAsync(key, context.RequestAborted);
        if (known is not null)
        {
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, known.Client)], Scheme));
            await next(context);
            return;
        }

        // RFC 9110, section 15.5.2: a 401 says which scheme would do.
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = Scheme;
        await context.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails = new ProblemDetails { Status = StatusCodes.Status401Unauthorized, Detail = refusal },
        });
    }
}
