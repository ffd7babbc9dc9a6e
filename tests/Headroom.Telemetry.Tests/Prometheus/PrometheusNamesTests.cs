using Headroom.Telemetry.Prometheus;

namespace Headroom.Telemetry.Tests.Prometheus;

public sealed class PrometheusNamesTests
{
    [Theory]
    [InlineData("http.server.request.duration", "s", MetricKind.Histogram, "http_server_request_duration_seconds")]
    [InlineData("http.server.active_requests", "{request}", MetricKind.UpDownCounter, "http_server_active_requests")]
    [InlineData("dotnet.gc.heap.total_allocated", "By", MetricKind.Counter, "dotnet_gc_heap_total_allocated_bytes_total")]
    [InlineData("requests", null, MetricKind.Counter, "requests_total")]
    [InlineData("requests.total", null, MetricKind.Counter, "requests_total")]
    [InlineData("bytes.read.total", "By", MetricKind.Counter, "bytes_read_bytes_total")]
    [InlineData("time.seconds", "s", MetricKind.Counter, "time_seconds_total")]
    [InlineData("seconds", "s", MetricKind.Gauge, "seconds")]
    [InlineData("cpu.utilization", "1", MetricKind.Gauge, "cpu_utilization_ratio")]
    [InlineData("cpu.utilization", "1", MetricKind.Counter, "cpu_utilization_total")]
    [InlineData("queue.length", "1", MetricKind.UpDownCounter, "queue_length")]
    [InlineData("speed", "m/s", MetricKind.Gauge, "speed_meters_per_second")]
    [InlineData("throughput", "By/s", MetricKind.Gauge, "throughput_bytes_per_second")]
    [InlineData("rate", "{request}/s", MetricKind.Gauge, "rate_per_second")]
    [InlineData("pauses", "{pause}", MetricKind.Counter, "pauses_total")]
    [InlineData("odd", "Foo.Bar!", MetricKind.Gauge, "odd_Foo_Bar")]
    [InlineData("a.-/b", null, MetricKind.Gauge, "a_b")]
    [InlineData("9lives", null, MetricKind.Gauge, "_9lives")]
    [InlineData("größe", null, MetricKind.Gauge, "gr_e")]
    [InlineData("dotnet.thread_pool.thread.count", "{thread}", MetricKind.UpDownCounter, "dotnet_thread_pool_thread_count_current")]
    [InlineData("disk.total", "By", MetricKind.Gauge, "disk_total_bytes")]
    [InlineData("disk.total", null, MetricKind.Gauge, "disk_total_current")]
    [InlineData("latency.count", "s", MetricKind.Histogram, "latency_count_seconds")]
    public void Metric_Instrument_FollowsOpenTelemetryRules(string instrument, string? unit, object kind, string expected) =>
        Assert.Equal(expected, PrometheusNames.Metric(instrument, unit, (MetricKind)kind));

    [Theory]
    [InlineData("http.route", "http_route")]
    [InlineData("a..b", "a_b")]
    [InlineData("1st", "_1st")]
    [InlineData("__name__", "key_name_")]
    [InlineData("", "_")]
    [InlineData("le", "exported_le")]
    [InlineData("quantile", "exported_quantile")]
    [InlineData("otel.scope.name", "exported_otel_scope_name")]
    [InlineData("naïve key", "na_ve_key")]
    public void Label_Key_IsALegalName(string key, string expected) => Assert.Equal(expected, PrometheusNames.Label(key));
}
