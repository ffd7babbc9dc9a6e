using System.Net;
using Headroom.Load.Flows;
using Headroom.Load.Recording;
using Headroom.Load.Wire;

namespace Headroom.Load.Tests.Runs;

/// <summary>When a target that is looked at while a run goes on counts as missed.</summary>
public sealed class AbortWatchTests
{
    private const long Millisecond = 1_000_000;

    [Fact]
    public void Missed_WorkerHasNotHandedOverItsSecond_RateIsThatOfTheSecondsBefore()
    {
        var watch = Watch("http_reqs: rate>=99");
        for (var second = 0; second < 3; second++)
            watch.Add(0, second, Requests(100));
        Assert.Null(watch.Missed(1.02));
        Assert.Null(watch.Missed(3.3));
        Assert.Null(watch.Missed(4.02));
        Assert.Equal("http_reqs: rate>=99", watch.Missed(4.2));
    }

    [Fact]
    public void Missed_SecondThatGoesOnWasHandedOverInPart_IsNotCounted()
    {
        var watch = Watch("http_reqs: rate<=101");
        watch.Add(0, 0, Requests(100));
        watch.Add(0, 1, Requests(60));
        Assert.Null(watch.Missed(1.9));
    }

    [Fact]
    public void Missed_LatencyThatOnlyTheGeneratorsLagMade_IsNot()
    {
        var late = Requests(100, latencyMs: 30);
        late.Lag.Record(29 * Millisecond, 200);
        var watch = Watch("p95<10ms");
        watch.Add(0, 0, late);
        Assert.Null(watch.Missed(1.3));

        watch = Watch("p95<10ms");
        watch.Add(0, 0, Requests(100, latencyMs: 30));
        Assert.Equal("p95<10ms", watch.Missed(1.3));
    }

    [Fact]
    public void Missed_IterationsOfAScenarioAreDone_ItsRateStaysWhatItWas()
    {
        const string Target = "http_reqs{scenario:few}: rate>=90";
        var few = new Scenario { Name = "few", Executor = ExecutorKind.SharedIterations, Connections = 1, Iterations = 100, Duration = TimeSpan.FromMinutes(1) };
        var watch = Watch(Target, few, Constant);
        watch.Add(0, 0, Requests(100));
        for (var second = 0; second < 5; second++)
            watch.Add(1, second, Requests(10));
        Assert.Null(watch.Missed(5.3));
    }

    private static Scenario Constant => new() { Name = "constant", Executor = ExecutorKind.ConstantVus, Connections = 1, Duration = TimeSpan.FromMinutes(1) };

    private static LiveFigures Requests(int count, long latencyMs = 1)
    {
        var figures = new LiveFigures();
        var row = figures.Row(0);
        row.Requests = count;
        row.StatusCounts[200] = count;
        row.Latency.Record(latencyMs * Millisecond, count);
        return figures;
    }

    private static AbortWatch Watch(string target, params Scenario[] scenarios)
    {
        var plan = new LoadPlan
        {
            Name = "test",
            Requests = [new PlannedRequest { Name = "home", Url = new Uri("http://127.0.0.1:9/") }],
            Scenarios = scenarios.Length > 0 ? scenarios : [Constant],
            Targets = [target],
            AbortingTargets = [new AbortingTarget(target, TimeSpan.Zero)],
        };
        return new AbortWatch(plan, new CompiledPlan(plan, [new Origin("http", "127.0.0.1", 9, new IPEndPoint(IPAddress.Loopback, 9))]));
    }
}
