using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Headroom.Measurements.Tests;

public sealed class RunMergeTests(ITestOutputHelper output)
{
    private static Gen<long[]> Latencies => Gen.OneOf(Property.Between(0, 5_000_000), Property.Between(0, 3_600_000_000_000)).ArrayOf();

    private static Gen<(long[] Latencies, int Eighths)> RoundInputs => Latencies.Zip(Gen.Choose(1, 100), (latencies, eighths) => (latencies, eighths));

    /// <summary>Through the files, as people merge them: histograms decoded, extremes restored, rates from sums.</summary>
    [Fact]
    public void Merge_AnyRounds_EqualsRecordingEverythingInOne() =>
        Property.Check(output, RoundInputs.NonEmptyListOf(), rounds =>
        {
            var runs = rounds.Select((round, i) => Written(RunOf(round.Latencies, round.Eighths / 8.0, startedSecond: i))).ToArray();
            var everything = new RequestTally();
            var iterations = new IterationTally();
            foreach (var (latencies, _) in rounds)
            {
                everything.Add(SampleRun.Tally(latencies, errors: latencies.Length / 3));
                iterations.Add(SampleRun.Iterations(latencies));
            }

            var durationSeconds = rounds.Sum(round => round.Eighths / 8.0);
            var expected = everything.Summarize(durationSeconds, everything.Requests * 0.001);

            var merged = RunMerge.Merge(runs);

            return Json(merged.Summary) == Json(expected)
                && Json(merged.Phases.Single().Summary) == Json(expected)
                && Json(merged.RequestsByName.Single().Value) == Json(expected)
                && Json(merged.RequestsByTag.Single().Value) == Json(expected)
                && Json(merged.Iterations!) == Json(iterations.Summarize(durationSeconds))
                && merged.DurationSeconds.Equals(durationSeconds);
        }, runs: 40);

    [Fact]
    public void Merge_OneRun_ChangesNoFigure()
    {
        var run = Written(SampleRun.Complete() with { Thresholds = [] });

        Assert.Equal(Encoding.UTF8.GetString(RunFileJson.ToUtf8Bytes(run)), Encoding.UTF8.GetString(RunFileJson.ToUtf8Bytes(RunMerge.Merge([run]))));
    }

    [Fact]
    public void Merge_TwoRounds_AddsCountsAndKeepsTheEndsOfGauges()
    {
        var early = SampleRun.Complete();
        var late = early with
        {
            StartedAt = early.StartedAt.AddMinutes(1),
            DurationSeconds = 6.000369,
            Interrupted = false,
            Target = early.Target! with
            {
                ProcessIds = [4712],
                RssBytes = new Gauge { Start = 70e6, Peak = 90e6, End = 60e6 },
                RssGrowthBytesPerHour = 2_000_000,
                Threads = null,
            },
            Warnings = [early.Warnings[0], early.Warnings[0] with { Code = "target-cpu" }],
            Series = [early.Series[0]],
        };

        // Given in the wrong order: merging goes by the start.
        var merged = RunMerge.Merge([late, early]);

        Assert.Equal((12, 2, 12_000, 8.000492), (merged.Summary.Requests, merged.Summary.Errors, merged.Summary.BytesReceived, merged.DurationSeconds));
        Assert.Equal(12 / 8.000492, merged.Summary.RequestsPerSecond);
        Assert.Equal(early.StartedAt, merged.StartedAt);
        Assert.True(merged.Interrupted);
        Assert.Equal((12, 2, 12_000), (merged.WarmUp.Requests, merged.WarmUp.Errors, merged.WarmUp.BytesReceived));
        Assert.Equal((10, 2), (merged.Statuses["200"], merged.ErrorsByKind["http5xx"]));
        Assert.Equal(8, merged.RequestsByName["GET /items"].Requests);
        Assert.Equal([0, 1, 2.000123], merged.Series.Select(point => point.Second));
        Assert.Equal(["generator-saturated", "target-cpu"], merged.Warnings.Select(warning => warning.Code));

        Assert.Equal((1.0, 2, 6, 3), (merged.Generator.CpuSeconds, merged.Generator.Workers, merged.Generator.GarbageCollections, merged.Generator.GarbageCollectionPauseMs));
        Assert.Equal(early.Generator.LagMs, merged.Generator.LagMs);

        var target = merged.Target!;
        Assert.Equal([4711, 4712], target.ProcessIds);
        Assert.Equal(new Gauge { Start = 80e6, Peak = 95e6, End = 60e6 }, target.RssBytes);
        Assert.Equal(0.012, target.CpuSeconds, 1e-12);
        Assert.Equal(1_000, target.CpuMicrosecondsPerRequest, 1e-9);
        Assert.Equal(1_000, merged.Summary.TargetCpuMicrosecondsPerRequest!.Value, 1e-9);
        Assert.Equal(1_000_000, target.RssGrowthBytesPerHour, 1e-6);
        Assert.Null(target.Threads);

        // A slope that one round was too short for is none of both together.
        Assert.Null(merged.Generator.RssGrowthBytesPerHour);
        RunFile Grown(RunFile run, double perHour) => run with { Generator = run.Generator with { RssGrowthBytesPerHour = perHour } };
        Assert.Equal(1_000_000, RunMerge.Merge([Grown(late, 2_000_000), Grown(early, -2_000_000)]).Generator.RssGrowthBytesPerHour!.Value, 1e-6);
    }

