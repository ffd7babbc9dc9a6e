using System.Net;
using Headroom.Gateway.InterimAnswers;
using Headroom.Gateway.Routing;
using Headroom.Gateway.Upstreams;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Gateway.Forwarding;

/// <summary>
/// Sends a request to an upstream and its answer back, both ways as streams:
/// 1. Take the route's settings: largest body, time until an answer.
/// 2. Pick an upstream that is well and not full; none: 503.
/// 3. Write the head of the request (<see cref="RequestHead"/>); the body follows when the connection takes it (<see cref="RequestContent"/>).
/// 4. Send it, and wait for the head of the answer; interim answers before it go to the client (<see cref="InterimPass"/>).
/// 5. No answer: again elsewhere, if nothing was sent yet or the method is safe, and nothing was taken of the body; else a problem that names the stage.
/// 6. 101 Switching Protocols: the two connections become one (<see cref="Tunnel"/>).
/// 7. Write the head of the answer (<see cref="ResponseHead"/>).
/// 8. Copy its body (<see cref="ResponseBody"/>), then its trailers.
/// 9. A body that breaks off ends in an aborted connection, never in an orderly end: nobody may take a part for the whole.
/// </summary>
internal sealed partial class Forwarder(GatewayRoutes routes, TimeProvider time, ILogger<Forwarder> logger)
{
    public async Task ForwardAsync(HttpContext context)
    {
        // 1. The route.
        if ((context.Features.Get<GatewayRoute>() ?? routes.Current.Find(context.Request.Host, context.Request.Path)) is not { } route)
        {
            // Only for a request that nobody sent, by which the cache makes a stale answer anew: what was selected for the one before may be gone.
            await ProblemResponse.WriteAsync(context, ForwardError.DestinationNotFound);
            return;
        }

        var options = route.Options;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = options.MaxBodyBytes;
        if (options.MaxBodyBytes is { } max && context.Request.ContentLength > max)
        {
            await FailAsync(context, route, ForwardError.HttpRequestError, StatusCodes.Status413PayloadTooLarge);
            return;
        }

        var deadline = ForwardDeadline.Begin(options.ResponseTimeout, time, context.RequestAborted);
        var content = HasBody(context) ? new RequestContent(context.Request.BodyReader, context.Request.ContentLength, deadline, options.IdleTimeout) : null;
        try
        {
            await AttemptAsync(context, route, content, deadline);
        }
        finally
        {
            if (content is { IsStarted: true })
            {
                // The upstream may have answered before it had the whole body. The server reads the rest; two at once may not.
                await deadline.CancelAsync();
                await content.FinishAsync();
            }

            deadline.End(time);
        }
    }

    private async ValueTask AttemptAsync(HttpContext context, GatewayRoute route, RequestContent? content, ForwardDeadline deadline)
    {
        var upgrade = content is null ? UpgradeOf(context) : null;
        Upstream? failed = null;
        for (var attempt = 0; ; attempt++)
        {
            // 2. An upstream.
            var upstream = route.Upstreams.Pick(failed);
            var admission = upstream?.TryBegin() ?? Admission.Full;
            if (upstream is null || admission == Admission.Full)
            {
                await FailAsync(context, route, upstream is null ? ForwardError.DestinationUnavailable : ForwardError.ConnectionLimitReached);
                return;
            }

            if (admission == Admission.Retired)
            {
                // Reloaded since the route was found.
                if (routes.Current.Find(context.Request.Host, context.Request.Path) is not { } current)
                {
                    await FailAsync(context, route, ForwardError.DestinationNotFound);
                    return;
                }

                route = current;
                continue;
            }

            try
            {
                var error = await SendAsync(context, route, upstream, content, deadline, upgrade);
                if (error == ForwardError.None)
                    return;

                // 5. No answer.
                if (ForwardFailure.IsOfUpstream(error) && upstream.Health.RecordFailure())
                    LogResting(logger, upstream.Prefix, upstream.Settings.Health.FailuresMax, upstream.Settings.Health.Rest);
                if (attempt >= route.Options.Retries || deadline.IsCancellationRequested || !MayRetry(error, context, content))
                {
                    await FailAsync(context, route, error, StatusOf(error, content));
                    return;
                }

                LogRetry(logger, error, upstream.Prefix);
                failed = upstream;
            }
            finally
            {
                upstream.End();
            }
        }
    }

