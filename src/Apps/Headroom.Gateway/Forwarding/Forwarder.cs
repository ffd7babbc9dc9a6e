using System.Net;
using System.Net.Sockets;
using Headroom.Gateway.InterimAnswers;
using Headroom.Gateway.Routing;
using Headroom.Gateway.Upstreams;
using Headroom.Gateway.Wire;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Headroom.Gateway.Forwarding;

/// <summary>
/// Sends a request to an upstream and its answer back, both ways as streams:
/// 1. Take the route's settings: largest body, time until an answer. A body in a coding that is not ours to undo: 501.
/// 2. Pick an upstream that is well and not full; none: 503.
/// 3. Write the head of the request (<see cref="RequestHead"/>); the body follows when the connection takes it (<see cref="RequestBody"/>).
/// 4. Send it, and wait for the head of the answer; interim answers before it go to the client (<see cref="InterimPass"/>).
/// 5. No answer: again elsewhere, if nothing was sent yet or the method is safe, and nothing was taken of the body; else a problem that names the stage.
/// 6. 101 Switching Protocols: the two connections become one (<see cref="Tunnel"/>).
/// 7. Write the head of the answer (<see cref="ResponseHead"/>).
/// 8. Copy its body (<see cref="ResponseBody"/>), then its trailers.
/// 9. A body that breaks off ends in an aborted connection, never in an orderly end: nobody may take a part for the whole.
/// </summary>
internal sealed partial class Forwarder(GatewayRoutes routes, TimeProvider time, ILogger<Forwarder> logger)
{
    private const int LoggedPathLettersMax = 256;

    public async Task ForwardAsync(HttpContext context)
    {
        // 1. The route.
        // From the endpoint: the cache's own requests, which renew what it has, come with that and without our features.
        var route = context.GetEndpoint()!.Metadata.GetRequiredMetadata<GatewayRoute>();
        var options = route.Options;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = options.MaxBodyBytes;
        if (options.MaxBodyBytes is { } max && context.Request.ContentLength > max)
        {
            await FailAsync(context, route, upstream: null, ForwardError.HttpRequestError, StatusCodes.Status413PayloadTooLarge);
            return;
        }

        if (HasOtherCoding(context.Request.Headers.TransferEncoding))
        {
            await FailAsync(context, route, upstream: null, ForwardError.HttpRequestError, StatusCodes.Status501NotImplemented);
            return;
        }

        var upgrade = ProtocolUpgrade.Of(context);
        var deadline = ForwardDeadline.Begin(options.ResponseTimeout, time, context.RequestAborted);
        var body = upgrade is null && HasBody(context) ? new RequestBody(context.Request.BodyReader, context.Request.ContentLength, deadline, options) : null;
        try
        {
            await AttemptAsync(context, route, body, deadline, upgrade);
        }
        finally
        {
            if (body is not null && !body.TryClose())
            {
                // The upstream may have answered before it had the whole body. The server reads the rest; two at once may not.
                await deadline.CancelAsync();
                await body.FinishAsync();
            }

            deadline.End(time);
        }
    }

