using System.Diagnostics.Metrics;
using Headroom.Telemetry.Collection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Headroom.Telemetry.Benchmarks;

/// <summary>Who listens to a meter: ours, the least that a listener can do, and OpenTelemetry's SDK.</summary>
internal static class Recorders
{
    public static readonly string[] Names = ["Headroom", "plain MeterListener", "OpenTelemetry SDK"];

    public static IDisposable Listen(string name, string meter) => name switch
    {
        "Headroom" => Headroom(meter, _ => { }),
        "plain MeterListener" => new Plain(meter),
        _ => Sdk.CreateMeterProviderBuilder().AddMeter(meter).AddReader(new PeriodicExportingMetricReader(new Nowhere(), Timeout.Infinite)).Build(),
    };

    public static Listening Headroom(string meter, Action<TelemetryOptions> configure)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
            .AddHeadroomTelemetry(options =>
            {
                options.Meters.Clear();
                options.Meters.Add(meter);
                configure(options);
            }).BuildServiceProvider();
        var collector = services.GetRequiredService<MetricCollector>();
        collector.Start();
        return new Listening(services, collector);
    }

    internal sealed record Listening(ServiceProvider Services, MetricCollector Collector) : IDisposable
    {
        public void Dispose() => Services.Dispose();
    }

    /// <summary>One number for all tags, as in the framework's documentation.</summary>
    sealed class Plain : IDisposable
    {
        readonly MeterListener listener = new();
        long sum;

        public Plain(string meter)
        {
            listener.InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == meter)
                    self.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref sum, value));
            listener.SetMeasurementEventCallback<double>((_, value, _, _) => Interlocked.Add(ref sum, (long)value));
            listener.Start();
        }

        public void Dispose() => listener.Dispose();
    }

    sealed class Nowhere : BaseExporter<OpenTelemetry.Metrics.Metric>
    {
        public override ExportResult Export(in Batch<OpenTelemetry.Metrics.Metric> batch) => ExportResult.Success;
    }
}
