namespace Headroom.Measurements.Tests;

/// <summary>Runs to test with: small, deterministic, and with every field of the contract set.</summary>
internal static class SampleRun
{
    public static readonly DateTimeOffset StartedAt = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    public static RunFile Complete()
    {
        var items = Tally([12_345_678, 15_000_000, 20_000_000, 150_000_000], errors: 1);
        var users = Tally([3_000_000, 4_000_000], errors: 0);
        var all = new RequestTally();
        all.Add(items);
        all.Add(users);
        return new RunFile
        {
            Plan = new RunPlan
            {
                Name = "checkout",
                Target = "http://127.0.0.1:5000",
                Digest = new string('a', 64),
                WarmUpSeconds = 2,
                Phases =
                [
                    new PlannedPhase { Name = "constant-rate", Executor = "constant-arrival-rate", Connections = 4, RatePerSecond = 3, StartSeconds = 2, DurationSeconds = 2 },
                    new PlannedPhase { Name = "climb", Executor = "ramping-vus", Connections = 8, Levels = [new LevelPoint(0, 1), new LevelPoint(2.5, 8)], DurationSeconds = 2.5 },
                    new PlannedPhase { Name = "shared", Executor = "shared-iterations", Connections = 2, Iterations = 500, DurationSeconds = 60 },
                ],
            },
            Environment = new RunEnvironment
            {
                HeadroomVersion = "0.1.0",
                Runtime = ".NET 10.0.0",
                OperatingSystem = "Debian GNU/Linux 12",
                Architecture = "x64",
                Processor = "Example CPU",
                ProcessorCount = 2,
                MemoryBytes = 8_000_000_000,
            },
            StartedAt = StartedAt,
            DurationSeconds = 2.000123,
            Interrupted = true,
            AbortedBy = "p95<150ms",
            Summary = all.Summarize(2.000123, targetCpuSeconds: 0.006),
            RequestsByName = new Dictionary<string, RequestSummary> { ["GET /items"] = items.Summarize(2.000123), ["GET /users/{id}"] = users.Summarize(2.000123) },
            RequestsByTag = new Dictionary<string, RequestSummary> { ["kind:read"] = all.Summarize(2.000123) },
            Iterations = Iterations([12_345_678, 15_000_000, 150_000_000]).Summarize(2.000123),
            Checks =
            [
                new CheckSummary { Name = "status is 200", Request = "GET /items", Passes = 3, Fails = 1 },
                new CheckSummary { Name = "status is 200", Request = "GET /users/{id}", Passes = 2, Fails = 0 },
                new CheckSummary { Name = "has a name", Request = "GET /users/{id}", Passes = 1, Fails = 1 },
            ],
            FailedExtractions = [new FailedExtraction { Request = "GET /items", Variable = "id", Count = 1 }],
            Phases = [new RunPhase { Name = "constant-rate", StartSeconds = 0, DurationSeconds = 2.000123, Summary = all.Summarize(2.000123, 0.006) }],
            Statuses = new Dictionary<string, long> { ["200"] = 5, ["503"] = 1 },
            ErrorsByKind = new Dictionary<string, long> { ["http5xx"] = 1 },
            WarmUp = new WarmUpTotals { Requests = 6, Errors = 1, BytesReceived = 6_000 },
            Generator = new GeneratorUsage
            {
                CpuSeconds = 0.5,
                CpuMicrosecondsPerRequest = 83_333.333333,
                PeakRssBytes = 50_000_000,
                LagMs = LatencyHistogramOf([50_000, 90_000]).Summarize(),
                LagHistogram = LatencyHistogramOf([50_000, 90_000]).Encode(),
                Workers = 2,
                GarbageCollections = 3,
                GarbageCollectionPauseMs = 1.5,
            },
            Target = new TargetUsage
            {
                ProcessIds = [4711],
                ProcessName = "dotnet",
                CpuSeconds = 0.006,
                CpuMicrosecondsPerRequest = 1_000,
                RssBytes = new Gauge { Start = 80e6, Peak = 95e6, End = 90e6 },
                RssGrowthBytesPerHour = -2_000_000,
                OpenHandles = new Gauge { Start = 100, Peak = 120, End = 110 },
                Threads = new Gauge { Start = 20, Peak = 25, End = 22 },
            },
            TargetMetrics = [new TargetMetric { Name = "key-hit-rate", Value = 0.9, Increase = 9, Over = 10 }, new TargetMetric { Name = "waiting", Reason = "no series waiting" }],
            TargetAllocatedBytes = 48_000,
            Thresholds =
            [
                new ThresholdResult { Expression = "p95<150ms", Observed = 150.0, ObservedText = "150 ms", Passed = false },
                new ThresholdResult { Expression = "hit-rate>85%", Passed = false, Reason = "no response told its cache outcome" },
                new ThresholdResult { Expression = "http_req_duration: p(95)<150", Observed = 150.5, ObservedText = "150.5 ms", Passed = false, Undecided = true, Reason = "the generator was late" },
            ],
            Warnings =
            [
                new Finding
                {
                    Code = "generator-saturated",
                    Summary = "The generator used 98 % of its CPU.",
                    Evidence = ["1.96 of 2 cores"],
                    Impact = new FindingImpact { Value = 98, Unit = "%", Basis = "measured" },
                    Remedy = "Lower the rate, or run the generator on a machine of its own.",
                    Docs = "docs/findings/generator-saturated.md",
                },
            ],
            Series = [Point(0, [12_345_678, 3_000_000, 4_000_000]), Point(1, [15_000_000, 20_000_000, 150_000_000])],
        };
    }