    /// <returns>None when the client has an answer, or at least its beginning.</returns>
    private async ValueTask<ForwardError> SendAsync(
        HttpContext context, GatewayRoute route, Upstream upstream, RequestContent? content, ForwardDeadline deadline, string? upgrade)
    {
        // 3. The head of the request.
        if (RequestTarget.Behind(upstream.Prefix, context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget) is not { } target)
        {
            await FailAsync(context, route, ForwardError.HttpRequestError);
            return ForwardError.None;
        }

        using var request = RequestHead.Create(context, target, upstream, route.Options, content, upgrade);

        // 4. Send it.
        InterimPass.Begin(context);
        HttpResponseMessage response;
        try
        {
            response = await upstream.Invoker.SendAsync(request, deadline.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or BadHttpRequestException or InvalidOperationException)
        {
            return ForwardFailure.BeforeResponse(e, deadline, content);
        }

        using (response)
        {
            // 6. Another protocol.
            if (response.StatusCode == HttpStatusCode.SwitchingProtocols)
                return await SwitchAsync(context, response, deadline, upgrade, route.Options);

            // 7. The head of the answer.
            if (!TryWriteHead(response, context, route.Options))
                return ForwardError.HttpProtocolError;
            upstream.Health.RecordSuccess();

            // 8. Its body.
            await AnswerAsync(context, route, response, deadline);
            return ForwardError.None;
        }
    }

    private async ValueTask AnswerAsync(HttpContext context, GatewayRoute route, HttpResponseMessage response, ForwardDeadline deadline)
    {
        try
        {
            if (ResponseHead.HasBody(response, context.Request))
            {
                deadline.Extend(route.Options.IdleTimeout);
                var body = await response.Content.ReadAsStreamAsync(deadline.Token);
                if (!await ResponseBody.CopyAsync(body, context.Response.BodyWriter, deadline, route.Options.IdleTimeout))
                    return;
            }

            if (context.Response.SupportsTrailers())
            {
                foreach (var (name, values) in response.TrailingHeaders.NonValidated)
                    context.Response.AppendTrailer(name, values.ToString());
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException or InvalidOperationException)
        {
            // 9. It broke off.
            var error = ForwardFailure.InResponse(deadline);
            if (error != ForwardError.ClientAborted)
                LogFailed(logger, error, route.Name);
            context.Abort();
        }
    }

    private async ValueTask<ForwardError> SwitchAsync(HttpContext context, HttpResponseMessage response, ForwardDeadline deadline, string? upgrade, ForwardOptions options)
    {
        if (upgrade is null || context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } feature || !TryWriteHead(response, context, options))
            return ForwardError.HttpUpgradeFailed;
        if (response.Headers.NonValidated.TryGetValues("Upgrade", out var switched))
            context.Response.Headers.Upgrade = switched.ToString();
        await using var client = await feature.UpgradeAsync();
        await using var upstream = await response.Content.ReadAsStreamAsync(deadline.Token);
        deadline.Extend(options.IdleTimeout);
        await Tunnel.RunAsync(client, upstream, deadline, options.IdleTimeout);
        return ForwardError.None;
    }

    private static bool TryWriteHead(HttpResponseMessage response, HttpContext context, ForwardOptions options)
    {
        try
        {
            return ResponseHead.TryWrite(response, context, options);
        }
        catch (InvalidOperationException)
        {
            // The server refuses control characters that the client's side lets through. What was written before goes too.
            context.Response.Clear();
            return false;
        }
    }

    private async ValueTask FailAsync(HttpContext context, GatewayRoute route, ForwardError error, int status = 0)
    {
        if (error != ForwardError.ClientAborted)
            LogFailed(logger, error, route.Name);
        if (error == ForwardError.ClientAborted || context.Response.HasStarted)
            context.Abort();
        else
            await ProblemResponse.WriteAsync(context, error, status);
    }

    private static bool HasBody(HttpContext context) =>
        context.Request.ContentLength is > 0 || (context.Request.ContentLength is null && context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true);

    /// <summary>The protocol that the client wants to go on in; HTTP/2 over an HTTP/1.1 connection is not offered (RFC 9113 §3.1 has taken it away).</summary>
    private static string? UpgradeOf(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } && context.Request.Headers.Upgrade.ToString() is { Length: > 0 } protocol
            && !HopByHop.HasToken(protocol, "h2c")
            ? protocol
            : null;

    private static bool MayRetry(ForwardError error, HttpContext context, RequestContent? content) =>
        content is not { IsStarted: true }
        && (ForwardFailure.IsBeforeSending(error) || (error == ForwardError.ConnectionTerminated && RequestHead.IsSafe(HttpMethod.Parse(context.Request.Method))));

    /// <summary>What the server found wrong with the client's body has a status of its own: 408, 413.</summary>
    private static int StatusOf(ForwardError error, RequestContent? content) =>
        error == ForwardError.HttpRequestError && content?.ClientFailure is BadHttpRequestException bad ? bad.StatusCode : 0;

    [LoggerMessage(1, LogLevel.Warning, "{Error} (route {Route})")]
    private static partial void LogFailed(ILogger logger, ForwardError error, string route);

    [LoggerMessage(2, LogLevel.Information, "{Error} at {Upstream}: sending it again")]
    private static partial void LogRetry(ILogger logger, ForwardError error, string upstream);

    [LoggerMessage(3, LogLevel.Warning, "{Upstream} failed {Failures} times in a row and gets no requests for {Rest}")]
    private static partial void LogResting(ILogger logger, string upstream, int failures, TimeSpan rest);
}
