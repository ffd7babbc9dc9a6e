using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Headroom.Telemetry.Timings;

/// <summary>
/// Tells of slow requests: counted by route and part, and written to the log, ten a second at most, because an overloaded application has thousands and writing them makes it slower.
/// The route's template stands for the path; paths and queries hold what clients sent.
/// </summary>
internal sealed partial class SlowRequestLog(IMeterFactory meters, ILogger<SlowRequestLog> logger, TimeProvider? time = null)
{
    const int LinesPerSecond = 10;

    readonly Counter<long> slow = meters.Create(HeadroomMeters.Telemetry)
        .CreateCounter<long>("headroom.http.slow.requests", "{request}", "Requests that took longer than the threshold, by route and the part that took most of it.");

    readonly TimeProvider time = time ?? TimeProvider.System;
    readonly Lock gate = new();
    long second = -1;
    int lines;
    int leftOut;

    public void Report(HttpContext context, int status, TimeSpan threshold, TimeSpent spent)
    {
        var route = RequestOutcome.RouteOf(context);
        var longest = spent.Longest;
        slow.Add(1, new KeyValuePair<string, object?>("http.route", route), new KeyValuePair<string, object?>("headroom.part", longest.Part));
        if (!logger.IsEnabled(LogLevel.Warning))
            return;

        var mayWrite = MayWrite(out var unwritten);
        if (unwritten > 0)
            LogLeftOut(unwritten);
        if (mayWrite)
        {
            LogSlow(
                KnownMethod(context.Request.Method),
                route ?? "(no route)",
                Math.Round(spent.Total.TotalMilliseconds, 1),
                threshold.TotalMilliseconds,
                status,
                longest.Part,
                Math.Round(longest.Elapsed.TotalMilliseconds, 1),
                spent.ToString());
        }
    }

    bool MayWrite(out int unwritten)
    {
        var now = time.GetTimestamp() / time.TimestampFrequency;
        lock (gate)
        {
            unwritten = 0;
            if (now != second)
            {
                (unwritten, leftOut) = (leftOut, 0);
                (second, lines) = (now, 0);
            }

            if (++lines <= LinesPerSecond)
                return true;
            leftOut++;
            return false;
        }
    }

    // A client may send any word as method.
    static string KnownMethod(string method) => method switch
    {
        "GET" or "POST" or "PUT" or "PATCH" or "DELETE" or "HEAD" or "OPTIONS" or "CONNECT" or "TRACE" or "QUERY" => method,
        _ => "_OTHER",
    };

    [LoggerMessage(11, LogLevel.Warning, "Slow request: {Method} {Route} took {TotalMs} ms (threshold {ThresholdMs} ms), status {Status}. Most of it was {Part}, {PartMs} ms. All: {Parts}.")]
    partial void LogSlow(string method, string route, double totalMs, double thresholdMs, int status, string part, double partMs, string parts);

    [LoggerMessage(12, LogLevel.Warning, "{Count} more slow requests were not written; headroom.http.slow.requests counts all of them.")]
    partial void LogLeftOut(int count);
}
