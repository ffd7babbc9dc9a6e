using System.Globalization;
using Headroom.Load.Flows;
using Headroom.Load.Wire;
using Headroom.Measurements;

namespace Headroom.Load;

/// <summary>What is known of a run beside its figures.</summary>
internal sealed record RunFacts
{
    /// <summary>How long the sending threads were active while measuring, added up.</summary>
    public required double WorkerSeconds { get; init; }

    public required long UnknownCodings { get; init; }

    /// <summary>Bodies of which checks and extractions saw only the beginning.</summary>
    public required long TruncatedBodies { get; init; }

    public required IReadOnlyList<string> TeardownFailures { get; init; }

    public required RunHalt Halt { get; init; }

    /// <summary>By how much the wall clock moved against the monotonic one between the run's start and end.</summary>
    public required TimeSpan ClockStep { get; init; }
}

/// <summary>What a reader of the run has to know before trusting its figures. A pure function of the plan, the figures and the facts.</summary>
internal static class RunFindings
{
    private const double LagP99MsMax = 1;
    private const double BusyShareMax = 0.9;
    private const double FailedShareMin = 0.5;
    private static readonly TimeSpan ClockStepMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GrowthTimeMin = TimeSpan.FromMinutes(5);
    private const double OverrunSecondsMin = 0.5;
    private const double OverrunShareMax = 0.05;

    public static IReadOnlyList<Finding> Of(LoadPlan plan, RunFile run, RunFacts facts, LoadOptions options)
    {
        var findings = new List<Finding>();
        AddGenerator(run, facts.WorkerSeconds, findings);
        AddGeneratorMemory(run, findings);
        AddArrivals(plan, run, findings);
        AddOverrun(run, findings);
        AddExhaustion(run, findings);
        AddFailures(run, findings);
        if (run.Summary.Requests == 0 && !run.Interrupted)
        {
            findings.Add(new Finding
            {
                Code = "nothing-measured",
                Severity = FindingSeverity.Critical,
                Summary = "No request ended while measuring.",
                Remedy = "Measure for longer than the target takes to answer, or look at why it does not answer.",
                Docs = "docs/findings/nothing-measured.md",
            });
        }
        else if (run.Summary.Requests < LatencySummary.RequestsForP99)
        {
            findings.Add(new Finding
            {
                Code = "few-samples",
                Severity = FindingSeverity.Info,
                Summary = Text($"Only {(run.Summary.Requests == 1 ? "1 request was" : $"{run.Summary.Requests} requests were")} measured: p99 {P99RestsOn(run.Summary.Requests)}."),
                Remedy = "Measure longer (--duration) before you compare p99 or p99.9.",
                Docs = "docs/findings/few-samples.md",
            });
        }

        FlowFindings.Add(plan, run, facts, findings);
        if (facts.UnknownCodings > 0)
        {
            findings.Add(new Finding
            {
                Code = "unknown-content-encoding",
                Severity = FindingSeverity.Info,
                Summary = Text($"{facts.UnknownCodings} responses have a Content-Encoding other than br and gzip; their decoded size is counted as received."),
                Remedy = "Ask for br or gzip (Accept-Encoding) where decoded bytes matter.",
                Docs = "docs/findings/unknown-content-encoding.md",
            });
        }

        if (facts.ClockStep.Duration() >= ClockStepMin)
        {
            findings.Add(new Finding
            {
                Code = "clock-step",
                Severity = FindingSeverity.Info,
                Summary = Text($"The machine's clock was set by {facts.ClockStep.TotalSeconds:0.#} s during the run. No figure contains that; only the time of the start is uncertain."),
                Remedy = "Nothing for this run; compare its start with the target's logs by hand.",
                Docs = "docs/findings/clock-step.md",
            });
        }

        if (options.Insecure && plan.AllRequests().Any(request => request.Url.Scheme == Uri.UriSchemeHttps))
        {
            findings.Add(new Finding
            {
                Code = "certificate-not-checked",
                Severity = FindingSeverity.Info,
                Summary = "The target's certificate was not checked (--insecure).",
                Remedy = "Leave --insecure out when the target is not a test machine.",
                Docs = "docs/findings/certificate-not-checked.md",
            });
        }

        return findings;
    }

