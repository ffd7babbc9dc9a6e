namespace CapacityServer.Models;

/// <summary>A request waits for its token, then is served in exponential time, any number at once.</summary>
public sealed class TokenBucketServer(double perSecond, double burst, double meanServiceSeconds, int seed) : ServerModel
{
    private readonly Random _random = new(seed);

    /// <summary>When the next request's token is there; at most a full bucket in the past.</summary>
    private double _nextToken = double.NegativeInfinity;

    public override double LimitPerSecond => perSecond;

    public override void Arrive(double now, Action<int> answer)
    {
        _nextToken = Math.Max(_nextToken, now - (burst / perSecond)) + (1 / perSecond);
        AnswerAt(Math.Max(now, _nextToken) - (meanServiceSeconds * Math.Log(1 - _random.NextDouble())), answer);
    }
}
