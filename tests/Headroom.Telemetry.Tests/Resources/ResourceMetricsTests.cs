using Headroom.Telemetry.Resources;
using Headroom.Telemetry.Tests.Collection;

namespace Headroom.Telemetry.Tests.Resources;

public sealed class ResourceMetricsTests
{
    [Fact]
    public void Collect_HalfOfTwoProcessors_IsAShareOfOneQuarterOfTheLimit()
    {
        using var harness = new CollectorHarness();
        var time = new ManualTime();
        var cpu = TimeSpan.FromSeconds(3);
        _ = new ResourceMetrics(harness.Factory, time, () => cpu, () => new ResourceLimits(1L << 40, 2));

        time.Advance(TimeSpan.FromSeconds(10));
        cpu += TimeSpan.FromSeconds(5);
        Assert.Equal(["process_cpu_utilization_ratio 0.25"], harness.Samples("process_cpu_utilization"));

        // A second scraper half a second later is told the same, and takes nothing from the next span.
        time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(["process_cpu_utilization_ratio 0.25"], harness.Samples("process_cpu_utilization"));
        time.Advance(TimeSpan.FromMilliseconds(500));
        cpu += TimeSpan.FromSeconds(2);
        Assert.Equal(["process_cpu_utilization_ratio 1"], harness.Samples("process_cpu_utilization"));
        Assert.Equal(["process_cpu_limit 2"], harness.Samples("process_cpu_limit"));
    }

    [Fact]
    public void Collect_LimitChanged_IsReadAgainAfterHalfAMinute()
    {
        using var harness = new CollectorHarness();
        var time = new ManualTime();
        var limit = 1L << 40;
        _ = new ResourceMetrics(harness.Factory, time, () => TimeSpan.Zero, () => new ResourceLimits(limit, 2));
        limit = 1L << 30;
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(["process_memory_limit_bytes 1099511627776"], harness.Samples("process_memory_limit"));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["process_memory_limit_bytes 1073741824"], harness.Samples("process_memory_limit"));
    }

    [Fact]
    public void Collect_Memory_IsUsageAndItsShareOfTheLimit()
    {
        using var harness = new CollectorHarness();
        _ = new ResourceMetrics(harness.Factory, new ManualTime(), () => TimeSpan.Zero, () => new ResourceLimits(Environment.WorkingSet * 4, 2));
        Assert.InRange(CollectorAssert.ValueOf(harness.Samples("process_memory_usage_bytes").Single()), 1 << 20, 1L << 40);
        Assert.InRange(CollectorAssert.ValueOf(harness.Samples("process_memory_utilization_ratio").Single()), 0.1, 0.5);
    }
}
