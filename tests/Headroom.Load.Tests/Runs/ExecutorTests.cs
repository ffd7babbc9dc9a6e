using Headroom.Load.Wire;

namespace Headroom.Load.Tests.Runs;

/// <summary>Every executor against a real server, by what the server counted.</summary>
public sealed class ExecutorTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task PerVuIterations_EachVuDoesItsNumber(int workers)
    {
        await using var server = new ShopServer();
        var run = await RunAsync(server, new Scenario { Name = "each", Executor = ExecutorKind.PerVuIterations, Connections = 4, Iterations = 25, Duration = 60 * Second }, workers);
        Assert.Equal(100, server.Requests.Count);
        Assert.Equal(100, run.Iterations!.Count);
        Assert.Equal(100, run.Plan.Phases[0].Iterations);
        Assert.All(server.Requests.GroupBy(asked => asked.Connection), group => Assert.Equal(25, group.Count()));
        Assert.True(run.DurationSeconds < 30);
        Assert.Equal(0, run.Summary.Dropped);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task SharedIterations_AllVusTogetherDoTheNumber(int workers)
    {
        await using var server = new ShopServer();
        var run = await RunAsync(server, new Scenario { Name = "shared", Executor = ExecutorKind.SharedIterations, Connections = 4, Iterations = 101, Duration = 60 * Second }, workers);
        Assert.Equal(101, server.Requests.Count);
        Assert.Equal(101, run.Iterations!.Count);
    }

    [Fact]
    public async Task SharedIterations_TimeRunsOut_WhatWasNotStartedIsDropped()
    {
        await using var server = new ShopServer(delay: TimeSpan.FromMilliseconds(100));
        var run = await RunAsync(server, new Scenario { Name = "shared", Executor = ExecutorKind.SharedIterations, Connections = 2, Iterations = 1000, Duration = Second }, 1);
        Assert.InRange(server.Requests.Count, 2, 22);
        Assert.Equal(1000, run.Iterations!.Count + run.Iterations.Dropped);
        Assert.Equal(run.Iterations.Dropped, run.Summary.Dropped);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task RampingArrivalRate_SendsTheAreaUnderTheRate(int workers)
    {
        await using var server = new ShopServer();
        var run = await RunAsync(
            server,
            new Scenario
            {
                Name = "ramp",
                Executor = ExecutorKind.RampingArrivalRate,
                Connections = 16,
                Stages = [new Stage(Second, 200), new Stage(Second, 200), new Stage(Second / 2, 0)],
                Duration = 2.5 * Second,
            },
            workers);

        // 100 + 200 + 50
        Assert.Equal(350, run.Summary.Requests);
        Assert.Equal(350, server.Requests.Count);
        Assert.Equal([0, 1, 2, 2.5], run.Plan.Phases[0].Levels.Select(level => level.Second));
        Assert.InRange(run.Series[1].Requests, 100, 300);
    }

    [Fact]
    public async Task RampingVus_ConnectionsFollowTheStages()
    {
        await using var server = new ShopServer(delay: TimeSpan.FromMilliseconds(20));
        var run = await RunAsync(
            server,
            new Scenario
            {
                Name = "vus",
                Executor = ExecutorKind.RampingVus,
                Connections = 6,
                StartLevel = 1,
                Stages = [new Stage(Second, 6), new Stage(Second, 6), new Stage(Second, 0)],
                Duration = 3 * Second,
            },
            2);
        var begun = server.Requests[0].At;
        int ActiveIn(double from, double to) =>
            server.Requests.Where(asked => asked.At - begun >= from * Second && asked.At - begun < to * Second).Select(asked => asked.Connection).Distinct().Count();
        Assert.Equal(6, server.Requests.Select(asked => asked.Connection).Distinct().Count());
        Assert.InRange(ActiveIn(0, 0.15), 1, 4);
        Assert.Equal(6, ActiveIn(1.2, 1.9));
        Assert.InRange(ActiveIn(2.7, 2.95), 0, 4);
        Assert.Equal(0, run.Iterations!.Interrupted);
        Assert.Equal(6, run.Series[1].Vus);
    }

    [Fact]
    public async Task RampingVus_VuTakenAwayInALongIteration_IsEndedAfterItsGrace()
    {
        await using var server = new ShopServer(delay: 20 * Second);
        var run = await RunAsync(
            server,
            new Scenario
            {
                Name = "vus",
                Executor = ExecutorKind.RampingVus,
                Connections = 2,
                StartLevel = 2,
                Stages = [new Stage(Second / 4, 2), new Stage(TimeSpan.Zero, 0), new Stage(2 * Second, 0)],
                Duration = 2.25 * Second,
                GracefulRampDown = Second / 2,
            },
            1);
        Assert.Equal(2, run.Iterations!.Interrupted);
        Assert.Equal(2, run.ErrorsByKind[WireError.Interrupted.Name()]);
        Assert.InRange(run.Summary.LatencyMs.Max, 700, 10_000);
    }

    [Fact]
    public async Task Replay_SendsAtTheRecordedTimes()
    {
        await using var server = new ShopServer();
        double[] seconds = [0, 0.1, 0.1, 1.6, 3.2];
        var run = await RunAsync(
            server, new Scenario { Name = "replay", Executor = ExecutorKind.Replay, Connections = 3, Arrivals = [.. seconds.Select(TimeSpan.FromSeconds)], Duration = 3.3 * Second }, 2);
        Assert.Equal(5, run.Summary.Requests);
        var begun = server.Requests[0].At;
        Assert.All(server.Requests.Zip(seconds), pair => Assert.InRange((pair.First.At - begun).TotalSeconds, pair.Second - 1.2, pair.Second + 1.2));
    }

    [Fact]
    public async Task ThinkTime_BetweenIterations_SlowsAClosedLoop()
    {
        await using var server = new ShopServer();
        var run = await RunAsync(
            server,
            new Scenario { Name = "slow", Executor = ExecutorKind.ConstantVus, Connections = 5, Duration = Second, ThinkTime = ThinkTime.Fixed(TimeSpan.FromMilliseconds(200)) },
            1);
        Assert.InRange(run.Summary.Requests, 6, 25);
    }

    [Fact]
    public async Task ThinkTime_AtTheEnd_IsNotWaitedFor()
    {
        await using var server = new ShopServer();
        var run = await RunAsync(
            server,
            new Scenario { Name = "slow", Executor = ExecutorKind.ConstantVus, Connections = 5, Duration = Second, ThinkTime = ThinkTime.Fixed(30 * Second) },
            1);
        Assert.Equal(5, run.Summary.Requests);
        Assert.InRange(run.DurationSeconds, 1, 10);
    }

    private static Task<Measurements.RunFile> RunAsync(ShopServer server, Scenario scenario, int workers) => LoadRun.RunAsync(
        new LoadPlan { Name = "test", Requests = [new PlannedRequest { Name = "home", Url = server.Url }], Scenarios = [scenario] },
        new LoadOptions { Workers = workers },
        cancellation: TestContext.Current.CancellationToken);
}
