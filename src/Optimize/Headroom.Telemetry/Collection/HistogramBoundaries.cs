using System.Collections.Frozen;

namespace Headroom.Telemetry.Collection;

/// <summary>Which bucket boundaries an instrument gets.</summary>
internal static class HistogramBoundaries
{
    // https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpserverrequestduration
    static readonly double[] Seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    /// <summary>
    /// Instruments whose bounds are neither their author's nor their unit's unless the options say so. A percentile is interpolated between bounds, so the limits that alerts compare it with are bounds of their own (deploy/prometheus: 150, 200
    /// and 300 ms): between 100 and 250 ms it could be either side of two of them.
    /// </summary>
    public static readonly FrozenDictionary<string, double[]> ByName = new Dictionary<string, double[]>(StringComparer.Ordinal)
    {
        ["http.server.request.duration"] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // 256 bytes to 64 MiB, each four times the one before.
    static readonly double[] Bytes = [256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864];

    // What OpenTelemetry's SDK uses when nothing else is known.
    static readonly double[] Unspecified = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000];

    /// <summary>In this order: the option for the name, the default for the name, the author's advice, the option for the unit, the default of the unit.</summary>
    public static double[] For(InstrumentDescription instrument, IReadOnlyDictionary<string, double[]> options)
    {
        if (options.TryGetValue(instrument.Name, out var named))
            return named;
        if (ByName.TryGetValue(instrument.Name, out var known))
            return known;
        if (instrument.AdvisedBoundaries is { } advised)
            return advised;
        if (options.TryGetValue(instrument.Unit, out var byUnit))
            return byUnit;
        return instrument.Unit switch
        {
            "s" => Seconds,
            "By" => Bytes,
            _ => Unspecified,
        };
    }
}
