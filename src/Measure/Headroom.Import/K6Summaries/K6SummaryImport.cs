using System.Globalization;
using System.Reflection;
using Headroom.Measurements;

namespace Headroom.Import.K6Summaries;

/// <summary>A run file from k6's summary: what k6 measured, under the names that Headroom has for it, and nothing else.</summary>
internal sealed class K6SummaryImport(K6SummaryFile file, RunImportOptions options)
{
    // Told apart from those of the plan, because a script has them for the parts of its summary only.
    private static readonly string[] AlwaysMet = ["max>=0", "count>=0", "rate>=0"];

    private static readonly string[] Figures = ["min", "avg", "med", "max", "p(75)", "p(90)", "p(95)", "p(99)", "p(99.9)"];

    // http_req_duration{expected_response:true} is k6's own and no part of the plan.
    private const string OwnTag = "expected_response";

    private static readonly string Version = typeof(K6SummaryImport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>Ten years: longer than any test, short of where times overflow.</summary>
    private const double SecondsMax = 10 * 366 * 86_400.0;

    /// <summary>Beyond it a double does not count in ones.</summary>
    private const double CountMax = 9_007_199_254_740_992;

    private readonly List<ImportNote> _notes = [];
    private long _dropped;

    public ImportedRun Read()
    {
        var parts = file.Parts is { } json ? K6SummaryParts.Read(json, options.Source) : null;
        var selector = parts?.Selector ?? "";
        var whole = selector.TrimEnd(',');
        var requests = Metric("http_reqs", whole) ?? throw Error("has no 'http_reqs': the test sent no HTTP request, so there is nothing to report");
        var test = file.DurationSeconds ?? (Value(requests, "count") is > 0 and var count ? count / Value(requests, "rate") : 0);
        if (test is not (>= 0 and <= SecondsMax))
            throw Error(string.Create(CultureInfo.InvariantCulture, $"says that the test took {test} s: 'testRunDurationMs', or count and rate of 'http_reqs', are not those of a test"));
        var (begins, duration) = Measured(parts, test);
        _dropped = Dropped(parts);
        var summary = Summary(whole, duration, isPart: false)!;
        TellSelectorsOfTwo(selector);
        var ended = parts?.EndedAt ?? options.EndedAt;
        if (parts?.EndedAt is null)
            Guess("the summary does not say when the test ended; the file's own time is taken");
        if (parts is null)
            Guess(string.Create(CultureInfo.InvariantCulture, $"requests/s are those of the whole test, {test:0.###} s, with its setup, its teardown and what it sent to warm up; a script of 'headroom export k6' tells them from the load"));
        if (parts is null)
            Guess("requests, tags and scenarios are those that the script's thresholds name; a script of 'headroom export k6' has all of them");
        var run = new RunFile
        {
            Plan = new RunPlan { Name = parts?.Plan ?? options.Name, Target = parts?.Target ?? "not known", Digest = parts?.Digest, Phases = parts?.Phases ?? [] },
            Environment = new RunEnvironment { HeadroomVersion = Version, Runtime = "k6", OperatingSystem = "not known", Architecture = "not known", ProcessorCount = 0 },
            StartedAt = (ended - TimeSpan.FromSeconds(test - begins)).ToUniversalTime(),
            DurationSeconds = duration,
            Summary = summary,
            RequestsByName = Parts("name", selector, duration),
            RequestsByTag = TaggedParts(selector, duration),
            Iterations = Iterations(whole, duration),
            Checks = Checks(parts, selector),
            Phases = Phases(parts, selector, begins, duration),
            Generator = new GeneratorUsage { CpuSeconds = 0, CpuMicrosecondsPerRequest = 0, PeakRssBytes = 0, LagMs = new LatencySummary() },
            Thresholds = Thresholds(whole),
            Warnings = [Finding(summary)],
            Origin = new RunOrigin
            {
                Tool = "k6",
                LatencyFrom = "sent",
                NotKnown = ["environment", "generator", "stdDev", "bodyBytes", "decodedBodyBytes", "statuses", "errorsByKind", "series", "requestsByName.bytesReceived", "requestsByName.bytesSent"],
            },
        };
        return new ImportedRun(run, _notes);
    }

    private ImportException Error(string text) => new($"{options.Source}: {text}");

    private void Guess(string text) => _notes.Add(new ImportNote(ImportNoteKind.Guess, options.Source, text));

    private K6SummaryMetric? Metric(string name, string selector) => file.Metrics.GetValueOrDefault(selector.Length == 0 ? name : $"{name}{{{selector}}}");

    private double Value(K6SummaryMetric metric, string name)
    {
        if (!metric.Values.TryGetValue(name, out var value))
            throw Error($"'{metric.Name}' has no '{name}', which every summary of k6 has");
        return value is >= 0 and <= CountMax ? value : throw Error(string.Create(CultureInfo.InvariantCulture, $"'{metric.Name}' has a '{name}' of {value}, which no test counts"));
    }

    /// <summary>
    /// When the load began and how long it took, in seconds, as in Headroom's own run files: from the first scenario that is no warm-up to the last response. An exported script counts the time of setup and teardown; the time
    /// of the whole test, by which k6 divides, would make a load of 10 s behind 10 s of warm-up half of what it was.
    /// </summary>
    private (double Begins, double Seconds) Measured(K6SummaryParts? parts, double test)
    {
        if (parts?.Phases is not { Count: > 0 } phases)
            return (0, test);
        var outside = Metric("setup_and_teardown_time", "") is { } time ? Value(time, "count") / 1000 : 0;
        var begins = Math.Clamp(phases.Min(static phase => phase.StartSeconds), 0, test);
        return (begins, Math.Max(0, test - outside - begins));
    }

    /// <summary>Of the scenarios that are load where the summary tells them from warm-ups.</summary>
    private long Dropped(K6SummaryParts? parts)
    {
        if (parts?.Phases?.Select(phase => Metric("dropped_iterations", $"scenario:{phase.Name}")).ToList() is { Count: > 0 } dropped && !dropped.Contains(null))
            return dropped.Sum(metric => (long)Value(metric!, "count"));
        return Metric("dropped_iterations", "") is { } all ? (long)Value(all, "count") : 0;
    }

    /// <summary>Null where the summary has not all that is needed of a part.</summary>
    private RequestSummary? Summary(string selector, double duration, bool isPart)
    {
        var (count, failed, trend) = (Metric("http_reqs", selector), Metric("http_req_failed", selector), Metric("http_req_duration", selector));
        if (isPart && (count is null || failed is null || trend is null))
        {
            _notes.Add(new ImportNote(ImportNoteKind.LeftOut, options.Source, $"{{{selector}}}: the summary has not its http_reqs, http_req_failed and http_req_duration; thresholds in the script name them"));
            return null;
        }

        if (count is null || failed is null || trend is null)
            throw Error("has not all of http_reqs, http_req_failed and http_req_duration");
        var requests = (long)Value(count, "count");
        var errors = (long)Value(failed, "passes");
        var latency = requests > 0 ? Latency(trend) : new LatencySummary();
        return new RequestSummary
        {
            Requests = requests,
            RequestsPerSecond = duration > 0 ? requests / duration : 0,
            Errors = errors,
            ErrorRate = requests > 0 ? (double)errors / requests : 0,
            BytesReceived = isPart ? 0 : Bytes("data_received", selector),
            BytesSent = isPart ? 0 : Bytes("data_sent", selector),
            LatencyMs = latency,
            ServiceTimeMs = latency,
            Dropped = isPart ? 0 : _dropped,
        };
    }

    private long Bytes(string name, string selector) => (Metric(name, selector) ?? Metric(name, "")) is { } metric ? (long)Value(metric, "count") : 0;

    private LatencySummary Latency(K6SummaryMetric trend)
    {
        if (Figures.Where(figure => !trend.Values.ContainsKey(figure)).ToArray() is { Length: > 0 } missing)
        {
            throw Error($"'{trend.Name}' has no {string.Join(", ", missing)}, which a run file needs and nothing can make from the rest; run k6 with "
                + $"--summary-trend-stats '{string.Join(",", Figures)}' (a script of 'headroom export k6' does)");
        }

        if (Array.Find(Figures, figure => trend.Values[figure] is not (>= 0 and <= CountMax)) is { } wrong)
            throw Error(string.Create(CultureInfo.InvariantCulture, $"'{trend.Name}' has a '{wrong}' of {trend.Values[wrong]}, which is no time"));
        return new LatencySummary
        {
            Min = trend.Values["min"],
            P50 = trend.Values["med"],
            P75 = trend.Values["p(75)"],
            P90 = trend.Values["p(90)"],
            P95 = trend.Values["p(95)"],
            P99 = trend.Values["p(99)"],
            P999 = trend.Values["p(99.9)"],
            Max = trend.Values["max"],
            Mean = trend.Values["avg"],
        };
    }

    /// <summary>Selectors that the durations have, without the part that all of them begin with.</summary>
    private IEnumerable<(string Tag, string Value)> Selectors(string prefix)
    {
        const string Of = "http_req_duration{";
        foreach (var name in file.Metrics.Keys.Where(name => name.StartsWith(Of + prefix, StringComparison.Ordinal) && name.EndsWith('}')))
        {
            var rest = name[(Of.Length + prefix.Length)..^1];
            var colon = rest.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && !rest.Contains(',', StringComparison.Ordinal) && rest[..colon] is not ("part" or OwnTag))
                yield return (rest[..colon], rest[(colon + 1)..]);
        }
    }

