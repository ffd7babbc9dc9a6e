namespace Headroom.Telemetry.Prometheus;

/// <summary>What an instrument measures, synchronous and observable kinds alike; both gauges and up-down counters are gauges to Prometheus.</summary>
internal enum MetricKind
{
    Counter,
    UpDownCounter,
    Gauge,
    Histogram,
}