    /// <summary>Below a hundred requests the 99th of a hundred is the slowest.</summary>
    private static string P99RestsOn(long requests) =>
        requests < 100 ? "is the slowest of them" : string.Create(CultureInfo.InvariantCulture, $"rests on {requests / 100} of them");

    private static void AddFailures(RunFile run, List<Finding> findings)
    {
        if (run.Summary.Requests == 0 || run.Summary.Errors < run.Summary.Requests * FailedShareMin)
            return;
        var kinds = run.ErrorsByKind.OrderByDescending(kind => kind.Value).ThenBy(kind => kind.Key, StringComparer.Ordinal).ToArray();

        // What Ctrl-C broke off did not fail.
        if (run.Interrupted && kinds is [{ Key: "interrupted" }, ..])
            return;
        findings.Add(new Finding
        {
            Code = "requests-failed",
            Severity = FindingSeverity.Critical,
            Summary = Text($"{run.Summary.Errors} of {run.Summary.Requests} requests failed: the figures are chiefly those of failures."),
            Evidence = [.. kinds.Select(kind => Text($"{kind.Key} {kind.Value}"))],
            Remedy = kinds is [var most, ..] ? RemedyOf(most.Key) : "Look at what the target answers, with curl -i.",
            Docs = "docs/findings/requests-failed.md",
        });
    }

    private static string RemedyOf(string kind) => kind switch
    {
        "http4xx" => "Check address, method, body and credentials, with curl -i.",
        "http5xx" => "Look into the target's log; lower the load when it answers with curl -i.",
        "connectionReset" or "connectionClosed" or "prematureEnd" or "badStatusLine" =>
            "Check that the target speaks HTTP/1.1 there: write https:// where it wants TLS, --http2 where it speaks HTTP/2 alone. Otherwise its log says why it closes.",
        "responseTimeout" or "totalTimeout" or "connectTimeout" => "Lower the load, or raise --timeout when such answers are right.",
        _ => "docs/errors.md says what each kind of error is.",
    };

    private static void AddGenerator(RunFile run, double workerSeconds, List<Finding> findings)
    {
        var generator = run.Generator;
        var busy = workerSeconds > 0 ? generator.CpuSeconds / workerSeconds : 0;
        var lagging = generator.LagMs.P99 > LagP99MsMax;
        if (busy <= BusyShareMax && !lagging)
            return;
        findings.Add(new Finding
        {
            Code = "generator-saturated",
            Summary = lagging
                ? Text($"The generator was late by its own fault: lag p99 {generator.LagMs.P99:0.##} ms. Latencies contain that.")
                : Text($"The generator used {busy * 100:0} % of the cores that its threads can use: the rate may be its limit, not the target's."),
            Evidence =
            [
                Text($"lag p50 {generator.LagMs.P50:0.###} ms, p99 {generator.LagMs.P99:0.###} ms, max {generator.LagMs.Max:0.###} ms"),
                Text($"{generator.CpuSeconds:0.##} CPU seconds in {workerSeconds:0.##} s of sending threads"),
                Text($"{generator.GarbageCollections} garbage collection{(generator.GarbageCollections == 1 ? "" : "s")}, {generator.GarbageCollectionPauseMs:0.#} ms paused"),
            ],
            Remedy = "Give the generator cores of its own (another machine, or taskset), add --workers, or lower the rate or the connections.",
            Docs = "docs/findings/generator-saturated.md",
        });
    }

