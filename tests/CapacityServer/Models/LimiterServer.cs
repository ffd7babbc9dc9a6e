namespace CapacityServer.Models;

/// <summary>Answers 429 at once when there is no token, and is quick otherwise.</summary>
public sealed class LimiterServer(double perSecond, double burst, double serviceSeconds) : ServerModel
{
    private double _tokens;
    private double _filledAt = double.NaN;

    public override double LimitPerSecond => perSecond;

    public override void Arrive(double now, Action<int> answer)
    {
        _tokens = double.IsNaN(_filledAt) ? burst : Math.Min(burst, _tokens + ((now - _filledAt) * perSecond));
        _filledAt = now;
        var allowed = _tokens >= 1;
        _tokens -= allowed ? 1 : 0;
        AnswerAt(now + (allowed ? serviceSeconds : 0), answer, allowed ? Ok : TooManyRequests);
    }
}
