using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Telemetry.Collection;

/// <summary>
/// Listens to the instruments that the options name and keeps their series.
/// <para>A measurement reaches its <see cref="Metric"/> as the state of the listener's subscription, so recording has no look-up by instrument.
/// Meters that another dependency-injection container created (another host in this process) are left to that container's collector.</para>
/// </summary>
internal sealed partial class MetricCollector : IDisposable
{
    /// <summary>The histograms that <see cref="Summary.TelemetrySummary"/> reads percentiles from.</summary>
    static readonly string[] SummarizedHistograms = [HeadroomMeters.HttpServerRequestDuration, HeadroomMeters.DatabaseOperationDuration];

    readonly MeterListener listener = new();
    readonly CacheLookups caches;
    readonly Lock registry = new();
    readonly SemaphoreSlim collection = new(1, 1);
    readonly Dictionary<string, Metric> byIdentity = new(StringComparer.Ordinal);
    readonly string[] patterns;
    readonly FrozenSet<string> excluded;
    readonly TableLimits limits;
    readonly ExemplarSampler? exemplars;
    readonly FrozenDictionary<string, double[]> boundaries;
    readonly IMeterFactory meters;
    readonly ILogger<MetricCollector> logger;
    readonly StripedSum rejected = new();
    readonly StripedSum callbackErrors = new();
    volatile Metric[] metrics = [];
    bool started;

