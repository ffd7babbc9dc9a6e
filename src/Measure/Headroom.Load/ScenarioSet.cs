using Headroom.Load.Executors;
using Headroom.Load.Flows;
using Headroom.Load.Recording;
using Headroom.Load.Wire;

namespace Headroom.Load;

/// <summary>The workers of every scenario of a running plan, each on its own thread.</summary>
internal sealed class ScenarioSet : IDisposable
{
    /// <summary>Time for threads to come up before the first request is due.</summary>
    private const long StartDelayNs = 10_000_000;

    /// <summary>To make a VU takes less.</summary>
    private const long StartDelayPerVuNs = 2_000;

    internal sealed record RunningScenario(
        Scenario Plan, ScenarioClock Clock, IReadOnlyList<Worker> Workers, IReadOnlyList<Recorder> Recorders)
    {
        public Task Finished { get; set; } = Task.CompletedTask;

        /// <summary>The planned end, or when the workers ended where a number of iterations (or a feeder's rows) ran out before that.</summary>
        public long EndNs => Plan.Executor is ExecutorKind.ConstantVus or ExecutorKind.PerVuIterations or ExecutorKind.SharedIterations
            ? Math.Min(Clock.EndNs, FinishedNs)
            : Clock.EndNs;

        /// <summary>When the last of its workers ended.</summary>
        public long FinishedNs => Recorders.Max(recorder => recorder.FinishedNs);
    }

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private ScenarioSet(CompiledPlan compiled) => Compiled = compiled;

    public CompiledPlan Compiled { get; }

    public SliceExchange Slices { get; } = new();

    public RunHalt Halt { get; } = new();

    public IReadOnlyList<RunningScenario> Scenarios { get; private set; } = [];

    public long StartNs { get; private set; }

    /// <summary>When the first scenario begins to measure: second 0 of the run.</summary>
    public long MeasureFromNs { get; private set; }

    /// <summary>Completes when every worker has ended.</summary>
    public Task Finished { get; private set; } = Task.CompletedTask;

    public static ScenarioSet Start(LoadPlan plan, LoadOptions options, CompiledPlan compiled)
    {
        HotPath.Compile();
        var set = new ScenarioSet(compiled) { StartNs = MonotonicClock.NowNs + StartDelayNs + (plan.Scenarios.Sum(scenario => (long)scenario.Connections) * StartDelayPerVuNs) };
        set.MeasureFromNs = plan.Scenarios.Where(scenario => scenario.Duration > TimeSpan.Zero).Min(scenario => set.StartNs + Ns(scenario.StartTime + scenario.WarmUp));
        set.Scenarios = [.. plan.Scenarios.Select((scenario, index) => set.Prepare(plan, options, scenario, index))];
        foreach (var scenario in set.Scenarios)
            scenario.Finished = Task.WhenAll(scenario.Workers.Select((worker, i) => set.RunAsync(worker, $"load {scenario.Plan.Name} {i}")));
        set.Finished = Task.WhenAll(set.Scenarios.Select(scenario => scenario.Finished));
        return set;
    }

    /// <summary>When one worker fails, what the others still send would be lost with the run: they stop.</summary>
    private async Task RunAsync(Worker worker, string name)
    {
        try
        {
            await WorkerThread.RunAsync(worker, name);
        }
        catch
        {
            Stop();
            throw;
        }
    }

    public void Stop()
    {
        foreach (var worker in Scenarios.SelectMany(scenario => scenario.Workers))
            worker.Stop();
    }

    /// <summary>Ends what still runs. Each thread frees its own wire, so that none is freed under its user.</summary>
    public void Dispose()
    {
        Stop();
        Finished.ContinueWith(_ => { }, TaskScheduler.Default).Wait(StopTimeout);
    }

    private RunningScenario Prepare(LoadPlan plan, LoadOptions options, Scenario scenario, int index)
    {
        var workerCount = Math.Min(scenario.Connections, options.Workers ?? Math.Clamp(Environment.ProcessorCount / 2, 1, 8));
        var start = StartNs + Ns(scenario.StartTime);
        var measureFrom = start + Ns(scenario.WarmUp);
        var end = measureFrom + Ns(scenario.Duration);
        var clock = new ScenarioClock { StartNs = start, MeasureFromNs = measureFrom, EndNs = end, GiveUpNs = end + Ns(plan.GracefulStop) };
        var flows = Compiled.Flows.Where(flow => scenario.Requests?.Contains(flow.Name) != false).ToArray();
        var arrivals = scenario.IsOpen ? ArrivalSchedule.For(scenario) : null;
        var vuSchedule = VuSchedule.For(scenario);
        var budget = IterationBudget.For(scenario, workerCount);
        var workers = new List<Worker>();
        var recorders = new List<Recorder>();
        for (var i = 0; i < workerCount; i++)
        {
            var vus = CreateVus(plan, scenario, index, i, workerCount);
            var recorder = new Recorder(
                Compiled.Rows.Count, Compiled.Checks.Count, Compiled.Extractions.Count, index, MeasureFromNs, measureFrom, Slices, live: plan.AbortingTargets.Count > 0);
            recorders.Add(recorder);
            workers.Add(new Worker(
                new WorkerPlan
                {
                    Clock = clock,
                    Plan = Compiled,
                    Flows = flows,
                    Choice = new RequestChoice([.. flows.Select((flow, number) => (number, flow.Weight))], RequestChoice.SeedOf(plan, index, i)),
                    Vus = vus,
                    Source = arrivals is null
                        ? new ClosedSource(scenario, clock, vuSchedule, budget, vus)
                        : new OpenSource(clock, arrivals, vus, i, workerCount),
                    Halt = Halt,
                    PauseAfterIteration = scenario.ThinkTime,
                    ClosesAfterIteration = plan.Connections.PerIteration,
                    RedirectsMax = plan.RedirectsMax,
                    CaptureBytesMax = plan.CaptureBytesMax,
                },
                Wires.Create(plan, options, Compiled.Origins, vus.Length),
                recorder));
        }

        return new RunningScenario(scenario, clock, workers, recorders);
    }

    /// <summary>Worker i of n has the VUs whose number modulo n is i.</summary>
    private VirtualUser[] CreateVus(LoadPlan plan, Scenario scenario, int scenarioIndex, int worker, int workerCount)
    {
        var count = (scenario.Connections / workerCount) + (worker < scenario.Connections % workerCount ? 1 : 0);
        var vus = new VirtualUser[count];
        for (var slot = 0; slot < count; slot++)
        {
            var number = (slot * workerCount) + worker;
            vus[slot] = new VirtualUser(slot, number, new SeededRandom(plan.Seed, scenarioIndex, number))
            {
                Values = Compiled.UsesVariables ? new VariableValues(Compiled.Variables) { Vu = number + 1 } : null,
                FeederNumbers = [.. Compiled.Variables.Feeders.Select(feeder => feeder.NumberOfNewVu())],
            };
        }

        return vus;
    }

    private static long Ns(TimeSpan time) => time.Ticks * 100;
}