    private async ValueTask AttemptAsync(HttpContext context, GatewayRoute route, RequestBody? body, ForwardDeadline deadline, ProtocolUpgrade? upgrade)
    {
        Upstream? failed = null;
        for (var attempt = 0; ; attempt++)
        {
            // 2. An upstream.
            var upstream = route.Upstreams.Pick(failed);
            var admission = upstream?.TryBegin() ?? Admission.Full;
            if (upstream is null || admission == Admission.Full)
            {
                await FailAsync(context, route, upstream, upstream is null ? ForwardError.DestinationUnavailable : ForwardError.ConnectionLimitReached);
                return;
            }

            if (admission == Admission.Retired)
            {
                // Reloaded since the route was found.
                if (routes.Current.Find(context.Request.Host, context.Request.Path) is not { } current)
                {
                    await FailAsync(context, route, upstream: null, ForwardError.DestinationNotFound);
                    return;
                }

                route = current;
                continue;
            }

            try
            {
                var error = await SendAsync(context, route, upstream, body, deadline, upgrade);
                if (error == ForwardError.None)
                    return;

                // 5. No answer.
                body?.EndTurn();
                if (ForwardFailure.IsOfUpstream(error) && upstream.Health.RecordFailure())
                    LogResting(logger, upstream.Prefix, upstream.Settings.Health.FailuresMax, upstream.Settings.Health.Rest);
                if (attempt >= route.Options.Retries || deadline.IsCancellationRequested || !MayRetry(error, context, body))
                {
                    await FailAsync(context, route, upstream, error, StatusOf(error, body));
                    return;
                }

                LogRetry(logger, ForwardErrorText.Of(error).Type, upstream.Prefix);
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
        HttpContext context, GatewayRoute route, Upstream upstream, RequestBody? body, ForwardDeadline deadline, ProtocolUpgrade? upgrade)
    {
        if (upstream.Wire is not null && upgrade is null)
            return await ExchangeAsync(context, route, upstream, body, deadline);

        // 3. The head of the request.
        if (RequestTarget.Behind(upstream.Prefix, context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget) is not { } target)
        {
            await FailAsync(context, route, upstream, ForwardError.HttpRequestError);
            return ForwardError.None;
        }

        var request = RequestHead.Create(context, target, upstream, route.Options, body, upgrade);

        // 4. Send it. What the message would dispose of is the body, which another attempt may need.
        InterimPass.Begin(context, deadline.Token);
        HttpResponseMessage response;
        try
        {
            response = await upstream.Invoker.SendAsync(request, deadline.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or BadHttpRequestException or InvalidOperationException or UnansweredException)
        {
            return ForwardFailure.BeforeResponse(e, deadline, body);
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
            body?.AnswerBegins();

            // 8. Its body.
            await AnswerAsync(context, route, upstream, response, deadline);
            return ForwardError.None;
        }
    }

    /// <summary>3. to 9. over our own connections.</summary>
    private async ValueTask<ForwardError> ExchangeAsync(HttpContext context, GatewayRoute route, Upstream upstream, RequestBody? body, ForwardDeadline deadline)
    {
        if (RequestTarget.OriginForm(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget) is not { } target)
        {
            await FailAsync(context, route, upstream, ForwardError.HttpRequestError);
            return ForwardError.None;
        }

        var exchange = new WireExchange(context, upstream, route.Options, body, deadline, time);
        if (await exchange.BeginAsync(target) is not ForwardError.None and var error)
            return error;
        upstream.Health.RecordSuccess();
        body?.AnswerBegins();
        var end = BodyEnd.Broken;
        try
        {
            end = exchange.HasBody ? await exchange.CopyBodyAsync() : BodyEnd.Complete;
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or InvalidOperationException)
        {
            // Broken.
        }
        finally
        {
            exchange.End(end == BodyEnd.Complete);
        }

        if (end == BodyEnd.Broken)
            Break(context, route, upstream, deadline);
        return ForwardError.None;
    }

    private void Break(HttpContext context, GatewayRoute route, Upstream upstream, ForwardDeadline deadline)
    {
        var error = ForwardFailure.InResponse(deadline);
        if (error != ForwardError.ClientAborted)
            Log(context, route, upstream, error);
        context.Abort();
    }

    private async ValueTask AnswerAsync(HttpContext context, GatewayRoute route, Upstream upstream, HttpResponseMessage response, ForwardDeadline deadline)
    {
        try
        {
            if (ResponseHead.HasBody(context.Request, context.Response.StatusCode, response.Content.Headers.ContentLength))
            {
                deadline.Extend(route.Options.IdleTimeout);
                // Of unknown length: whatever stands between passes on what comes.
                if (response.Content.Headers.ContentLength is null)
                    context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
                var content = await response.Content.ReadAsStreamAsync(deadline.Token);
                if (!await ResponseBody.CopyAsync(content, context.Response.BodyWriter, deadline, route.Options.IdleTimeout))
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
            Break(context, route, upstream, deadline);
        }
    }

    private async ValueTask<ForwardError> SwitchAsync(HttpContext context, HttpResponseMessage response, ForwardDeadline deadline, ProtocolUpgrade? upgrade, ForwardOptions options)
    {
        if (upgrade is null || !upgrade.IsAcceptedBy(response) || !TryWriteHead(response, context, options))
            return ForwardError.HttpUpgradeFailed;
        await using var client = await upgrade.AcceptAsync(context, response);
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

    private async ValueTask FailAsync(HttpContext context, GatewayRoute route, Upstream? upstream, ForwardError error, int status = 0)
    {
        if (error != ForwardError.ClientAborted)
            Log(context, route, upstream, error);
        if (error == ForwardError.ClientAborted || context.Response.HasStarted)
            context.Abort();
        else
            await ProblemResponse.WriteAsync(context, error, status);
    }

    /// <summary>The error by the name that the client gets, too. The path as it was sent, so that nothing decoded can break the line, and without its query, which may hold a secret.</summary>
    private void Log(HttpContext context, GatewayRoute route, Upstream? upstream, ForwardError error)
    {
        if (!logger.IsEnabled(LogLevel.Warning))
            return;
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var path = target.AsSpan(0, target.IndexOf('?') is >= 0 and var query ? query : target.Length);
        LogFailed(
            logger, ForwardErrorText.Of(error).Type, context.Request.Method, path.Length > LoggedPathLettersMax ? $"{path[..LoggedPathLettersMax]}…" : path.ToString(), route.Name, upstream is null ? "" : $" at {upstream.Prefix}");
    }

    /// <summary>RFC 9112 §6.1: a coding other than chunked alone, of which the server would have undone the last one only, and the field that names the others is for this hop.</summary>
    private static bool HasOtherCoding(StringValues coding) =>
        coding.Count > 0 && (coding.Count > 1 || !coding[0].AsSpan().Trim(" \t").Equals("chunked", StringComparison.OrdinalIgnoreCase));

    private static bool HasBody(HttpContext context) =>
        context.Request.ContentLength is > 0 || (context.Request.ContentLength is null && context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true);

    private static bool MayRetry(ForwardError error, HttpContext context, RequestBody? body) =>
        body is not { IsStarted: true }
        && (ForwardFailure.IsBeforeSending(error) || (error == ForwardError.ConnectionTerminated && RequestHead.IsSafe(context.Request.Method)));

    /// <summary>What the server found wrong with the client's body has a status of its own: 408, 413.</summary>
    private static int StatusOf(ForwardError error, RequestBody? body) =>
        error == ForwardError.HttpRequestError && body?.ClientFailure is BadHttpRequestException bad ? bad.StatusCode : 0;

    [LoggerMessage(1, LogLevel.Warning, "{Error}{Upstream}: {Method} {Path} (route {Route})")]
    private static partial void LogFailed(ILogger logger, string error, string method, string path, string route, string upstream);

    [LoggerMessage(2, LogLevel.Information, "{Error} at {Upstream}: sending it again")]
    private static partial void LogRetry(ILogger logger, string error, string upstream);

    [LoggerMessage(3, LogLevel.Warning, "{Upstream} failed {Failures} times in a row and gets no requests for {Rest}")]
    private static partial void LogResting(ILogger logger, string upstream, int failures, TimeSpan rest);
}
