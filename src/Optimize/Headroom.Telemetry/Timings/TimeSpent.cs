using System.Globalization;
using System.Text;

namespace Headroom.Telemetry.Timings;

/// <summary>What became of a request's time: the reported parts, the collector's pauses, and the rest, which is the handler's.</summary>
internal sealed class TimeSpent
{
    readonly List<PartTime> parts;

    /// <param name="total">From the middleware to now.</param>
    /// <param name="reported">Parts that ran beside each other may add up to more than the total.</param>
    /// <param name="paused">Pauses of the garbage collector meanwhile. They are in the other parts too, as those waited as well.</param>
    public TimeSpent(TimeSpan total, PartTime[] reported, TimeSpan paused)
    {
        Total = total;
        parts = [.. reported.Where(part => part.Part is not (RequestPart.Handler or RequestPart.GarbageCollection))];
        var rest = total - parts.Aggregate(TimeSpan.Zero, (sum, part) => sum + part.Elapsed);
        if (paused > TimeSpan.Zero)
            parts.Add(new PartTime(RequestPart.GarbageCollection, paused, 1));

        // A pause while the handler itself worked is not its work.
        rest -= paused < rest ? paused : TimeSpan.Zero;
        parts.Add(new PartTime(RequestPart.Handler, rest > TimeSpan.Zero ? rest : TimeSpan.Zero, 1));
    }

    public TimeSpan Total { get; }

    /// <summary>The part that took the most time.</summary>
    public PartTime Longest => parts.MaxBy(part => part.Elapsed);

    /// <summary>The value of the header field, https://www.w3.org/TR/server-timing/#the-server-timing-header-field: durations in milliseconds, how many there were where there was more than one.</summary>
    public string ServerTiming()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"total;dur={Total.TotalMilliseconds:0.###}");
        foreach (var part in parts)
        {
            text.Append(CultureInfo.InvariantCulture, $", {part.Part};dur={part.Elapsed.TotalMilliseconds:0.###}");
            if (part.Count > 1)
                text.Append(CultureInfo.InvariantCulture, $";desc=\"{part.Count} times\"");
        }

        return text.ToString();
    }

    /// <summary>For a person: <c>db 812.4 ms in 3, handler 20.1 ms</c>.</summary>
    public override string ToString() => string.Join(", ", parts.OrderByDescending(part => part.Elapsed).Select(part =>
        string.Create(CultureInfo.InvariantCulture, $"{part.Part} {part.Elapsed.TotalMilliseconds:0.#} ms{(part.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $" in {part.Count}") : "")}")));
}