    /// <summary>A run file has parts by one tag. That the exported script names each part by one beside its prefix is its own affair.</summary>
    private void TellSelectorsOfTwo(string prefix)
    {
        foreach (var name in file.Metrics.Keys.Where(static name => name.StartsWith("http_req", StringComparison.Ordinal) && name.EndsWith('}')))
        {
            var rest = name[(name.IndexOf('{', StringComparison.Ordinal) + 1)..^1];
            if (rest.Contains(',', StringComparison.Ordinal) && !(prefix.Length > 0 && rest.StartsWith(prefix, StringComparison.Ordinal) && !rest[prefix.Length..].Contains(',', StringComparison.Ordinal)))
                _notes.Add(new ImportNote(ImportNoteKind.LeftOut, options.Source, $"'{name}': a run file has parts by one tag; its thresholds are kept"));
        }
    }

    private Dictionary<string, RequestSummary> Parts(string tag, string prefix, double duration)
    {
        var parts = new Dictionary<string, RequestSummary>(StringComparer.Ordinal);
        foreach (var (_, value) in Selectors(prefix).Where(selector => selector.Tag == tag))
        {
            if (Summary($"{prefix}{tag}:{value}", duration, isPart: true) is { Requests: > 0 } summary)
                parts[value] = summary;
        }

        return parts;
    }

