namespace Headroom.Telemetry.Tests;

public sealed class DatabaseMetricsTests
{
    [Fact]
    public void ObservePool_TwoPools_ShowsTheirUseUntilDisposed()
    {
        using var harness = new CollectorHarness();
        var metrics = harness.Get<DatabaseMetrics>();
        var readers = metrics.ObservePool("readers", () => new ConnectionPoolUse(Used: 3, Idle: 1, Max: 4, Waiting: 7));
        using var writers = metrics.ObservePool("writers", () => new ConnectionPoolUse(Used: 1, Idle: 0));

        Assert.Equal(
            [
                "db_client_connection_count_current{db_client_connection_pool_name=\"readers\",db_client_connection_state=\"idle\"} 1",
                "db_client_connection_count_current{db_client_connection_pool_name=\"readers\",db_client_connection_state=\"used\"} 3",
                "db_client_connection_count_current{db_client_connection_pool_name=\"writers\",db_client_connection_state=\"idle\"} 0",
                "db_client_connection_count_current{db_client_connection_pool_name=\"writers\",db_client_connection_state=\"used\"} 1",
                "db_client_connection_max{db_client_connection_pool_name=\"readers\"} 4",
                "db_client_connection_pending_requests{db_client_connection_pool_name=\"readers\"} 7",
                "db_client_connection_pending_requests{db_client_connection_pool_name=\"writers\"} 0",
            ],
            harness.Samples("db_client_connection"));

        readers.Dispose();
        Assert.DoesNotContain(harness.Samples("db_client_connection"), sample => sample.Contains("readers", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(" ")]
    public void ObservePool_WithoutAName_IsRefused(string? name)
    {
        using var harness = new CollectorHarness();
        Assert.ThrowsAny<ArgumentException>(() => harness.Get<DatabaseMetrics>().ObservePool(name!, () => default));
    }
}
