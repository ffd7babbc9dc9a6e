namespace CapacityServer.Models;

/// <summary>Work that all do at once, and a part of it that only one can do at a time.</summary>
public sealed class LockServer(double lockedSeconds, double besideSeconds) : ServerModel
{
    private double _freeAt = double.NegativeInfinity;

    public override double LimitPerSecond => 1 / lockedSeconds;

    public override void Arrive(double now, Action<int> answer)
    {
        _freeAt = Math.Max(_freeAt, now) + lockedSeconds;
        AnswerAt(_freeAt + besideSeconds, answer);
    }
}
