namespace Headroom.Telemetry.Collection;

/// <summary>All series of one instrument, and how a measurement changes them.</summary>
internal abstract class Metric(InstrumentDescription description)
{
    public InstrumentDescription Description { get; } = description;

    /// <summary>How many published instruments share it; it is forgotten when the last one is disposed.</summary>
    public int Users { get; set; }

    /// <summary>Measurements that went to the overflow series because of the limit.</summary>
    public abstract long Overflowed { get; }

    /// <returns>Whether the value was taken; a counter takes no negative value, and no sum takes an infinite one.</returns>
    public abstract bool Record(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags);

    /// <inheritdoc cref="Record(long, ReadOnlySpan{KeyValuePair{string, object?}})"/>
    public abstract bool Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags);
}
