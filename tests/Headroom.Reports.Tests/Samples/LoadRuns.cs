using Headroom.Measurements;

namespace Headroom.Reports.Tests.Samples;

/// <summary>Runs with what only a load plan gives: checks, iterations, tags, targets in k6's words, VUs by second.</summary>
internal static class LoadRuns
{
    public static RunFile Judged { get; } = MakeJudged();

    /// <summary>Every name is one that tries to leave its place, among them what XML cannot hold at all.</summary>
    public static RunFile Hostile { get; } = MakeHostile();

    private static RunFile MakeJudged()
    {
        var run = SampleRun.Of([new("GET /api/items", 12, 5, 3, 4_100, 23_900), new("POST /api/items", 31, 6, 1, 900, 700, 0.03)], 5, 200, seed: 11, connections: 20);
        return run with
        {
            AbortedBy = "http_req_failed: rate<0.001",
            RequestsByTag = new Dictionary<string, RequestSummary>(StringComparer.Ordinal) { ["area:write"] = run.RequestsByName["POST /api/items"] },
            Iterations = new IterationSummary
            {
                Count = 240, PerSecond = 48, Dropped = 3, Interrupted = 2, CutShort = 1, RequestsSkipped = 1,
                DurationMs = new LatencySummary { Min = 20.5, Mean = 61.25, P50 = 55, P75 = 70, P90 = 99.5, P95 = 120, P99 = 180, P999 = 210, Max = 212, StdDev = 20 },
            },
            Checks =
            [
                new CheckSummary { Name = "status is 200", Request = "GET /api/items", Passes = 750, Fails = 0 },
                new CheckSummary { Name = "status is 200", Request = "POST /api/items", Passes = 240, Fails = 8 },
                new CheckSummary { Name = "has an id", Request = "POST /api/items", Passes = 0, Fails = 0 },
            ],
            Thresholds =
            [
                new ThresholdResult { Expression = "p95<150ms", Observed = 92.25, ObservedText = "92.25 ms", Passed = true },
                new ThresholdResult { Expression = "p99{POST /api/items}<50ms", Observed = 184.5, ObservedText = "184.5 ms", Passed = false },
                new ThresholdResult { Expression = "http_req_failed: rate<0.001", Observed = 0.0075, ObservedText = "0.75 %", Passed = false },
                new ThresholdResult { Expression = "http_req_duration{area:write}: p(95)<500", Observed = 131, ObservedText = "131 ms", Passed = true },
                new ThresholdResult { Expression = "checks: rate>0.9", Observed = 0.992, ObservedText = "99.2 %", Passed = true },
                new ThresholdResult { Expression = "hit-rate>85%", Passed = false, Reason = "no response told its cache outcome" },
                new ThresholdResult
                {
                    Expression = "p99<60ms", Observed = 72.5, ObservedText = "72.5 ms", Passed = false, Undecided = true,
                    Reason = "the generator was late by up to 14 ms by its own fault",
                },
            ],
            Warnings = [new Finding { Code = "generator-lag", Summary = "The generator was late.", Remedy = "Send from another machine." }],
            Series = [.. run.Series.Select((point, i) => point with { Vus = 4 + (4 * i) })],
        };
    }

    private static RunFile MakeHostile()
    {
        string[] names = [.. SampleRuns.HostileNames, "]]> ]]&gt;", "\0\u0001\u000B\uFFFE\uFFFF", "half a pair \uD800 here", "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "a,b", "", "job\r\nx"];
        var run = SampleRun.Of([.. names.Select((name, i) => new SampleEndpoint(name, 2 + i))], 2, 330);
        return run with
        {
            Plan = run.Plan with { Name = names[12], Target = "http://127.0.0.1/" + names[1] },
            Phases = [.. names.Select(name => new RunPhase { Name = name, StartSeconds = 0, DurationSeconds = 1, Summary = run.Summary })],
            Series = [.. names.Select((name, i) => run.Series[0] with { Second = i, Phase = name })],
            RequestsByTag = names.ToDictionary(name => "tag:" + name, _ => run.Summary, StringComparer.Ordinal),
            Checks = [.. names.Select(name => new CheckSummary { Name = name, Request = name, Passes = 1, Fails = 1 })],
            Thresholds = [.. names.Select((name, i) => new ThresholdResult { Expression = name, ObservedText = name, Reason = name, Passed = i % 3 == 0, Undecided = i % 3 == 1 })],
            Warnings = [.. names.Select(name => new Finding { Code = name, Summary = name, Remedy = name })],
        };
    }
}