    /// <summary>400 requests are few, and three times as many are not.</summary>
    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void Merge_RoundsOfFewSamples_SaysSoOnlyWhereTheyAreFewTogether(int rounds, bool isFew)
    {
        var tally = new RequestTally { Requests = 400 };
        for (var i = 0; i < 400; i++)
        {
            tally.Latency.Record(1_000_000);
            tally.ServiceTime.Record(1_000_000);
        }

        var run = SampleRun.Complete();
        run = run with { Thresholds = [], Summary = tally.Summarize(1), Warnings = [run.Warnings[0], run.Warnings[0] with { Code = "few-samples" }] };
        var merged = RunMerge.Merge([.. Enumerable.Range(0, rounds).Select(round => run with { StartedAt = run.StartedAt.AddSeconds(round) })]);
        Assert.Equal(isFew ? [run.Warnings[0].Code, "few-samples"] : [run.Warnings[0].Code], merged.Warnings.Select(warning => warning.Code));
    }

    [Fact]
    public void Merge_PhasesOfTheSameName_BecomeOneAndOthersStay()
    {
        var early = SampleRun.Complete();
        var late = early with
        {
            StartedAt = early.StartedAt.AddMinutes(1),
            Phases = [early.Phases[0] with { DurationSeconds = 1, StartSeconds = 0.5 }, early.Phases[0] with { Name = "sequential", StartSeconds = 1.5 }],
        };

        var phases = RunMerge.Merge([early, late]).Phases;

        Assert.Equal(["constant-rate", "sequential"], phases.Select(phase => phase.Name));
        Assert.Equal([0, 3.500123], phases.Select(phase => phase.StartSeconds));
        Assert.Equal([3.000123, 2.000123], phases.Select(phase => phase.DurationSeconds));
        Assert.Equal([12, 6], phases.Select(phase => phase.Summary.Requests));
    }