    private Dictionary<string, RequestSummary> TaggedParts(string prefix, double duration)
    {
        var parts = new Dictionary<string, RequestSummary>(StringComparer.Ordinal);
        foreach (var (tag, value) in Selectors(prefix).Where(static selector => selector.Tag is not ("name" or "scenario")))
        {
            if (Summary($"{prefix}{tag}:{value}", duration, isPart: true) is { Requests: > 0 } summary)
                parts[$"{tag}:{value}"] = summary;
        }

        return parts;
    }

    private List<RunPhase> Phases(K6SummaryParts? parts, string prefix, double begins, double duration)
    {
        var phases = new List<RunPhase>();
        foreach (var (name, summary) in Parts("scenario", prefix, duration))
        {
            // What ends with its iterations ends before its longest time, and what was broken off, too.
            var planned = parts?.Phases?.FirstOrDefault(phase => phase.Name == name);
            var start = Math.Clamp((planned?.StartSeconds ?? begins) - begins, 0, duration);
            var length = Math.Clamp(planned?.DurationSeconds ?? duration, 0, duration - start);
            phases.Add(new RunPhase
            {
                Name = name,
                StartSeconds = start,
                DurationSeconds = length,
                Summary = summary with { RequestsPerSecond = length > 0 ? summary.Requests / length : 0 },
            });
        }

        return phases;
    }