    public MetricCollector(IOptions<TelemetryOptions> options, IMeterFactory meters, ILogger<MetricCollector> logger, TimeProvider? time = null)
    {
        var settings = options.Value;
        patterns = [.. settings.Meters];
        exemplars = settings.Exemplars ? new ExemplarSampler(time ?? TimeProvider.System) : null;
        excluded = settings.ExcludedInstruments.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        limits = new TableLimits(settings.MaxSeriesPerInstrument, settings.MaxLabelValueLength);
        boundaries = settings.HistogramBoundaries.ToFrozenDictionary(pair => pair.Key, pair => pair.Value.ToArray(), StringComparer.Ordinal);
        this.meters = meters;
        this.logger = logger;
        caches = new CacheLookups(meters);
        listener.InstrumentPublished = OnPublished;
        listener.MeasurementsCompleted = OnCompleted;
        listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => OnMeasured((long)value, tags, state));
        listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => OnMeasured((long)value, tags, state));
        listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => OnMeasured((long)value, tags, state));
        listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => OnMeasured(value, tags, state));
        listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => OnMeasured((double)value, tags, state));
        listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => OnMeasured(value, tags, state));
        listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, state) => OnMeasured((double)value, tags, state));
    }

    /// <summary>Begins to listen; a second call does nothing.</summary>
    public void Start()
    {
        lock (registry)
        {
            if (started)
                return;
            started = true;
        }

        ReportOwnState();
        listener.Start();
        caches.Start();
    }

    /// <summary>
    /// Asks the observable instruments and hands out the metrics. One caller at a time, because the callbacks of observable instruments are
    /// not made for several; <paramref name="read"/> must not wait for anything.
    /// </summary>
    public async Task CollectAsync(Action<IReadOnlyList<Metric>> read, CancellationToken cancellationToken)
    {
        await collection.WaitAsync(cancellationToken);
        try
        {
            var observed = metrics.OfType<ValueMetric>().Where(metric => metric.Description.Observable).ToArray();
            foreach (var metric in observed)
                metric.BeginCollection();
            RunCallbacks();
            foreach (var metric in observed)
                metric.EndCollection();
            read(metrics);
        }
        finally
        {
            collection.Release();
        }
    }

    /// <summary>The metrics without asking observable instruments.</summary>
    public IReadOnlyList<Metric> Peek() => metrics;

    /// <summary>Hits and misses that caches count themselves.</summary>
    public (long Hits, long Misses) CacheLookups() => caches.Read();

    public void Dispose()
    {
        listener.Dispose();
        caches.Dispose();
        collection.Dispose();
    }

    // The listener runs every callback, whichever of them throw, and then throws all of their exceptions together.
    void RunCallbacks()
    {
        try
        {
            listener.RecordObservableInstruments();
        }
        catch (AggregateException failures)
        {
            var before = callbackErrors.Whole;
            callbackErrors.Add(failures.InnerExceptions.Count);
            // The first time loudly; a callback that always fails would else fill the log at each scrape.
            LogCallbackFailed(before == 0 ? LogLevel.Warning : LogLevel.Debug, failures.InnerExceptions.Count, failures.InnerExceptions[0]);
        }
    }

    void OnPublished(Instrument instrument, MeterListener source)
    {
        if (instrument.Meter.Scope is IMeterFactory owner && !ReferenceEquals(owner, meters))
            return;
        if (!Array.Exists(patterns, pattern => MeterPattern.Matches(pattern, instrument.Meter.Name)) || excluded.Contains($"{instrument.Meter.Name}/{instrument.Name}"))
            return;
        if (InstrumentDescription.Of(instrument) is not { } description)
        {
            LogUnknownKind(instrument.Meter.Name, instrument.Name, instrument.GetType().Name);
            return;
        }

        Metric? metric;
        lock (registry)
        {
            if (!byIdentity.TryGetValue(description.Identity, out metric))
            {
                metric = Create(description);
                byIdentity.Add(description.Identity, metric);
                metrics = [.. metrics, metric];
            }

            metric.Users++;
        }

        source.EnableMeasurementEvents(instrument, new Subscription(this, metric));
    }

    void OnCompleted(Instrument instrument, object? state)
    {
        if (state is not Subscription { Metric: var metric })
            return;

        lock (registry)
        {
            if (--metric.Users > 0)
                return;
            byIdentity.Remove(metric.Description.Identity);
            metrics = [.. metrics.Where(other => !ReferenceEquals(other, metric))];
        }
    }

    Metric Create(InstrumentDescription description)
    {
        if (description.Kind == Prometheus.MetricKind.Histogram)
        {
            var summarized = SummarizedHistograms.Contains(description.Name, StringComparer.Ordinal);
            return new HistogramMetric(description, limits, HistogramBoundaries.For(description, boundaries), summarized, exemplars);
        }

        return description.Observable || description.Kind == Prometheus.MetricKind.Gauge
            ? new ValueMetric(description, limits)
            : new SumMetric(description, limits);
    }

    static void OnMeasured(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var subscription = Unsafe.As<Subscription>(state)!;
        try
        {
            if (!subscription.Metric.Record(value, tags))
                subscription.Collector.rejected.Add(1);
        }
        catch (Exception error)
        {
            subscription.Collector.OnRecordingFailed(subscription.Metric, error);
        }
    }

    static void OnMeasured(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var subscription = Unsafe.As<Subscription>(state)!;
        try
        {
            if (!subscription.Metric.Record(value, tags))
                subscription.Collector.rejected.Add(1);
        }
        catch (Exception error)
        {
            subscription.Collector.OnRecordingFailed(subscription.Metric, error);
        }
    }

    // A tag value whose ToString throws is the recorder's fault, but measuring must not break what is measured.
    void OnRecordingFailed(Metric metric, Exception error)
    {
        rejected.Add(1);
        LogRecordingFailed(metric.Description.Name, error);
    }

    void ReportOwnState()
    {
        var meter = meters.Create(HeadroomMeters.Telemetry);
        meter.CreateObservableCounter(
            "headroom.telemetry.rejected",
            () => rejected.Whole,
            "{measurement}",
            "Measurements not taken: negative on a counter, not finite on a sum or histogram, or with a tag that cannot be written.");
        meter.CreateObservableCounter(
            "headroom.telemetry.callback.errors",
            () => callbackErrors.Whole,
            "{error}",
            "Callbacks of observable instruments that threw, up to the scrape before this one.");
        meter.CreateObservableCounter(
            "headroom.telemetry.overflowed",
            () => metrics
                .Where(metric => metric.Overflowed > 0)
                .Select(metric => new Measurement<long>(metric.Overflowed, new KeyValuePair<string, object?>("instrument", metric.Description.Name))),
            "{measurement}",
            "Measurements that went to an instrument's overflow series because of MaxSeriesPerInstrument.");
    }

    [LoggerMessage(1, LogLevel.Debug, "Instrument {Instrument} of meter {Meter} has the unknown kind {Kind} and is not collected.")]
    partial void LogUnknownKind(string meter, string instrument, string kind);

    [LoggerMessage(EventId = 2, Message = "{Count} callbacks of observable instruments failed; the others were read. The first error follows; later ones are logged at Debug and counted in headroom.telemetry.callback.errors.")]
    partial void LogCallbackFailed(LogLevel level, int count, Exception first);

    [LoggerMessage(3, LogLevel.Debug, "A measurement of {Instrument} could not be recorded.")]
    partial void LogRecordingFailed(string instrument, Exception error);

    sealed record Subscription(MetricCollector Collector, Metric Metric);
}
