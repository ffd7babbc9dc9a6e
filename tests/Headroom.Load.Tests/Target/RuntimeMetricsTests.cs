using Headroom.Load.Target;
using Headroom.Load.Wire;

namespace Headroom.Load.Tests.Target;

public sealed class RuntimeMetricsTests
{
    [Theory]
    [InlineData("# TYPE dotnet_gc_heap_total_allocated_bytes_total counter\ndotnet_gc_heap_total_allocated_bytes_total 3052064\n", 3052064)]
    [InlineData("go_memstats_alloc_bytes 5\ngo_memstats_alloc_bytes_total 1.5e+09 1700000000000\n", 1.5e9)]
    [InlineData("go_memstats_alloc_bytes_total\t7\t1700000000000\n", 7)]
    [InlineData("jvm_memory_pool_allocated_bytes_total{pool=\"G1 Eden } Space\"} 100\njvm_memory_pool_allocated_bytes_total{pool=\"Old\"} 20\n", 120)]
    public void AllocatedBytes_KnownRuntimes_HaveTheirCounter(string text, double expected) => Assert.Equal(expected, RuntimeMetrics.AllocatedBytes(PrometheusSamples.Parse(text)));

    [Theory]
    [InlineData("")]
    [InlineData("<html>not metrics</html>")]
    [InlineData("go_memstats_alloc_bytes_totals 7\ngo_memstats_alloc_bytes 7\n")]
    [InlineData("go_memstats_alloc_bytes_total NaN\n")]
    [InlineData("go_memstats_alloc_bytes_total\n")]
    public void AllocatedBytes_NothingKnown_IsNotKnown(string text) => Assert.Null(RuntimeMetrics.AllocatedBytes(PrometheusSamples.Parse(text)));

    [Theory]
    [InlineData("dotnet_gc_pause_time_seconds_total 1.25\ndotnet_gc_last_collection_heap_size_bytes{gc_heap_generation=\"gen0\"} 10\ndotnet_gc_last_collection_heap_size_bytes{gc_heap_generation=\"gen2\"} 30\ndotnet_thread_pool_queue_length 7\n", 1.25, 40.0, 7.0)]
    [InlineData("process_runtime_dotnet_gc_duration_nanoseconds_total 2000000000\nprocess_runtime_dotnet_thread_pool_queue_length 3\n", 2.0, null, 3.0)]
    [InlineData("go_gc_duration_seconds{quantile=\"1\"} 0.5\ngo_gc_duration_seconds_sum 0.75\ngo_memstats_heap_inuse_bytes 4096\n", 0.75, 4096.0, null)]
    [InlineData("jvm_gc_pause_seconds_sum{cause=\"a\"} 1\njvm_gc_pause_seconds_sum{cause=\"b\"} 2\njvm_memory_used_bytes{area=\"heap\",id=\"x\"} 100\njvm_memory_used_bytes{area=\"nonheap\"} 900\nexecutor_queued_tasks{name=\"http\"} 12\n", 3.0, 100.0, 12.0)]
    public void Runtimes_KnownNames_AreReadInTheirUnits(string text, double? pauseSeconds, double? heapBytes, double? queue)
    {
        var samples = PrometheusSamples.Parse(text);
        Assert.Equal((pauseSeconds, heapBytes, queue), (RuntimeMetrics.GcPauseSeconds(samples), RuntimeMetrics.HeapBytes(samples), RuntimeMetrics.ThreadPoolQueue(samples)));
    }

    [Fact]
    public async Task ReadAsync_NobodyThereOrNoSuchPage_SaysWhy()
    {
        await using var server = ScriptedServer.Always("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        using var missing = Endpoint(server.Url);
        var refused = await missing.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Null(refused.Samples);
        Assert.Contains("answered 404", refused.Problem, StringComparison.Ordinal);
        using var nobody = Endpoint(new Uri("http://127.0.0.1:1/metrics"));
        Assert.Contains("could not be read", (await nobody.ReadAsync(TestContext.Current.CancellationToken)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_EndedByTheCaller_Throws()
    {
        var asked = new TaskCompletionSource();
        await using var server = new ScriptedServer(async conversation =>
        {
            await conversation.ReadRequestAsync();
            asked.SetResult();
            await conversation.ReadRequestAsync();
        });
        using var endpoint = Endpoint(server.Url);
        using var ending = new CancellationTokenSource();
        var reading = endpoint.ReadAsync(ending.Token);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    private static MetricsEndpoint Endpoint(Uri url) => MetricsEndpoint.Create(url, HttpVersionChoice.Http11, new LoadOptions(), []);
}