    [Fact]
    public void Merge_Thresholds_AreJudgedAgainOnTheWhole()
    {
        var slow = RunOf([200_000_000], 1, 0) with { Thresholds = Thresholds("p50<150ms", "zzz<1") };
        var fast = RunOf([1_000_000, 1_000_000, 1_000_000], 1, 1) with { Thresholds = slow.Thresholds };

        var thresholds = RunMerge.Merge([slow, fast]).Thresholds;

        Assert.True(thresholds[0].Passed);
        Assert.Equal("1 ms", thresholds[0].ObservedText);
        Assert.False(thresholds[1].Passed);
        Assert.StartsWith("cannot be judged again after merging: 'zzz<1': unknown metric 'zzz'", thresholds[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Merge_ChecksAndExtractions_AreAddedByRequestAndName()
    {
        var early = SampleRun.Complete() with { AbortedBy = null };
        var late = early with
        {
            StartedAt = early.StartedAt.AddMinutes(1),
            AbortedBy = "p95<150ms",
            Checks = [new CheckSummary { Name = "has a name", Request = "GET /users/{id}", Passes = 5, Fails = 2 }, new CheckSummary { Name = "has a name", Request = "GET /items", Passes = 1, Fails = 0 }],
            FailedExtractions = [new FailedExtraction { Request = "GET /items", Variable = "id", Count = 4 }, new FailedExtraction { Request = "GET /items", Variable = "token", Count = 1 }],
        };

        var merged = RunMerge.Merge([late, early]);

        Assert.Equal("p95<150ms", merged.AbortedBy);
        Assert.Equal(
            [("status is 200", "GET /items", 3, 1), ("status is 200", "GET /users/{id}", 2, 0), ("has a name", "GET /users/{id}", 6, 3), ("has a name", "GET /items", 1, 0)],
            merged.Checks.Select(check => (check.Name, check.Request, check.Passes, check.Fails)));
        Assert.Equal([("id", 5), ("token", 1)], merged.FailedExtractions.Select(failed => (failed.Variable, failed.Count)));
        Assert.Equal((8, 2, 4, 2, 4), (merged.Iterations!.Count, merged.Iterations.CutShort, merged.Iterations.RequestsSkipped, merged.Iterations.Interrupted, merged.Iterations.Dropped));
        Assert.Equal((80, 3.0 / 4), (merged.Summary.Events, merged.Summary.TimeToFirstEventMs!.Min));
        Assert.Equal(early.Plan.Phases[1].Levels, merged.Plan.Phases[1].Levels);
    }

    [Fact]
    public void Merge_IterationsOfOneRoundNotCounted_AreNotShown() =>
        Assert.Null(RunMerge.Merge([SampleRun.Complete(), SampleRun.Complete() with { Iterations = null }]).Iterations);

    [Fact]
    public void Merge_TargetSeenInOneRoundOnly_IsNotShown()
    {
        var run = SampleRun.Complete();

        var merged = RunMerge.Merge([run, run with { Target = null, Summary = run.Summary with { TargetCpuMicrosecondsPerRequest = null } }]);

        Assert.Null(merged.Target);
        Assert.Null(merged.Summary.TargetCpuMicrosecondsPerRequest);
    }

    [Fact]
    public void Merge_LagWithoutHistogram_KeepsTheWorstRound()
    {
        var run = SampleRun.Complete();
        var other = run with { Generator = run.Generator with { LagHistogram = null, LagMs = run.Generator.LagMs with { P99 = 5, Min = 0.01 } } };

        var lag = RunMerge.Merge([run, other]).Generator;

        Assert.Equal((0.01, 5, 0.09), (lag.LagMs.Min, lag.LagMs.P99, lag.LagMs.Max));
        Assert.Null(lag.LagHistogram);
    }

    [Fact]
    public void Merge_OtherDigest_IsRefusedByName()
    {
        var run = SampleRun.Complete();
        var other = run with { Plan = run.Plan with { Digest = "bbb" } };

        var error = Assert.Throws<RunFileException>(() => RunMerge.Merge([run, run, other]));

        Assert.Equal($"run 3 of 3: has the plan digest 'bbb', the first has '{run.Plan.Digest}'; only runs of the same plan can be merged.", error.Message);
    }

    [Fact]
    public void Merge_NoDigests_ComparesNameAndTarget()
    {
        var run = SampleRun.Complete();
        var unnamed = run with { Plan = run.Plan with { Digest = null } };

        Assert.Equal(12, RunMerge.Merge([unnamed, unnamed]).Summary.Requests);
        Assert.Throws<RunFileException>(() => RunMerge.Merge([unnamed, unnamed with { Plan = unnamed.Plan with { Target = "http://other" } }]));
        Assert.Throws<RunFileException>(() => RunMerge.Merge([run, unnamed]));
    }

    [Fact]
    public void Merge_NoRuns_IsRefused() => Assert.Throws<ArgumentException>(() => RunMerge.Merge([]));

    [Fact]
    public void Merge_MissingOrDamagedHistogram_SaysWhichRunAndField()
    {
        var run = SampleRun.Complete();

        AssertRefused(run with { Summary = run.Summary with { LatencyHistogram = null } }, "run 2 of 2: $.summary.latencyHistogram: is missing; percentiles cannot be merged without it.");
        AssertRefused(run with { Summary = run.Summary with { ServiceTimeHistogram = "??" } }, "run 2 of 2: $.summary.serviceTimeHistogram: '??' is not base64");
        AssertRefused(run with { Summary = run.Summary with { TimeToFirstEventHistogram = null } }, "run 2 of 2: $.summary.timeToFirstEventHistogram: is missing; percentiles");
        AssertRefused(run with { Iterations = run.Iterations! with { DurationHistogram = null } }, "run 2 of 2: $.iterations.durationHistogram: is missing; percentiles");
        AssertRefused(run with { Generator = run.Generator with { LagHistogram = "" } }, "run 2 of 2: $.generator.lagHistogram: The histogram is truncated");
        AssertRefused(run with { Summary = run.Summary with { Statuses = new Dictionary<string, long> { ["teapot"] = 1 } } }, "run 2 of 2: $.summary.statuses: found \"teapot\"");

        void AssertRefused(RunFile damaged, string expected) =>
            Assert.Contains(expected, Assert.Throws<RunFileException>(() => RunMerge.Merge([run, damaged])).Message, StringComparison.Ordinal);
    }

    private static ThresholdResult[] Thresholds(params string[] expressions) =>
        [.. expressions.Select(expression => new ThresholdResult { Expression = expression, Passed = false })];

    private static RunFile RunOf(long[] latenciesNs, double durationSeconds, int startedSecond)
    {
        var tally = SampleRun.Tally(latenciesNs, errors: latenciesNs.Length / 3);
        var summary = tally.Summarize(durationSeconds, tally.Requests * 0.001);
        return SampleRun.Complete() with
        {
            StartedAt = SampleRun.StartedAt.AddSeconds(startedSecond),
            DurationSeconds = durationSeconds,
            Summary = summary,
            RequestsByName = new Dictionary<string, RequestSummary> { ["all"] = summary },
            RequestsByTag = new Dictionary<string, RequestSummary> { ["kind:any"] = summary },
            Iterations = SampleRun.Iterations(latenciesNs).Summarize(durationSeconds),
            Phases = [new RunPhase { Name = "only", StartSeconds = 0, DurationSeconds = durationSeconds, Summary = summary }],
        };
    }

    private static RunFile Written(RunFile run) => RunFileJson.Parse(RunFileJson.ToUtf8Bytes(run), "written.json");

    private static string Json(IterationSummary iterations) =>
        Encoding.UTF8.GetString(RunFileJson.ToUtf8Bytes(SampleRun.Complete() with { Iterations = iterations }));

    private static string Json(RequestSummary summary) =>
        Encoding.UTF8.GetString(RunFileJson.ToUtf8Bytes(SampleRun.Complete() with { Summary = summary }));
}
