using CapacityServer.Models;
using Headroom.Load.Capacity;
using Headroom.Measurements;

namespace Headroom.Load.Tests.Capacity;

/// <summary>Steps against a <see cref="ServerModel"/> in virtual time: the open model with its bound on requests under way, the watch that ends a lost step, and the judgement, as in a real search.</summary>
internal sealed class SimulatedTarget(ServerModel model, Random random, double jitterSeconds = 0.0005)
{
    private const double LookEverySeconds = 0.2;
    private double _now;

    /// <summary>Virtual seconds so far.</summary>
    public double Seconds => _now;

    public RunFile Send(Scenario step, TimeSpan gracefulStop, CollapseWatch watch)
    {
        var start = _now;
        var (measureFrom, end) = (start + step.WarmUp.TotalSeconds, start + (step.WarmUp + step.Duration).TotalSeconds);
        var tally = new RequestTally();
        var seconds = new Dictionary<int, (long Requests, long Errors, List<double> LatencyMs)>();
        var waiting = new Queue<double>();
        var (arrivals, inFlight, look) = (0L, 0, start + LookEverySeconds);
        var ended = start;
        while (watch.Reason is null && _now < end + gracefulStop.TotalSeconds)
        {
            var due = start + (arrivals / step.RatePerSecond);
            var next = Math.Min(Math.Min(due < end ? due : double.PositiveInfinity, model.NextAnswer), look);
            if (due >= end && inFlight == 0 && waiting.Count == 0)
                break;
            _now = Math.Max(_now, next);
            model.AnswerUntil(_now);
            while (waiting.Count > 0 && inFlight < step.Connections)
                Start(waiting.Dequeue());
            if (due < end && due <= _now)
            {
                arrivals++;
                if (inFlight < step.Connections)
                    Start(due);
                else
                    waiting.Enqueue(due);
            }

            if (look <= _now)
            {
                watch.Report(ProgressAt(look));
                look += LookEverySeconds;
            }
        }

        static SeriesPoint PointOf(int second, (long Requests, long Errors, List<double> LatencyMs) figures) => new()
        {
            Second = second,
            Requests = figures.Requests,
            Errors = figures.Errors,
            BytesReceived = 0,
            LatencyMs = new LatencySummary { P50 = figures.LatencyMs.Order().ElementAt(figures.LatencyMs.Count / 2) },
        };

        return Run(step, tally, Math.Max(ended, Math.Min(_now, end)) - measureFrom, waiting.Count(due => due >= measureFrom), inFlight) with
        {
            Series = [.. seconds.OrderBy(second => second.Key).Select(second => PointOf(second.Key, second.Value))],
        };

        void Start(double due)
        {
            inFlight++;
            var sent = _now;
            model.Arrive(_now, status =>
            {
                inFlight--;
                ended = _now;
                var jitter = jitterSeconds * -Math.Log(1 - random.NextDouble());
                if (due < measureFrom)
                    return;
                var failed = status >= 400;
                var latencyNs = (long)((_now - due + jitter) * 1e9);
                tally.Requests++;
                tally.StatusCounts[status]++;
                if (failed)
                    tally.RecordError("http4xx");
                tally.Latency.Record(latencyNs);
                tally.ServiceTime.Record((long)((_now - sent + jitter) * 1e9));
                var second = (int)(_now - measureFrom);
                var (requests, errors, latency) = seconds.GetValueOrDefault(second, (0, 0, []));
                latency.Add(latencyNs / 1e6);
                seconds[second] = (requests + 1, errors + (failed ? 1 : 0), latency);
            });
        }

        LoadProgress ProgressAt(double at) => new()
        {
            Active = [step.Name],
            WarmingUp = at < measureFrom,
            Elapsed = TimeSpan.FromSeconds(at - start),
            Total = step.WarmUp + step.Duration,
            Requests = tally.Requests,
            Errors = tally.Errors,
            Vus = inFlight,
            LatestSecond = seconds.TryGetValue((int)(at - measureFrom - 0.15) - 1, out var second) ? PointOf(0, second) : null,
            Scenarios = [new ScenarioProgress { Name = step.Name, Executor = step.Executor, State = ScenarioState.Running, Elapsed = default, Total = default, Vus = inFlight, VusMax = step.Connections }],
        };
    }

    /// <summary>Until nothing is under way any more, and a little longer.</summary>
    public void CoolDown()
    {
        while (!double.IsPositiveInfinity(model.NextAnswer))
        {
            _now = Math.Max(_now, model.NextAnswer);
            model.AnswerUntil(_now);
        }

        _now += 0.3;
    }

    private static RunFile Run(Scenario step, RequestTally tally, double seconds, long dropped, int interrupted)
    {
        var summary = tally.Summarize(Math.Max(seconds, 0.001));
        return new RunFile
        {
            Plan = new RunPlan { Name = "simulated", Target = "", Phases = [new PlannedPhase { Name = step.Name, Executor = "", Connections = step.Connections, DurationSeconds = step.Duration.TotalSeconds }] },
            Environment = new RunEnvironment { HeadroomVersion = "", Runtime = "", OperatingSystem = "", Architecture = "", ProcessorCount = 1 },
            StartedAt = default,
            DurationSeconds = Math.Max(seconds, 0.001),
            Summary = summary,
            ErrorsByKind = summary.ErrorsByKind,
            Iterations = new IterationSummary { Count = tally.Requests, PerSecond = 0, DurationMs = new LatencySummary(), Dropped = dropped, Interrupted = interrupted },
            Generator = new GeneratorUsage { CpuSeconds = 0, CpuMicrosecondsPerRequest = 0, PeakRssBytes = 0, LagMs = new LatencySummary() },
        };
    }
}
