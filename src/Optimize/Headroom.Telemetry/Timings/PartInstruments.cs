using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Headroom.Telemetry.Timings;

/// <summary>
/// Instruments that measure parts of requests anyway: a database operation or an HTTP call is recorded in the flow of the request that made it, so listening to them attributes their time without a line in the application.
/// One for an application, which disposes of it: a listener that nobody disposes of outlives its application in the process, and each measurement goes on calling it.
/// </summary>
internal sealed class PartInstruments : IDisposable
{
    static readonly FrozenDictionary<string, string> Parts = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [HeadroomMeters.DatabaseOperationDuration] = RequestPart.Database,
        ["http.client.request.duration"] = RequestPart.Upstream,
        ["headroom.http.concurrency.wait"] = RequestPart.Queue,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    readonly MeterListener listener = new();

    public PartInstruments(IOptions<TelemetryOptions> options)
    {
        // What would count twice in the metrics would here too.
        var excluded = options.Value.ExcludedInstruments.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument is Histogram<double> && Parts.TryGetValue(instrument.Name, out var part) && !excluded.Contains($"{instrument.Meter.Name}/{instrument.Name}"))
                self.EnableMeasurementEvents(instrument, part);
        };
        listener.SetMeasurementEventCallback<double>((_, seconds, _, part) =>
        {
            if (seconds >= 0 && seconds < TimeSpan.MaxValue.TotalSeconds && TimedRequest.Current is { } request && ReferenceEquals(request.Owner, this))
                request.Add((string)part!, TimeSpan.FromSeconds(seconds));
        });
        listener.Start();
    }

    public void Dispose() => listener.Dispose();
}
