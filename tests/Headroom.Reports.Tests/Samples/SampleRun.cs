using Headroom.Measurements;

namespace Headroom.Reports.Tests.Samples;

/// <summary>An endpoint of a made-up service, by what makes its figures.</summary>
/// <param name="Name">Request name.</param>
/// <param name="MedianMs">Median latency.</param>
/// <param name="TailRatio">The 99th percentile over the median.</param>
/// <param name="Share">Its part of all requests.</param>
/// <param name="WireBytes">Bytes of a response on the wire.</param>
/// <param name="DecodedBytes">Bytes of its body, decoded.</param>
/// <param name="ErrorShare">Part of its requests that fail.</param>
/// <param name="HitShare">Part of its responses that say they came from a cache; null when none says.</param>
/// <param name="CpuMicroseconds">Server CPU for each request; null when not known.</param>
internal sealed record SampleEndpoint(
    string Name, double MedianMs, double TailRatio = 4, double Share = 1, int WireBytes = 2_000, int DecodedBytes = 2_000,
    double ErrorShare = 0, double? HitShare = null, double? CpuMicroseconds = null);

/// <summary>
/// Run files for the reports' tests: from a seed, so that they are the same on every machine. The latencies are log-normal and go
/// through the real histogram, so that percentiles, histograms and series agree as in a measured run.
/// </summary>
internal sealed class SampleRun
{
    private static readonly double Normal99 = 2.3263478740408408;
    private readonly Random _random;
    private readonly Dictionary<string, RequestTally> _byName = new(StringComparer.Ordinal);
    private readonly RequestTally _all = new();
    private readonly List<SeriesPoint> _series = [];

    private SampleRun(int seed) => _random = new Random(seed);

