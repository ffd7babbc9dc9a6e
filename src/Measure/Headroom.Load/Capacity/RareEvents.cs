using Headroom.Measurements;

namespace Headroom.Load.Capacity;

/// <summary>
/// Whether a missed objective rests on so few requests that chance alone may have brought it: 1 error in 400 requests is more than 0.1 %, and says nothing of it. Of objectives
/// that allow a share of all requests to be bad (errors, percentiles of latency) the number of bad ones is compared with the binomial distribution.
/// </summary>
internal static class RareEvents
{
    /// <summary>Fewer than this would chance bring in one of ten steps at the most at exactly the allowed share.</summary>
    private const double Significance = 0.1;

    /// <summary>With so many bad requests allowed, the figure itself is good enough.</summary>
    private const double AllowedMax = 5;

    public static bool AreTooFew(ThresholdExpression expression, RunFile run)
    {
        if (!expression.IsOfAllRequests || !expression.IsUpperBound || run.Summary.Requests == 0)
            return false;
        if (expression.Metric is "errors" or "http_req_failed")
            return IsByChance(run.Summary.Errors, run.Summary.Requests, expression.Limit);
        if (expression.LatencyPercentile is not { } percentile || run.Summary.LatencyHistogram is not { } encoded)
            return false;
        var latency = LatencyHistogram.Decode(encoded);
        var above = latency.RecordedBuckets().Where(bucket => bucket.LowestNs > expression.Limit * 1e6).Sum(bucket => bucket.Count);
        return IsByChance(above, latency.Count, 1 - (percentile / 100));
    }

    /// <summary>Whether so many bad ones, or more, come often enough when each is bad with the probability that is allowed.</summary>
    internal static bool IsByChance(long bad, long all, double allowed)
    {
        if (allowed <= 0 || all * allowed >= AllowedMax)
            return false;

        // P(fewer than `bad`), term by term; there are few terms, because few are allowed.
        var term = Math.Exp(all * Math.Log(1 - Math.Min(allowed, 0.999999)));
        var fewer = 0.0;
        for (long k = 0; k < bad && fewer <= 1 - Significance; k++)
        {
            fewer += term;
            term *= (all - k) / (k + 1.0) * allowed / (1 - allowed);
        }

        return 1 - fewer > Significance;
    }
}
