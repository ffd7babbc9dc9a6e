using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Headroom.Telemetry.Prometheus;

namespace Headroom.Telemetry.Collection;

/// <summary>What is read off a published instrument once: its kind, its identity, and what the exposition says about it.</summary>
internal sealed record InstrumentDescription(string Meter, string Name, string Unit, string Help, MetricKind Kind, bool Observable)
{
    /// <summary>Tags that its meter and it carry themselves; they become labels of every series.</summary>
    public KeyValuePair<string, object?>[] FixedTags { get; init; } = [];

    /// <summary>Bucket boundaries that the instrument's author advises.</summary>
    public double[]? AdvisedBoundaries { get; init; }

    /// <summary>Instruments with the same identity (a meter that was created twice) are one metric.</summary>
    public string Identity { get; private init; } = "";

    /// <returns>Null for a kind of instrument that is not one of the framework's.</returns>
    public static InstrumentDescription? Of(Instrument instrument)
    {
        if (KindOf(instrument) is not { } kind)
            return null;

        KeyValuePair<string, object?>[] fixedTags = [.. instrument.Meter.Tags ?? [], .. instrument.Tags ?? []];
        var unit = instrument.Unit ?? "";
        return new InstrumentDescription(instrument.Meter.Name, instrument.Name, unit, HelpOf(instrument), kind, instrument.IsObservable)
        {
            FixedTags = fixedTags,
            AdvisedBoundaries = AdviceOf(instrument) is { Count: > 0 } advised ? [.. advised] : null,
            Identity = IdentityOf(instrument, unit, kind, fixedTags),
        };
    }

    // Published as counters by the runtime although their values fall; OpenTelemetry's conventions
    // (https://opentelemetry.io/docs/specs/semconv/runtime/dotnet-metrics/) have them as up-down counters.
    static readonly string[] MisstatedCounters = ["dotnet.thread_pool.thread.count", "dotnet.thread_pool.queue.length"];

    static MetricKind? KindOf(Instrument instrument)
    {
        if (instrument.Meter.Name == "System.Runtime" && MisstatedCounters.Contains(instrument.Name, StringComparer.Ordinal))
            return MetricKind.UpDownCounter;

        var type = instrument.GetType();
        if (!type.IsGenericType)
            return null;

        type = type.GetGenericTypeDefinition();
        if (type == typeof(Counter<>) || type == typeof(ObservableCounter<>))
            return MetricKind.Counter;
        if (type == typeof(UpDownCounter<>) || type == typeof(ObservableUpDownCounter<>))
            return MetricKind.UpDownCounter;
        if (type == typeof(Gauge<>) || type == typeof(ObservableGauge<>))
            return MetricKind.Gauge;
        return type == typeof(Histogram<>) ? MetricKind.Histogram : null;
    }

    static string HelpOf(Instrument instrument) =>
        string.IsNullOrWhiteSpace(instrument.Description) ? $"{instrument.Name} of {instrument.Meter.Name}." : instrument.Description;

    static string IdentityOf(Instrument instrument, string unit, MetricKind kind, KeyValuePair<string, object?>[] fixedTags)
    {
        // Lengths in front, so that no choice of names can make two identities one.
        var text = new StringBuilder();
        foreach (var part in new[] { instrument.Meter.Name, instrument.Name, unit })
            text.Append(CultureInfo.InvariantCulture, $"{part.Length}:{part};");
        text.Append(CultureInfo.InvariantCulture, $"{kind};{instrument.IsObservable};");
        text.Append(LabelText.Current.Build(fixedTags, [], int.MaxValue));
        return text.ToString();
    }

    static IReadOnlyList<double>? AdviceOf(Instrument instrument) => instrument switch
    {
        Histogram<double> histogram => histogram.Advice?.HistogramBucketBoundaries,
        Histogram<long> histogram => Doubles(histogram),
        Histogram<int> histogram => Doubles(histogram),
        Histogram<short> histogram => Doubles(histogram),
        Histogram<byte> histogram => Doubles(histogram),
        Histogram<float> histogram => Doubles(histogram),
        Histogram<decimal> histogram => Doubles(histogram),
        _ => null,
    };

    static double[]? Doubles<T>(Histogram<T> histogram)
        where T : struct => histogram.Advice?.HistogramBucketBoundaries?.Select(value => Convert.ToDouble(value, CultureInfo.InvariantCulture)).ToArray();
}
