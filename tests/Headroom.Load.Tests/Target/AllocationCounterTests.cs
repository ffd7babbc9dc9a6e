using Headroom.Load.Target;

namespace Headroom.Load.Tests.Target;

public sealed class AllocationCounterTests
{
    [Theory]
    [InlineData("# TYPE dotnet_gc_heap_total_allocated_bytes_total counter\ndotnet_gc_heap_total_allocated_bytes_total 3052064\n", 3052064)]
    [InlineData("go_memstats_alloc_bytes 5\ngo_memstats_alloc_bytes_total 1.5e+09 1700000000000\n", 1.5e9)]
    [InlineData("jvm_memory_pool_allocated_bytes_total{pool=\"G1 Eden } Space\"} 100\njvm_memory_pool_allocated_bytes_total{pool=\"Old\"} 20\n", 120)]
    public void Parse_KnownRuntimes_HasTheirCounter(string text, double expected) => Assert.Equal(expected, AllocationCounter.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("<html>not metrics</html>")]
    [InlineData("go_memstats_alloc_bytes_totals 7\ngo_memstats_alloc_bytes 7\n")]
    [InlineData("go_memstats_alloc_bytes_total NaN\n")]
    [InlineData("go_memstats_alloc_bytes_total\n")]
    public void Parse_NothingKnown_IsNotKnown(string text) => Assert.Null(AllocationCounter.Parse(text));

    [Fact]
    public async Task ReadAsync_NobodyThereOrNoSuchPage_IsNotKnown()
    {
        await using var server = ScriptedServer.Always("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        Assert.Null(await AllocationCounter.ReadAsync(server.Url, insecure: false, TestContext.Current.CancellationToken));
        Assert.Null(await AllocationCounter.ReadAsync(new Uri("http://127.0.0.1:1/metrics"), insecure: false, TestContext.Current.CancellationToken));
    }
}
