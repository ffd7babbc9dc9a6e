using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Headroom.Http.ApiKeys.Checking;

/// <summary>
/// The authentication scheme. Of all that a request may carry it reads <c>x-api-key</c> and those <c>Authorization: Bearer</c> that begin as keys do, so other schemes keep theirs. A request is checked once, however often it is asked for.
/// </summary>
internal sealed class ApiKeyHandler(ApiKeyCheck check, ApiKeyMetrics metrics, IOptions<ApiKeyOptions> options, IAuthenticationSchemeProvider schemes) : IAuthenticationRequestHandler
{
    const string Bearer = "Bearer ";

    static readonly Task<AuthenticateResult> NoKey = Task.FromResult(AuthenticateResult.NoResult());

    HttpContext? context;
    ApiKeyResult result;
    Task<AuthenticateResult>? authenticated;
    bool isChecked;

    public Task InitializeAsync(AuthenticationScheme scheme, HttpContext context)
    {
        this.context = context;
        return Task.CompletedTask;
    }

    /// <summary>Called by <c>UseAuthentication</c> for every request, wherever it goes: what is refused here needs no endpoint.</summary>
    public Task<bool> HandleRequestAsync()
    {
        if (!options.Value.RefuseInvalidKeys)
            return Task.FromResult(false);
        var checking = CheckAsync();
        return checking.IsCompletedSuccessfully ? RefuseIfInvalidAsync(checking.Result.Verdict) : WaitAsync(checking);

        async Task<bool> WaitAsync(ValueTask<ApiKeyResult> slow) => await RefuseIfInvalidAsync((await slow).Verdict);
    }

    public Task<AuthenticateResult> AuthenticateAsync()
    {
        if (authenticated is not null)
            return authenticated;
        var checking = CheckAsync();
        return authenticated = checking.IsCompletedSuccessfully ? ToResult(checking.Result) : WaitAsync(checking);

        static async Task<AuthenticateResult> WaitAsync(ValueTask<ApiKeyResult> checking) => await ToResult(await checking);
    }

    public async Task ChallengeAsync(AuthenticationProperties? properties)
    {
        var found = await CheckAsync();
        await AnswerAsync(context => ApiKeyProblems.RefuseAsync(context, found.Verdict));
    }

    public Task ForbidAsync(AuthenticationProperties? properties) => AnswerAsync(ApiKeyProblems.ForbidAsync);

    // A policy's schemes are asked in its order, and each sets status and fields: where there are others, the answer does not begin yet.
    async Task AnswerAsync(Func<HttpContext, Task> write)
    {
        if ((await schemes.GetAllSchemesAsync()).Skip(1).Any())
            await HeldBack.WriteAsync(context!, write);
        else
            await write(context!);
    }

    Task<bool> RefuseIfInvalidAsync(ApiKeyVerdict verdict)
    {
        return verdict is ApiKeyVerdict.None or ApiKeyVerdict.Valid ? Task.FromResult(false) : RefuseAsync();

        async Task<bool> RefuseAsync()
        {
            await ApiKeyProblems.RefuseAsync(context!, verdict);
            return true;
        }
    }

    ValueTask<ApiKeyResult> CheckAsync()
    {
        if (isChecked)
            return new(result);
        var found = Read(out var key);
        if (key is null)
            return new(Counted(new ApiKeyResult(found)));
        var checking = check.CheckAsync(key, context!.Connection.RemoteIpAddress, context.RequestAborted);
        return checking.IsCompletedSuccessfully ? new(Counted(checking.Result)) : CountAsync(checking);
    }

    async ValueTask<ApiKeyResult> CountAsync(ValueTask<ApiKeyResult> checking) => Counted(await checking);

    ApiKeyResult Counted(ApiKeyResult found)
    {
        if (isChecked)
            return result;
        isChecked = true;
        result = found;
        if (found.Verdict != ApiKeyVerdict.None)
            metrics.Checked(found.Verdict);
        return found;
    }

    /// <summary>The one key of the request; else none or ambiguous.</summary>
    ApiKeyVerdict Read(out string? key)
    {
        key = null;
        var headers = context!.Request.Headers;
        var sent = 0;
        if (headers.TryGetValue(ApiKeyDefaults.HeaderName, out var own))
        {
            sent = own.Count;
            key = own.Count == 1 ? own[0] ?? "" : null;
        }

        var authorization = headers.Authorization;
        for (var i = 0; i < authorization.Count; i++)
        {
            if (authorization[i] is { } value && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && value.AsSpan(Bearer.Length).Trim() is var token && check.IsPrefixed(token))
            {
                // Beside another credential of the same header it is not clear which one counts.
                sent += authorization.Count;
                key = sent == 1 ? token.ToString() : null;
            }
        }

        if (sent > 1)
            key = null;
        return sent > 1 ? ApiKeyVerdict.Ambiguous : ApiKeyVerdict.None;
    }

    static Task<AuthenticateResult> ToResult(in ApiKeyResult found) => found switch
    {
        { Verdict: ApiKeyVerdict.None } => NoKey,
        { Key: { } key } => Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ApiKeyIdentity(key)), ApiKeyDefaults.AuthenticationScheme))),
        _ => ApiKeyProblems.FailureOf(found.Verdict),
    };
}
