using System.Globalization;

namespace Headroom.Load.Capacity;

/// <summary>
/// Looks while a step goes on whether it is lost already, so that an overloaded target is let go within a second or two instead of at the step's end. Told about the step five
/// times a second.
/// </summary>
/// <param name="latencyMax">What the objectives allow.</param>
/// <param name="end">Ends the step.</param>
internal sealed class CollapseWatch(TimeSpan latencyMax, Action end) : IProgress<LoadProgress>
{
    /// <summary>Of the requests of a second.</summary>
    private const double FailedShareMax = 0.5;

    private const long RequestsMin = 10;

    /// <summary>A median so many times what is allowed even in the tail.</summary>
    private const double RunawayFactor = 2;

    /// <summary>Looks in a row that find every connection busy: the arrivals that are due wait, more with each.</summary>
    private const int FullLooksMax = 5;

    private int _fullLooks;

    /// <summary>Why the step was ended; null while it was not.</summary>
    public string? Reason { get; private set; }

    public void Report(LoadProgress value)
    {
        if (Reason is not null)
            return;
        Reason = LookAt(value);
        if (Reason is not null)
            end();
    }

    private string? LookAt(LoadProgress progress)
    {
        var full = progress.Scenarios is [{ State: ScenarioState.Running or ScenarioState.WarmingUp } scenario] && scenario.Vus >= scenario.VusMax;
        _fullLooks = full ? _fullLooks + 1 : 0;
        if (_fullLooks >= FullLooksMax)
            return Text($"all {progress.Vus} requests that may be under way were, for a second, and arrivals that were due waited");
        if (progress.LatestSecond is not { } second || second.Requests < RequestsMin)
            return null;
        if (second.Errors >= FailedShareMax * second.Requests)
            return Text($"{second.Errors} of the {second.Requests} requests of one second failed");
        return second.LatencyMs.P50 > RunawayFactor * latencyMax.TotalMilliseconds
            ? Text($"the median latency of one second was {second.LatencyMs.P50:0} ms")
            : null;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
