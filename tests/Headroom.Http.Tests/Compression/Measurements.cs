using System.Diagnostics.Metrics;

namespace Headroom.Http.Tests.Compression;

/// <summary>What one application's meters of Headroom.Http record, with the value of the only tag.</summary>
internal sealed class Measurements : IDisposable
{
    readonly MeterListener listener = new();
    readonly List<(string Name, double Value, string? Tag)> measured = [];

    /// <param name="meters">The application's, before it makes instruments.</param>
    public Measurements(IMeterFactory meters)
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "Headroom.Http" && ReferenceEquals(instrument.Meter.Scope, meters))
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
    }

    public List<(string Name, double Value, string? Tag)> All
    {
        get
        {
            lock (measured)
                return [.. measured];
        }
    }

    public double Single(string name) => All.Single(each => each.Name == name).Value;

    public void Dispose() => listener.Dispose();

    void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var tag = tags.Length == 1 ? tags[0].Value as string : null;
        lock (measured)
            measured.Add((instrument.Name, value, tag));
    }
}
