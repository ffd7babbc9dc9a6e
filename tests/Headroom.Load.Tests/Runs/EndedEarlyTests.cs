namespace Headroom.Load.Tests.Runs;

/// <summary>Runs that end before their time: by Ctrl-C, by a target that is missed, by rows that run out.</summary>
public sealed class EndedEarlyTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task RunAsync_Cancelled_SlowTeardownIsNoPartOfTheMeasuredTime()
    {
        await using var server = new ShopServer(asked =>
        {
            if (asked.Path == "/clean")
                Thread.Sleep(3000);
            return null;
        });
        using var cancel = new CancellationTokenSource(Second);
        var plan = Plan(server, Rate(100, 30 * Second)) with { Teardown = [new PlannedRequest { Name = "clean", Url = server.At("/clean") }] };
        var begun = TimeProvider.System.GetTimestamp();
        var run = await LoadRun.RunAsync(plan, cancellation: cancel.Token);
        var whole = TimeProvider.System.GetElapsedTime(begun);
        Assert.True(run.Interrupted);
        Assert.Contains("/clean", server.Paths);
        Assert.InRange(run.DurationSeconds, 0.001, whole.TotalSeconds - 2.9);
        Assert.Equal(run.Summary.Requests / run.DurationSeconds, run.Summary.RequestsPerSecond, 1e-6);
        Assert.InRange(run.Phases[0].DurationSeconds, 0.001, whole.TotalSeconds - 2.9);
    }

    [Fact]
    public async Task RunAsync_CancelledWhileItAsksForWhatWasAllocated_SendsTheTeardown()
    {
        using var cancel = new CancellationTokenSource();
        await using var server = new ShopServer(asked =>
        {
            if (asked.Path == "/metrics")
                cancel.Cancel();
            return null;
        });
        var plan = Plan(server, Rate(100, 30 * Second)) with
        {
            Setup = [new PlannedRequest { Name = "make", Url = server.At("/make") }],
            Teardown = [new PlannedRequest { Name = "clean", Url = server.At("/clean") }],
        };
        var run = await LoadRun.RunAsync(plan, new LoadOptions { AllocationMetrics = server.At("/metrics") }, cancellation: cancel.Token);
        Assert.True(run.Interrupted);
        Assert.Equal("/make", server.Paths.First());
        Assert.Contains("/clean", server.Paths);
    }

    [Fact]
    public async Task RunAsync_AbortingTargetOfALaterScenario_CountsFromItsOwnBeginning()
    {
        await using var server = new ShopServer();
        const string Target = "http_reqs{scenario:later}: rate>=80";
        var plan = Plan(server, Rate(10, 4.5 * Second), Rate(100, 2.5 * Second) with { Name = "later", StartTime = 2 * Second }) with
        {
            Targets = [Target],
            AbortingTargets = [new AbortingTarget(Target, 3 * Second)],
        };
        var run = await LoadRun.RunAsync(plan, cancellation: TestContext.Current.CancellationToken);
        Assert.Null(run.AbortedBy);
    }

    [Fact]
    public async Task RunAsync_RowsRunOutForSharedIterations_WhatWasNotDoneIsDropped()
    {
        await using var server = new ShopServer();
        var plan = Plan(server, new Scenario { Name = "shared", Executor = ExecutorKind.SharedIterations, Connections = 6, Iterations = 100, Duration = 60 * Second }) with
        {
            Requests = [new PlannedRequest { Name = "user", Url = server.At("/users/${users.id}") }],
            Feeders = [new Feeder { Name = "users", Columns = ["id"], Rows = [.. Enumerable.Range(1, 50).Select(id => new[] { $"{id}" })], AtEnd = FeederEnd.Stop }],
        };
        var run = await LoadRun.RunAsync(plan, new LoadOptions { Workers = 3 }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((50, 50), (run.Iterations!.Count, run.Iterations.Dropped));
    }

    private static LoadPlan Plan(ShopServer server, params Scenario[] scenarios) =>
        new() { Name = "test", Requests = [new PlannedRequest { Name = "home", Url = server.Url }], Scenarios = scenarios };

    private static Scenario Rate(double perSecond, TimeSpan duration) =>
        new() { Name = "rate", Executor = ExecutorKind.ConstantArrivalRate, Connections = 8, RatePerSecond = perSecond, Duration = duration };
}
