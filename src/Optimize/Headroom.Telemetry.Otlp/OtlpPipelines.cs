using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using System.Globalization;
using Headroom.Telemetry.Collection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Headroom.Telemetry.Otlp;

/// <summary>OpenTelemetry's SDK beside our own collector: both listen to the same instruments, so a measurement costs what both cost.</summary>
internal sealed class OtlpPipelines : IDisposable
{
    // The last export must not hold a shutdown up for long.
    const int FlushMs = 3_000;

    static readonly string[] Sources = ["Microsoft.AspNetCore", "System.Net.Http", "Npgsql"];

    readonly IConfiguration configuration;
    readonly string application;
    readonly MeterProvider? metrics;
    readonly TracerProvider? traces;

    public OtlpPipelines(OtlpSettings settings, IConfiguration configuration, TelemetryOptions telemetry, string application, string[] ownSources)
    {
        this.configuration = configuration;
        this.application = application;
        if (settings.Metrics)
            metrics = Metrics(telemetry);
        if (settings.Traces)
            traces = Traces(ownSources);
    }

    /// <summary>Sends what is left and ends the export.</summary>
    public void Flush()
    {
        traces?.Shutdown(FlushMs);
        metrics?.Shutdown(FlushMs);
    }

    public void Dispose()
    {
        traces?.Dispose();
        metrics?.Dispose();
    }

    MeterProvider Metrics(TelemetryOptions telemetry)
    {
        var excluded = telemetry.ExcludedInstruments.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        // As on /metrics: what the options say of a name, else the default for it.
        var boundaries = HistogramBoundaries.ByName.Concat(telemetry.HistogramBoundaries).GroupBy(entry => entry.Key, StringComparer.Ordinal).ToFrozenDictionary(entries => entries.Key, entries => entries.Last().Value, StringComparer.Ordinal);
        var builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(services => services.AddSingleton(configuration))
            .SetResourceBuilder(Resource())
            .SetExemplarFilter(telemetry.Exemplars ? ExemplarFilterType.TraceBased : ExemplarFilterType.AlwaysOff)
            .AddView(instrument => View(instrument, excluded, boundaries));
        foreach (var meter in telemetry.Meters)
        {
            builder.AddMeter(meter);
            // A prefix takes its own name too, which the SDK's wildcard does not.
            if (meter.EndsWith(".*", StringComparison.Ordinal))
                builder.AddMeter(meter[..^2]);
        }

        return builder.AddOtlpExporter(exporter => Configure(exporter, "METRICS")).Build();
    }

    TracerProvider Traces(string[] ownSources) => Sdk.CreateTracerProviderBuilder()
        .ConfigureServices(services => services.AddSingleton(configuration))
        .SetResourceBuilder(Resource())
        .AddSource([.. Sources, .. ownSources])
        .AddOtlpExporter(exporter => Configure(exporter, "TRACES"))
        .Build();

    /// <summary>What is said for one signal alone wins; the SDK reads only what is said for all. An endpoint of one signal is taken as it is, without a path added, as the specification has it.</summary>
    void Configure(OtlpExporterOptions exporter, string signal)
    {
        if (Own("ENDPOINT") is { } endpoint)
            exporter.Endpoint = new Uri(endpoint);
        if (Own("PROTOCOL") is { } protocol)
            exporter.Protocol = protocol == "grpc" ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        if (Own("HEADERS") is { } headers)
            exporter.Headers = headers;
        if (int.TryParse(Own("TIMEOUT"), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
            exporter.TimeoutMilliseconds = milliseconds;

        string? Own(string setting) => configuration[$"OTEL_EXPORTER_OTLP_{signal}_{setting}"] is { Length: > 0 } value ? value : null;
    }

    /// <summary>Null leaves an instrument as it is; its author's advice counts then.</summary>
    static MetricStreamConfiguration? View(Instrument instrument, FrozenSet<string> excluded, FrozenDictionary<string, double[]> boundaries)
    {
        if (excluded.Contains($"{instrument.Meter.Name}/{instrument.Name}"))
            return MetricStreamConfiguration.Drop;
        return boundaries.TryGetValue(instrument.Name, out var own) && instrument.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(Histogram<>)
            ? new ExplicitBucketHistogramConfiguration { Boundaries = own }
            : null;
    }

    // What the variables say (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) wins over the application's name.
    ResourceBuilder Resource() => ResourceBuilder.CreateEmpty().AddTelemetrySdk().AddService(application).AddEnvironmentVariableDetector();
}
