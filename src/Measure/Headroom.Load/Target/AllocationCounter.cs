using System.Globalization;
using System.Net.Security;

namespace Headroom.Load.Target;

/// <summary>How many bytes the target's runtime has allocated since it started, by its metrics endpoint (Prometheus text).</summary>
internal static class AllocationCounter
{
    /// <summary>Longer texts are no metrics of one process.</summary>
    private const int BytesMax = 16 * 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Counters of runtimes and their usual exporters, as docs/compare.md lists them; the first that is there counts.</summary>
    private static readonly string[] Names =
    [
        "dotnet_gc_heap_total_allocated_bytes_total", // .NET's own meter System.Runtime
        "process_runtime_dotnet_gc_allocations_size_bytes_total", // OpenTelemetry's runtime instrumentation of .NET 8 and before
        "dotnet_gc_allocated_bytes_total", // prometheus-net's
        "go_memstats_alloc_bytes_total", // Go's
        "jvm_memory_pool_allocated_bytes_total", // the Java client's, by pool
        "jvm_gc_memory_allocated_bytes_total", // Micrometer's
    ];

    /// <returns>Null when the endpoint cannot be read or has none of the counters: a figure fewer, not a failed run.</returns>
    public static async Task<double?> ReadAsync(Uri metrics, bool insecure, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, errors) => insecure || errors == SslPolicyErrors.None;
        using var client = new HttpClient(handler) { Timeout = Patience, MaxResponseContentBufferSize = BytesMax };
        try
        {
            using var response = await client.GetAsync(metrics, cancellation);
            return response.IsSuccessStatusCode ? Parse(await response.Content.ReadAsStringAsync(cancellation)) : null;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>The counter's value, added up over its labels; null when none of the names is there.</summary>
    internal static double? Parse(string text)
    {
        foreach (var name in Names)
        {
            double? sum = null;
            foreach (var line in text.AsSpan().EnumerateLines())
            {
                if (ValueOf(line, name) is { } value)
                    sum = (sum ?? 0) + value;
            }

            if (sum is not null)
                return sum;
        }

        return null;
    }

    /// <summary><c>name 12</c>, <c>name{label="a b"} 1.2e9 1700000000</c>: what follows the name and its labels, before a time.</summary>
    private static double? ValueOf(ReadOnlySpan<char> line, string name)
    {
        if (!line.StartsWith(name, StringComparison.Ordinal) || line.Length == name.Length || line[name.Length] is not (' ' or '\t' or '{'))
            return null;
        var rest = line[name.Length] == '{' ? line[(line.LastIndexOf('}') + 1)..] : line[name.Length..];
        rest = rest.Trim();
        var end = rest.IndexOfAny(' ', '\t');
        return double.TryParse(end < 0 ? rest : rest[..end], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;
    }
}
