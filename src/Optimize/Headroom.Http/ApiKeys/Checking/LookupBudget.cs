namespace Headroom.Http.ApiKeys.Checking;

/// <summary>A token bucket of which a token is taken before a look-up and given back after one that found a key: so many vain look-ups a second, exactly, however many run at a time.</summary>
internal sealed class LookupBudget(int perSecond, TimeProvider time)
{
    readonly Lock gate = new();
    double tokens = perSecond;
    long filledAt = time.GetTimestamp();

    public bool HasAny()
    {
        lock (gate)
            return Fill() >= 1;
    }

    public bool TryTake()
    {
        lock (gate)
        {
            if (Fill() < 1)
                return false;
            tokens--;
            return true;
        }
    }

    public void GiveBack()
    {
        lock (gate)
            tokens = Math.Min(perSecond, tokens + 1);
    }

    double Fill()
    {
        var now = time.GetTimestamp();
        tokens = Math.Min(perSecond, tokens + (time.GetElapsedTime(filledAt, now).TotalSeconds * perSecond));
        filledAt = now;
        return tokens;
    }
}
