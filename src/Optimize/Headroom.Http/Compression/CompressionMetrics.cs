using System.Diagnostics.Metrics;
using Headroom.Telemetry;

namespace Headroom.Http.Compression;

/// <summary>What compression saves and what it costs, by coding. See docs/compression.md. Recording allocates nothing.</summary>
internal sealed class CompressionMetrics
{
    const string CodingTag = "headroom.compression.coding";

    readonly Histogram<double> ratio;
    readonly Counter<long> original;
    readonly Counter<long> saved;
    readonly Histogram<double> duration;
    readonly Counter<long> refused;

    public CompressionMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(HeadroomMeters.Http);
        ratio = meter.CreateHistogram(
            "headroom.compression.ratio", "1", "Bytes of content before compression for each byte after it.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 1.5, 2, 3, 4, 6, 8, 12, 20, 50] });
        original = meter.CreateCounter<long>("headroom.compression.original", "By", "Bytes of content that were compressed, before it.");
        saved = meter.CreateCounter<long>("headroom.compression.saved", "By", "Bytes that compression kept off the network.");
        duration = meter.CreateHistogram(
            "headroom.compression.duration", "s", "Time spent in the encoder for one response.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1] });
        refused = meter.CreateCounter<long>("headroom.decoding.refused", "{request}", "Compressed requests that were refused: unsupported coding, invalid, or larger than allowed.");
    }

    /// <summary>Whether it is worth to look at the clock.</summary>
    public bool MeasuresTime => duration.Enabled;

    public void Encoded(ContentCoding coding, long given, long encoded, TimeSpan time)
    {
        var tag = new KeyValuePair<string, object?>(CodingTag, coding.Name());
        if (encoded > 0)
            ratio.Record((double)given / encoded, tag);
        original.Add(given, tag);
        if (given > encoded)
            saved.Add(given - encoded, tag);
        duration.Record(time.TotalSeconds, tag);
    }

    public void Refused(int statusCode) => refused.Add(1, new KeyValuePair<string, object?>("http.response.status_code", statusCode));
}