    public static RequestTally Tally(IReadOnlyCollection<long> latenciesNs, int errors)
    {
        var tally = new RequestTally();
        foreach (var latencyNs in latenciesNs)
        {
            tally.Latency.Record(latencyNs);
            tally.ServiceTime.Record(latencyNs / 2);
            tally.Requests++;
            tally.BytesReceived += 1_000;
            tally.BytesSent += 100;
            tally.BodyBytes += 800;
            tally.DecodedBodyBytes += 1_600;
        }

        for (var i = 0; i < errors; i++)
            tally.RecordError("http5xx");

        tally.StatusCounts[503] = errors;
        tally.StatusCounts[200] = tally.Requests - errors;
        tally.CacheMisses = Math.Min(tally.Requests, 1);
        tally.CacheHits = tally.Requests - tally.CacheMisses;
        tally.Dropped = 2;
        foreach (var latencyNs in latenciesNs.Take(2))
        {
            tally.Events += 10;
            tally.TimeToFirstEvent.Record(latencyNs / 4);
        }

        return tally;
    }

    /// <summary>Of these durations; and one that was cut short, which has none.</summary>
    public static IterationTally Iterations(IReadOnlyCollection<long> durationsNs)
    {
        var tally = new IterationTally { Count = durationsNs.Count + 1, CutShort = 1, RequestsSkipped = 2, Interrupted = 1, Dropped = 2 };
        foreach (var durationNs in durationsNs)
            tally.Duration.Record(durationNs);
        return tally;
    }

    private static SeriesPoint Point(double second, long[] latenciesNs) => new()
    {
        Second = second,
        Requests = latenciesNs.Length,
        Errors = 0,
        BytesReceived = 1_000 * latenciesNs.Length,
        LatencyMs = LatencyHistogramOf(latenciesNs).Summarize(),
        LatencyHistogram = LatencyHistogramOf(latenciesNs).Encode(),
        Phase = "constant-rate",
        Vus = latenciesNs.Length,
        TargetCpuCores = 0.25,
        TargetRssBytes = 90_000_000,
        TargetOpenHandles = 110,
    };

    private static LatencyHistogram LatencyHistogramOf(IEnumerable<long> latenciesNs)
    {
        var histogram = new LatencyHistogram();
        foreach (var latencyNs in latenciesNs)
            histogram.Record(latencyNs);
        return histogram;
    }
}
