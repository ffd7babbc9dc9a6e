using System.Net;
using Headroom.Gateway.InterimAnswers;

namespace Headroom.Gateway.Upstreams;

/// <summary>
/// Asks each upstream that has a health path regularly, from the moment a route leads to it until none does any more. Any answer of 200 to 299 within the timeout is good.
/// </summary>
internal sealed partial class HealthChecker(TimeProvider time, ILogger<HealthChecker> logger)
{
    public void Watch(Upstream upstream)
    {
        if (upstream.Settings.Health.Path is not null)
            _ = WatchAsync(upstream, upstream.Health.Stopping);
    }

    private async Task WatchAsync(Upstream upstream, CancellationToken stopping)
    {
        var settings = upstream.Settings.Health;
        var target = new Uri(upstream.Prefix + settings.Path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        try
        {
            while (true)
            {
                var problem = await CheckAsync(upstream, target, settings.Timeout, stopping);
                if (upstream.Health.RecordCheck(problem is null))
                {
                    if (problem is null)
                        LogHealthy(logger, upstream.Prefix);
                    else
                        LogUnhealthy(logger, upstream.Prefix, problem);
                }

                await Task.Delay(settings.Interval, time, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // No route leads here any more.
        }
    }

    /// <returns>Null when the upstream is well, else what was wrong.</returns>
    private async Task<string?> CheckAsync(Upstream upstream, Uri target, TimeSpan timeout, CancellationToken stopping)
    {
        using var patience = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stopping);
        using var request = new HttpRequestMessage(HttpMethod.Get, target) { Version = upstream.Version, VersionPolicy = upstream.VersionPolicy };
        request.Headers.TryAddWithoutValidation("User-Agent", "headroom-gateway health check");
        try
        {
            using var response = await upstream.Invoker.SendAsync(request, either.Token);
            return response.StatusCode is >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices ? null : $"status {(int)response.StatusCode}";
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UnansweredException || (e is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            return patience.IsCancellationRequested ? $"no answer within {timeout.TotalSeconds:0.###} s" : e.Message;
        }
    }

    [LoggerMessage(10, LogLevel.Warning, "{Upstream} is unhealthy and gets no requests: {Problem}")]
    private static partial void LogUnhealthy(ILogger logger, string upstream, string problem);

    [LoggerMessage(11, LogLevel.Information, "{Upstream} is healthy again")]
    private static partial void LogHealthy(ILogger logger, string upstream);
}
