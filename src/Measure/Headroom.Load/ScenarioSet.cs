using Headroom.Load.Executors;
using Headroom.Load.Recording;
using Headroom.Load.Target;
using Headroom.Load.Wire;

namespace Headroom.Load;

/// <summary>The workers of every scenario of a running plan, each on its own thread.</summary>
internal sealed class ScenarioSet : IDisposable
{
    /// <summary>Time for threads to come up before the first request is due.</summary>
    private const long StartDelayNs = 10_000_000;

    internal sealed record RunningScenario(Scenario Plan, long MeasureFromNs, long EndNs, IReadOnlyList<Worker> Workers, IReadOnlyList<Recorder> Recorders);

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private ScenarioSet()
    {
    }

    public SliceExchange Slices { get; } = new();

    public IReadOnlyList<RunningScenario> Scenarios { get; private set; } = [];

    /// <summary>Names of the report's rows, by index.</summary>
    public IReadOnlyList<string> Rows { get; private init; } = [];

    public long StartNs { get; private set; }

    /// <summary>When the first scenario begins to measure: second 0 of the run.</summary>
    public long MeasureFromNs { get; private set; }

    /// <summary>Completes when every worker has ended.</summary>
    public Task Finished { get; private set; } = Task.CompletedTask;

    public static ScenarioSet Start(LoadPlan plan, LoadOptions options, IReadOnlyList<Origin> origins)
    {
        var originIndex = origins.Select((origin, i) => (origin, i)).ToDictionary(pair => (pair.origin.Scheme, pair.origin.Host, pair.origin.Port), pair => pair.i);
        var rows = plan.Requests.Select(request => request.Name).Distinct(StringComparer.Ordinal).ToArray();
        var images = plan.Requests
            .Select(request => RequestImage.Encode(request, originIndex[Reachability.OriginKey(request.Url)], Array.IndexOf(rows, request.Name)))
            .ToArray();

        var set = new ScenarioSet { StartNs = MonotonicClock.NowNs + StartDelayNs, Rows = rows };
        set.MeasureFromNs = plan.Scenarios.Where(scenario => scenario.Duration > TimeSpan.Zero).Min(scenario => set.StartNs + Ns(scenario.StartTime + scenario.WarmUp));
        set.Scenarios = [.. plan.Scenarios.Select((scenario, index) => set.Prepare(plan, options, origins, images, scenario, index))];
        set.Finished = Task.WhenAll(set.Scenarios.SelectMany(scenario => scenario.Workers.Select((worker, i) => RunOnThread(worker, $"{scenario.Plan.Name} {i}"))));
        return set;
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

    private RunningScenario Prepare(
        LoadPlan plan, LoadOptions options, IReadOnlyList<Origin> origins, RequestImage[] images, Scenario scenario, int index)
    {
        var workerCount = Math.Min(scenario.Connections, options.Workers ?? Math.Clamp(Environment.ProcessorCount / 2, 1, 8));
        var start = StartNs + Ns(scenario.StartTime);
        var measureFrom = start + Ns(scenario.WarmUp);
        var end = measureFrom + Ns(scenario.Duration);
        var candidates = plan.Requests.Select((request, i) => (Request: request, Index: i))
            .Where(entry => scenario.Requests?.Contains(entry.Request.Name) != false)
            .Select(entry => (entry.Index, entry.Request.Weight))
            .ToArray();
        var workers = new List<Worker>();
        var recorders = new List<Recorder>();
        for (var i = 0; i < workerCount; i++)
        {
            var slots = (scenario.Connections / workerCount) + (i < scenario.Connections % workerCount ? 1 : 0);
            var wire = CreateWire(options.Wire, new WireOptions
            {
                Origins = origins,
                Slots = slots,
                ConnectTimeout = plan.ConnectTimeout,
                ResponseTimeout = plan.ResponseTimeout,
                Timeout = plan.Timeout,
                RequestsPerConnectionMax = plan.Connections.RequestsMax,
                CaptureBytesMax = plan.CaptureBytesMax,
                Tls = options.Tls,
            });
            var recorder = new Recorder(Rows.Count, index, MeasureFromNs, measureFrom, Slices);
            recorders.Add(recorder);
            workers.Add(new Worker(
                new WorkerPlan
                {
                    Executor = scenario.Executor,
                    Slots = slots,
                    RatePerSecond = scenario.RatePerSecond,
                    StartNs = start,
                    MeasureFromNs = measureFrom,
                    EndNs = end,
                    GiveUpNs = end + Ns(plan.GracefulStop),
                    WorkerIndex = i,
                    WorkerCount = workerCount,
                },
                wire,
                images,
                new RequestChoice(candidates, HashCode.Combine(plan.Seed, 0) ^ (index << 16) ^ i),
                recorder));
        }

        return new RunningScenario(scenario, measureFrom, end, workers, recorders);
    }

    private static IWire CreateWire(WireChoice choice, WireOptions options)
    {
        var epoll = choice == WireChoice.Epoll || (choice == WireChoice.Auto && EpollWire.IsSupported && !options.Origins.Any(origin => origin.IsTls));
        return epoll ? new EpollWire(options) : new StreamWire(options);
    }

    private static Task RunOnThread(Worker worker, string name)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                using (worker)
                    worker.Run();
                done.SetResult();
            }
#pragma warning disable CA1031 // Handed to whoever awaits the run.
            catch (Exception e)
#pragma warning restore CA1031
            {
                done.SetException(e);
            }
        })
        {
            IsBackground = true,
            Name = $"load {name}",
        };
        thread.Start();
        return done.Task;
    }

    private static long Ns(TimeSpan time) => time.Ticks * 100;
}