    /// <summary>Not in short runs: connections that open and code that is compiled are a slope there.</summary>
    private static void AddGeneratorMemory(RunFile run, List<Finding> findings)
    {
        var length = TimeSpan.FromSeconds(run.DurationSeconds);
        if (length < GrowthTimeMin || run.Generator.RssGrowthBytesPerHour is not { } perHour || perHour * length.TotalHours <= LoadProfiles.GrowthBytesMax)
            return;
        findings.Add(new Finding
        {
            Code = "generator-memory-growth",
            Summary = Text($"The generator's own memory grew by {perHour / 1e6:0.#} MB per hour."),
            Evidence = [Text($"{perHour * length.TotalHours / 1e6:0.#} MB over {length.TotalMinutes:0.#} min of measuring; peak {run.Generator.PeakRssBytes / 1e6:0.#} MB")],
            Remedy = "Look at what the plan makes it keep: VUs that a ramp adds late, responses near captureLimit; otherwise report it with the run file.",
            Docs = "docs/findings/generator-memory-growth.md",
        });
    }

    private static void AddArrivals(LoadPlan plan, RunFile run, List<Finding> findings)
    {
        if (run.Summary.Dropped > 0)
        {
            findings.Add(new Finding
            {
                Code = "arrivals-dropped",
                Severity = FindingSeverity.Critical,
                Summary = Text($"{run.Summary.Dropped} arrivals were due and never started: the target did not keep up with the rate."),
                Evidence = [Text($"{run.Summary.Requests} requests ended; the run waited {plan.GracefulStop.TotalSeconds:0.#} s after its end")],
                Remedy = "The target's capacity is below this rate. Lower --rate; more connections help only if the target is not busy.",
                Docs = "docs/findings/arrivals-dropped.md",
            });
        }
    }

    /// <summary>The open model waits for what is late, so an overload shows in how long after the end the last request came back.</summary>
    private static void AddOverrun(RunFile run, List<Finding> findings)
    {
        if (run.Interrupted)
            return;
        foreach (var (planned, phase) in run.Plan.Phases.Where(phase => phase.RatePerSecond is not null).Join(run.Phases, phase => phase.Name, phase => phase.Name, (planned, phase) => (planned, phase)))
        {
            var overrun = phase.DurationSeconds - planned.DurationSeconds;
            if (overrun <= Math.Max(OverrunSecondsMin, planned.DurationSeconds * OverrunShareMax))
                continue;
            findings.Add(new Finding
            {
                Code = "rate-not-reached",
                Severity = FindingSeverity.Critical,
                Summary = Text($"The target did not keep up with the rate of '{phase.Name}': its last requests ended {overrun:0.#} s after the last one was due."),
                Evidence = [Text($"{phase.Summary.RequestsPerSecond:0.#} requests/s reached of {planned.RatePerSecond:0.#}/s planned")],
                Remedy = "The target's capacity, or that of the connections given, is below this rate. Lower --rate or give more --connections.",
                Docs = "docs/findings/rate-not-reached.md",
            });
        }
    }

    private static void AddExhaustion(RunFile run, List<Finding> findings)
    {
        if (run.ErrorsByKind.TryGetValue(WireError.FilesExhausted.Name(), out var files))
        {
            findings.Add(new Finding
            {
                Code = "files-exhausted",
                Severity = FindingSeverity.Critical,
                Summary = Text($"{files} connections failed because this process may not open more files."),
                Remedy = "Raise the limit (ulimit -n) or use fewer connections.",
                Docs = "docs/findings/files-exhausted.md",
            });
        }

        if (run.ErrorsByKind.TryGetValue(WireError.PortsExhausted.Name(), out var ports))
        {
            findings.Add(new Finding
            {
                Code = "ports-exhausted",
                Severity = FindingSeverity.Critical,
                Summary = Text($"{ports} connections failed because no local port was free."),
                Remedy = "Use keep-alive (the target closes its connections), fewer connections, or widen net.ipv4.ip_local_port_range.",
                Docs = "docs/findings/ports-exhausted.md",
            });
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
