namespace Headroom.Load.Target;

/// <summary>What runtimes tell of themselves, under the names that they and their usual exporters give it (docs/compare.md and docs/capacity.md list them). Of each figure the first name that is there counts.</summary>
internal static class RuntimeMetrics
{
    private static readonly Source[] Allocated =
    [
        new("dotnet_gc_heap_total_allocated_bytes_total"), // .NET's own meter System.Runtime
        new("process_runtime_dotnet_gc_allocations_size_bytes_total"), // OpenTelemetry's runtime instrumentation of .NET 8 and before
        new("dotnet_gc_allocated_bytes_total"), // prometheus-net's
        new("go_memstats_alloc_bytes_total"), // Go's
        new("jvm_memory_pool_allocated_bytes_total"), // the Java client's, by pool
        new("jvm_gc_memory_allocated_bytes_total"), // Micrometer's
    ];

    private static readonly Source[] Paused =
    [
        new("dotnet_gc_pause_time_seconds_total"),
        new("process_runtime_dotnet_gc_duration_nanoseconds_total", 1e-9),
        new("go_gc_duration_seconds_sum"),
        new("jvm_gc_collection_seconds_sum"),
        new("jvm_gc_pause_seconds_sum"),
    ];

    private static readonly Source[] Heap =
    [
        new("dotnet_gc_last_collection_heap_size_bytes"),
        new("process_runtime_dotnet_gc_heap_size_bytes"),
        new("dotnet_gc_heap_size_bytes"),
        new("go_memstats_heap_inuse_bytes"),
        new("jvm_memory_used_bytes", Labels: [("area", "heap")]),
    ];

    private static readonly Source[] Queue =
    [
        new("dotnet_thread_pool_queue_length"),
        new("process_runtime_dotnet_thread_pool_queue_length"),
        new("dotnet_threadpool_queue_length"),
        new("executor_queued_tasks"),
    ];

    private sealed record Source(string Name, double Factor = 1, IReadOnlyList<(string, string)>? Labels = null)
    {
        public SeriesSelector Series { get; } = new() { Name = Name, Labels = Labels ?? [] };
    }

    /// <summary>Bytes that were allocated since the process started, a counter.</summary>
    public static double? AllocatedBytes(PrometheusSamples samples) => First(samples, Allocated);

    /// <summary>Seconds for which garbage collections have stopped the process since it started, a counter.</summary>
    public static double? GcPauseSeconds(PrometheusSamples samples) => First(samples, Paused);

    /// <summary>Bytes of the managed heap, at the last collection where the runtime tells it then.</summary>
    public static double? HeapBytes(PrometheusSamples samples) => First(samples, Heap);

    /// <summary>Work that waits for a thread of the pool.</summary>
    public static double? ThreadPoolQueue(PrometheusSamples samples) => First(samples, Queue);

    private static double? First(PrometheusSamples samples, Source[] sources) =>
        sources.Select(source => samples.Sum(source.Series) * source.Factor).FirstOrDefault(value => value is not null);
}
