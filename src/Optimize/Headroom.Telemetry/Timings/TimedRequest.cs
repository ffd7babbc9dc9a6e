using System.Runtime.InteropServices;

namespace Headroom.Telemetry.Timings;

/// <summary>One part of a request's time.</summary>
/// <param name="Count">How often it was added to.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PartTime(string Part, TimeSpan Elapsed, int Count);

/// <summary>
/// The time of one request, added up by part from whatever threads work for it. It is found through the flow of execution, so that code which knows nothing of HTTP can report; what still runs when the request has ended
/// adds nothing more.
/// </summary>
/// <param name="owner">Who times it: one application of possibly several in this process.</param>
internal sealed class TimedRequest(object owner)
{
    public const int PartsMost = 12;
    public const int NameLongest = 32;

    static readonly AsyncLocal<TimedRequest?> Flow = new();
    static volatile bool isUsed;

    readonly Lock gate = new();
    readonly PartTime[] parts = new PartTime[PartsMost];
    int count;
    bool ended;

    public object Owner { get; } = owner;

    /// <summary>Looking into the flow costs more than asking whether anybody ever put something there.</summary>
    public static TimedRequest? Current
    {
        get => isUsed ? Flow.Value : null;
        set
        {
            isUsed = true;
            Flow.Value = value;
        }
    }

    public void Add(string part, TimeSpan elapsed)
    {
        ArgumentNullException.ThrowIfNull(part);
        lock (gate)
        {
            if (ended)
                return;
            for (var i = 0; i < count; i++)
            {
                if (parts[i].Part == part)
                {
                    parts[i] = new PartTime(part, parts[i].Elapsed + elapsed, parts[i].Count + 1);
                    return;
                }
            }

            Check(part);
            if (count < PartsMost)
                parts[count++] = new PartTime(part, elapsed, 1);
        }
    }

    public PartTime[] Read()
    {
        lock (gate)
            return parts[..count];
    }

    /// <summary>The same, the last time.</summary>
    public PartTime[] End()
    {
        lock (gate)
        {
            ended = true;
            return parts[..count];
        }
    }

    static void Check(string part)
    {
        if (part.Length is 0 or > NameLongest || !part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw new ArgumentException($"'{part}' does not name a part of a request; write 1 to {NameLongest} letters, digits, '-', '_' or '.', for example 'render'.", nameof(part));
    }
}