    public static DateTimeOffset Start { get; } = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);

    public static RunFile Of(IReadOnlyList<SampleEndpoint> endpoints, int seconds, int requestsPerSecond, int seed = 1, int connections = 50) =>
        new SampleRun(seed).Build(endpoints, seconds, requestsPerSecond, connections);

    private RunFile Build(IReadOnlyList<SampleEndpoint> endpoints, int seconds, int requestsPerSecond, int connections)
    {
        foreach (var endpoint in endpoints)
            _byName[endpoint.Name] = new RequestTally();
        for (var second = 0; second < seconds; second++)
            _series.Add(Second(endpoints, second, requestsPerSecond));

        var cpuSeconds = endpoints.Sum(endpoint => (endpoint.CpuMicroseconds ?? 0) * _byName[endpoint.Name].Requests / 1e6);
        var seesTarget = endpoints.Any(endpoint => endpoint.CpuMicroseconds is not null);
        var summary = _all.Summarize(seconds, seesTarget ? cpuSeconds : null);
        return new RunFile
        {
            Plan = new RunPlan
            {
                Name = "mixed",
                Target = "http://127.0.0.1:5080",
                Digest = "5f2d1c8be4a09f37215d6c0b9e8a7f6d5c4b3a29181706f5e4d3c2b1a0998877",
                WarmUpSeconds = 2,
                Phases = [new PlannedPhase { Name = "concurrent", Executor = "constant-vus", Connections = connections, DurationSeconds = seconds }],
            },
            Environment = new RunEnvironment
            {
                HeadroomVersion = "0.1.0", Runtime = ".NET 10.0.0", OperatingSystem = "Debian GNU/Linux 12", Architecture = "x64",
                Processor = "Example CPU", ProcessorCount = 2, MemoryBytes = 25_165_824_000,
            },
            StartedAt = Start,
            DurationSeconds = seconds,
            Summary = summary,
            RequestsByName = endpoints.ToDictionary(endpoint => endpoint.Name, endpoint => OfEndpoint(endpoint, seconds), StringComparer.Ordinal),
            Statuses = summary.Statuses,
            ErrorsByKind = summary.ErrorsByKind,
            WarmUp = new WarmUpTotals { Requests = requestsPerSecond * 2, BytesReceived = requestsPerSecond * 4_000L },
            Generator = new GeneratorUsage
            {
                CpuSeconds = summary.Requests * 9e-6, CpuMicrosecondsPerRequest = 9, PeakRssBytes = 61_400_000, RssGrowthBytesPerHour = 1_200_000, Workers = 2,
                LagMs = new LatencySummary { P50 = 0.011, P75 = 0.015, P90 = 0.03, P95 = 0.06, P99 = 0.21, P999 = 0.9, Max = 1.8, Mean = 0.02 },
                GarbageCollections = 3, GarbageCollectionPauseMs = 1.9,
            },
            Target = seesTarget ? Usage(cpuSeconds, summary.Requests) : null,
            Series = _series,
        };
    }

    private SeriesPoint Second(IReadOnlyList<SampleEndpoint> endpoints, int second, int requestsPerSecond)
    {
        var tally = new RequestTally();
        var shares = endpoints.Sum(endpoint => endpoint.Share);
        var cpu = 0.0;
        foreach (var endpoint in endpoints)
        {
            var requests = (int)Math.Round(requestsPerSecond * endpoint.Share / shares * (0.97 + (0.06 * _random.NextDouble())));
            cpu += requests * (endpoint.CpuMicroseconds ?? 0) / 1e6;
            for (var i = 0; i < requests; i++)
                Record(endpoint, tally);
        }

        _all.Add(tally);
        return new SeriesPoint
        {
            Second = second,
            Requests = tally.Requests,
            Errors = tally.Errors,
            BytesReceived = tally.BytesReceived,
            LatencyMs = tally.Latency.Summarize(),
            LatencyHistogram = tally.Latency.Encode(),
            Phase = "concurrent",
            TargetCpuCores = cpu > 0 ? cpu : null,
            TargetRssBytes = cpu > 0 ? 71_000_000 + (long)(18_000_000 * (1 - Math.Exp(-second / 6.0))) + _random.Next(400_000) : null,
            TargetOpenHandles = cpu > 0 ? 212 + _random.Next(4) : null,
        };
    }

    private void Record(SampleEndpoint endpoint, RequestTally second)
    {
        var sigma = Math.Log(endpoint.TailRatio) / Normal99;
        var service = endpoint.MedianMs * Math.Exp(sigma * NextNormal());
        var failed = _random.NextDouble() < endpoint.ErrorShare;
        bool? hit = endpoint.HitShare is { } share ? _random.NextDouble() < share : null;
        foreach (var tally in new[] { _byName[endpoint.Name], second })
        {
            tally.Requests++;
            tally.Latency.Record((long)(service * 1.04e6));
            tally.ServiceTime.Record((long)(service * 1e6));
            tally.BytesReceived += endpoint.WireBytes;
            tally.BytesSent += 180;
            tally.BodyBytes += Math.Max(0, endpoint.WireBytes - 160);
            tally.DecodedBodyBytes += endpoint.DecodedBytes;
            tally.StatusCounts[failed ? 503 : 200]++;
            if (failed)
                tally.RecordError("http5xx");
            if (hit is true)
                tally.CacheHits++;
            else if (hit is false)
                tally.CacheMisses++;
        }
    }

    private RequestSummary OfEndpoint(SampleEndpoint endpoint, int seconds)
    {
        var tally = _byName[endpoint.Name];
        return tally.Summarize(seconds, endpoint.CpuMicroseconds * tally.Requests / 1e6);
    }

    private static TargetUsage Usage(double cpuSeconds, long requests) => new()
    {
        ProcessIds = [4711],
        ProcessName = "ReferenceApi",
        CpuSeconds = cpuSeconds,
        CpuMicrosecondsPerRequest = requests > 0 ? cpuSeconds * 1e6 / requests : 0,
        RssBytes = new Gauge { Start = 71_000_000, Peak = 89_300_000, End = 88_100_000 },
        RssGrowthBytesPerHour = 2_400_000,
        OpenHandles = new Gauge { Start = 212, Peak = 266, End = 214 },
        Threads = new Gauge { Start = 31, Peak = 38, End = 34 },
    };

    /// <summary>Box and Muller.</summary>
    private double NextNormal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
