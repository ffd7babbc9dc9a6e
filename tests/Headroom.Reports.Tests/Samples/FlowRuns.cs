using Headroom.Measurements;

namespace Headroom.Reports.Tests.Samples;

/// <summary>Runs of plans with flows: all that only those have.</summary>
internal static class FlowRuns
{
    /// <summary>Cut short, streamed, checked, aborted, undecided, in scenarios of every kind of level.</summary>
    public static RunFile Complete { get; } = MakeComplete();

    /// <summary>The same plan with nothing that failed, and one target that only the generator can have missed.</summary>
    public static RunFile Mended => Complete with
    {
        AbortedBy = null,
        Checks = [.. Complete.Checks.Select(check => check with { Fails = 0 })],
        FailedExtractions = [],
        Thresholds = [.. Complete.Thresholds.Select(target => target.Undecided ? target : target with { Passed = true, Reason = null })],
        Warnings = [],
    };

    private static RunFile MakeComplete()
    {
        var run = LoadRuns.Judged;
        var firstEvent = new LatencySummary { Min = 18, P50 = 24.5, P75 = 30, P90 = 44, P95 = 51.5, P99 = 80, P999 = 96, Max = 97.25, Mean = 27, StdDev = 8 };
        var streamed = run.RequestsByName["GET /api/items"] with { Events = 6_400, TimeToFirstEventMs = firstEvent };
        return run with
        {
            Plan = run.Plan with
            {
                Phases =
                [
                    new PlannedPhase { Name = "climb", Executor = "ramping-vus", Connections = 20, Levels = [new(0, 1), new(2, 20), new(4, 20), new(5, 0)], DurationSeconds = 5 },
                    new PlannedPhase
                    {
                        Name = "waves", Executor = "ramping-arrival-rate", Connections = 8, StartSeconds = 1, DurationSeconds = 4,
                        Levels = [.. Enumerable.Range(0, 9).Select(i => new LevelPoint(i / 2.0, i % 2 == 0 ? 10 : 62.5))],
                    },
                    new PlannedPhase { Name = "import", Executor = "shared-iterations", Connections = 2, Iterations = 1_500, DurationSeconds = 600 },
                    new PlannedPhase { Name = "yesterday", Executor = "replay", Connections = 10, DurationSeconds = 5 },
                    new PlannedPhase { Name = "steady", Executor = "constant-arrival-rate", Connections = 10, RatePerSecond = 50, DurationSeconds = 5 },
                ],
            },
            Summary = run.Summary with { Events = 6_400, TimeToFirstEventMs = firstEvent },
            RequestsByName = new Dictionary<string, RequestSummary>(run.RequestsByName) { ["GET /api/items"] = streamed },
            FailedExtractions = [new FailedExtraction { Request = "POST /api/items", Variable = "id", Count = 1 }],
        };
    }
}
