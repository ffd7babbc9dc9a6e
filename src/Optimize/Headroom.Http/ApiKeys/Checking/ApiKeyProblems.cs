using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http.ApiKeys.Checking;

/// <summary>Refusals as problems (RFC 9457).</summary>
internal static class ApiKeyProblems
{
    static readonly Task<AuthenticateResult>[] Failures = [.. Enum.GetValues<ApiKeyVerdict>().Select(static verdict => Task.FromResult(AuthenticateResult.Fail(DetailOf(verdict))))];

    public static Task<AuthenticateResult> FailureOf(ApiKeyVerdict verdict) => Failures[(int)verdict];

    /// <summary>401 where the key is at fault or missing; where it could not be looked up the client keeps it and comes again.</summary>
    public static Task RefuseAsync(HttpContext context, ApiKeyVerdict verdict)
    {
        var status = verdict switch
        {
            ApiKeyVerdict.TooManyUnknown => StatusCodes.Status429TooManyRequests,
            ApiKeyVerdict.Busy or ApiKeyVerdict.StoreFailed => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status401Unauthorized,
        };
        if (status == StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = Challenged(context);
        else
            context.Response.Headers.RetryAfter = "1";
        return WriteAsync(context, status, DetailOf(verdict));
    }

    /// <summary>403 with what the authorization handler found, or 503 where it could not look.</summary>
    public static Task ForbidAsync(HttpContext context)
    {
        var refusal = context.Features.Get<ApiKeyRefusal>();
        if (refusal?.StoreFailed != true)
            return WriteAsync(context, StatusCodes.Status403Forbidden, refusal?.Detail ?? "The API key may not do this.");
        context.Response.Headers.RetryAfter = "1";
        return WriteAsync(context, StatusCodes.Status503ServiceUnavailable, DetailOf(ApiKeyVerdict.StoreFailed));
    }

    // RFC 9110, section 15.5.2: a 401 says which schemes would do. Another scheme of the same endpoint may have said its own already.
    static string Challenged(HttpContext context) =>
        context.Response.Headers.WWWAuthenticate is { Count: > 0 } others ? $"{others}, {ApiKeyDefaults.AuthenticationScheme}" : ApiKeyDefaults.AuthenticationScheme;

    static string DetailOf(ApiKeyVerdict verdict) => verdict switch
    {
        ApiKeyVerdict.None => "Send an API key in the header x-api-key, or as Authorization: Bearer.",
        ApiKeyVerdict.Ambiguous => "More than one API key or credential was sent; send one key, in the header x-api-key or as Authorization: Bearer.",
        ApiKeyVerdict.Malformed => "The API key is not one: it is mistyped, cut off or not of this API.",
        ApiKeyVerdict.Expired => "The API key has expired.",
        ApiKeyVerdict.Revoked => "The API key was revoked.",
        ApiKeyVerdict.TooManyUnknown => "Too many API keys that are not known came from this address; come again after 1 s.",
        ApiKeyVerdict.Busy or ApiKeyVerdict.StoreFailed => "The API key cannot be checked at present; come again after 1 s.",
        _ => "The API key is not known.",
    };

    static Task WriteAsync(HttpContext context, int status, string detail)
    {
        context.Response.Headers.CacheControl = "no-store";
        return Results.Problem(detail, statusCode: status).ExecuteAsync(context);
    }
}

/// <summary>Why a good key may not do what was asked for.</summary>
/// <param name="Detail">For the problem.</param>
/// <param name="StoreFailed">It could not be looked up afresh.</param>
internal sealed record ApiKeyRefusal(string Detail, bool StoreFailed = false);