    private IterationSummary? Iterations(string selector, double duration)
    {
        if ((Metric("iterations", selector) ?? Metric("iterations", "")) is not { } iterations || (Metric("iteration_duration", selector) ?? Metric("iteration_duration", "")) is not { } trend)
            return null;
        var count = (long)Value(iterations, "count");
        return new IterationSummary
        {
            Count = count,
            PerSecond = duration > 0 ? count / duration : 0,
            DurationMs = Latency(trend),
            Dropped = _dropped,
        };
    }

    private List<CheckSummary> Checks(K6SummaryParts? parts, string prefix)
    {
        if (parts?.Checks is not { } known)
            return [.. file.Checks.Select(static check => new CheckSummary { Name = check.Name, Request = "all requests", Passes = check.Passes, Fails = check.Fails })];
        return
        [
            .. known.Select(check => (check, Metric: Metric("checks", $"{prefix}name:{check.Request},check:{check.Name}"))).Where(static pair => pair.Metric is not null)
                .Select(pair => new CheckSummary { Name = pair.check.Name, Request = pair.check.Request, Passes = (long)Value(pair.Metric!, "passes"), Fails = (long)Value(pair.Metric!, "fails") }),
        ];
    }

    private List<ThresholdResult> Thresholds(string whole)
    {
        var results = new List<ThresholdResult>();
        foreach (var metric in file.Metrics.Values)
        {
            // Without what only says that setup and warm-up are no load.
            var name = whole.Length == 0 ? metric.Name : metric.Name.Replace($"{{{whole}}}", "", StringComparison.Ordinal).Replace($"{{{whole},", "{", StringComparison.Ordinal);
            foreach (var (condition, isMet) in metric.Thresholds.Where(static threshold => !AlwaysMet.Contains(threshold.Condition.Replace(" ", "", StringComparison.Ordinal))))
            {
                var end = condition.AsSpan().IndexOfAny('<', '>', '=') is var at and >= 0 ? at : condition.Length;
                var aggregation = condition[..end].TrimEnd(' ', '!');
                double? observed = metric.Values.TryGetValue(aggregation, out var value) || (aggregation == "rate" && metric.Values.TryGetValue("value", out value)) ? value : null;
                results.Add(new ThresholdResult
                {
                    Expression = $"{name}: {condition}",
                    Observed = observed,
                    ObservedText = observed?.ToString("0.####", CultureInfo.InvariantCulture),
                    Passed = isMet,
                    Reason = observed is null ? "k6 judged it, and its summary has not the figure" : null,
                });
            }
        }

        return results;
    }

    private static Finding Finding(RequestSummary summary) => new()
    {
        Code = "k6-summary",
        Severity = FindingSeverity.Info,
        Summary = "The figures are those of a k6 summary: latency counts from when requests were sent, and there is no histogram and nothing by second or status.",
        Evidence = summary.Dropped > 0 ? [string.Create(CultureInfo.InvariantCulture, $"{summary.Dropped} iterations were dropped: what they would have waited stands in no latency")] : [],
        Remedy = "Compare it with runs of k6 only; for latency from when requests were due, run the plan with headroom load.",
        Docs = "docs/findings/k6-summary.md",
    };
}
