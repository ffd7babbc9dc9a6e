using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using Headroom.Telemetry.Collection;
using Headroom.Telemetry.Prometheus;
using Headroom.Telemetry.Summary;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Telemetry.Tests;

/// <summary>A collector as AddHeadroomTelemetry makes it, with a meter "Test" to record through, and without a web server.</summary>
internal sealed class CollectorHarness : IDisposable
{
    readonly ServiceProvider services;

    public CollectorHarness(Action<TelemetryOptions>? configure = null, TimeProvider? time = null)
    {
        services = new ServiceCollection()
            .AddSingleton(time ?? TimeProvider.System)
            .AddLogging()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
            .AddHeadroomTelemetry(options =>
            {
                options.Meters.Clear();
                options.Meters.Add("Test.*");
                options.Meters.Add("Headroom.*");
                configure?.Invoke(options);
            })
            .BuildServiceProvider();
        Factory = services.GetRequiredService<IMeterFactory>();
        Meter = Factory.Create("Test");
        Collector = services.GetRequiredService<MetricCollector>();
        Collector.Start();
    }

    public IMeterFactory Factory { get; }

    public Meter Meter { get; }

    public MetricCollector Collector { get; }

    public T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    public TelemetrySummary Summary() => TelemetrySummary.Of(Collector.Peek(), Collector.CacheLookups());

    /// <summary>The whole exposition.</summary>
    public string Text(ExpositionFormat format = ExpositionFormat.Text)
    {
        var output = new ArrayBufferWriter<byte>();
        // Synchronous by construction: nobody else collects from this harness at the same time for long.
        Collector.CollectAsync(metrics => new PrometheusText(output, format).Write(MetricFamily.Group(metrics)), CancellationToken.None).GetAwaiter().GetResult();
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>The lines that begin with this, comments left out, sorted as written.</summary>
    public string[] Samples(string prefix, ExpositionFormat format = ExpositionFormat.Text) => [.. Text(format).Split('\n').Where(line => line.StartsWith(prefix, StringComparison.Ordinal))];

    public void Dispose() => services.Dispose();
}
