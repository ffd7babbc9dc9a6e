using System.Collections.Concurrent;
using Headroom.Load.Capacity;
using Headroom.Load.Wire;
using Headroom.Measurements;

namespace Headroom.Load.Tests.Capacity;

/// <summary>Searches over real sockets against targets that go away, and searches that are ended.</summary>
public sealed class CapacityRunTests
{
    private static readonly CapacityOptions Search = new() { Objectives = ["errors<1%"], FromPerSecond = 20, RateMaxPerSecond = 40 };

    [Fact]
    public async Task RunAsync_EndedWhileItLooksForMetrics_SendsTheTeardown()
    {
        var asked = new ConcurrentQueue<string>();
        using var ending = new CancellationTokenSource();
        await using var server = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is { } request)
            {
                asked.Enqueue(request.Split(' ')[1]);
                if (asked.Last() == "/metrics")
                {
                    await ending.CancelAsync();
                    await conversation.ReadRequestAsync();
                    return;
                }

                await conversation.SendAsync(ScriptedServer.Ok("x"));
            }
        });
        var plan = LoadPlan.Create("p").BaseAddress(server.Url).Setup(setup => setup.Get("/setup")).Teardown(teardown => teardown.Get("/teardown")).Get("/load").Iterations(1).Build();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CapacityRun.RunAsync(plan, Search, cancellation: ending.Token));

        Assert.Equal(["/setup", "/metrics", "/teardown"], asked);
    }

    [Theory]
    [InlineData("p99{order}<5ms", "is about request 'order', which the plan has not; it has: 'orders', 'item'; did you mean 'orders'?")]
    [InlineData("http_req_failed{name:items}: rate<0.1", "is about request 'items', which the plan has not")]
    [InlineData("checks>99%", "is about checks, and the plan has none")]
    [InlineData("metric{a}>1", "judges metric 'a', which the plan does not read")]
    public async Task RunAsync_ObjectiveOnWhatThePlanHasNot_IsRefusedBeforeAnythingIsSent(string objective, string expected)
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var plan = LoadPlan.Create("p").BaseAddress(server.Url).Get("/a", orders => orders.Named("orders")).Flow("f", flow => flow.Get("/b", item => item.Named("item"))).Iterations(1).Build();

        var failure = await Assert.ThrowsAsync<LoadPlanException>(() => CapacityRun.RunAsync(plan, Search with { Objectives = [objective] }, cancellation: TestContext.Current.CancellationToken));

        Assert.Contains(expected, Assert.Single(failure.Problems).Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Requests);
    }

    [Fact]
    public async Task RunAsync_ObjectiveOnAProcessThatCannotBeSeen_IsRefusedBeforeAnyLoad()
    {
        // This very process serves, which is never taken for the target.
        await using var server = new ShopServer();
        var plan = LoadPlan.Create("p").BaseAddress(server.Url).Setup(setup => setup.Get("/setup")).Teardown(teardown => teardown.Get("/teardown")).Get("/load").Iterations(1).Build();

        var failure = await Assert.ThrowsAsync<LoadPlanException>(() => CapacityRun.RunAsync(plan, Search with { Objectives = ["cpu<1ms"], AsksRuntime = false }, cancellation: TestContext.Current.CancellationToken));

        Assert.Contains("name it with --pid", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["/setup", "/teardown"], server.Paths);
    }

    [Fact]
    public async Task RunAsync_TargetThatGoesAwayBeforeTheFirstStep_IsUnreachable()
    {
        const int ProbesBeforeLoad = 6;
        await using var target = new MortalTarget();
        target.DieAtRequest(ProbesBeforeLoad + 1);

        var failure = await Assert.ThrowsAsync<TargetUnreachableException>(() => CapacityRun.RunAsync(target.Plan, Search with { AsksRuntime = false }, cancellation: TestContext.Current.CancellationToken));

        Assert.Contains("any more", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_TargetThatGoesAwayLater_EndsAndKeepsTheStepsBefore()
    {
        await using var target = new MortalTarget();
        var run = await CapacityRun.RunAsync(
            target.Plan, Search with { AsksRuntime = false }, progress: new Told(ended => target.DieAtRequest(1)), cancellation: TestContext.Current.CancellationToken);

        var capacity = run.Capacity!;
        Assert.Equal(CapacityEnd.TargetGone, capacity.EndedBy);
        Assert.Equal((CapacityOutcome.Met, false), (capacity.Steps[0].Outcome, capacity.Steps[0].TargetWentAway));
        Assert.True(capacity.Steps[^1].TargetWentAway);
        Assert.Equal(20, run.Capacity!.Highest!.RatePerSecond);
        Assert.Null(capacity.ExhaustedFirst);
        Assert.Equal("capacity-target-gone", Assert.Single(run.Warnings, warning => warning.Code.StartsWith("capacity-", StringComparison.Ordinal)).Code);
    }

    [Fact]
    public async Task Steps_TargetThatComesBack_GoOnAndSaySo()
    {
        await using var target = new MortalTarget();
        using var ending = new CancellationTokenSource();
        var options = Search with { AsksRuntime = false };
        using var session = await CapacitySession.OpenAsync(target.Plan, new LoadOptions(), options, TestContext.Current.CancellationToken);
        var told = new Told(ended =>
        {
            if (ended.TargetWentAway)
                ending.Cancel();
            else
                target.DieAtRequest(1);
        });

        // Whoever waits between two probes has seen that nothing answers.
        var steps = new CapacitySteps(session, options, told, new WhenWaiting(target.ComeBack));
        Assert.Equal(CapacityEnd.Interrupted, await steps.RunAsync(ending.Token));

        var step = steps.Figures[^1];
        Assert.True(step is { TargetWentAway: true, CoolDownSeconds: > 0 } && step.Outcome != CapacityOutcome.Met, $"{step}");
        var result = CapacityResults.Of(options, steps.Search, CapacityEnd.Interrupted, steps.Figures, steps.Seen, seed: 1);
        Assert.Contains(CapacityFindings.Of(result), finding => finding.Code == "capacity-target-restarted");
    }

    /// <summary>A server that ends as a killed process does: its connections are reset, and further ones refused.</summary>
    private sealed class MortalTarget : IAsyncDisposable
    {
        private readonly ConcurrentBag<ScriptedServer> _lives = [];
        private ScriptedServer _living;
        private int _requestsLeft = int.MaxValue;

        public MortalTarget()
        {
            _living = new ScriptedServer(ServeAsync);
            _lives.Add(_living);
            Plan = LoadPlan.Create("mortal").BaseAddress(_living.Url).Get("/").Iterations(1).Build();
        }

        public LoadPlan Plan { get; }

        /// <param name="next">Of those from now on.</param>
        public void DieAtRequest(int next) => Volatile.Write(ref _requestsLeft, next);

        public void ComeBack()
        {
            if (Volatile.Read(ref _requestsLeft) > 0)
                return;
            Volatile.Write(ref _requestsLeft, int.MaxValue);
            _living = new ScriptedServer(ServeAsync, _living.Address);
            _lives.Add(_living);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var life in _lives)
                await life.DisposeAsync();
        }

        private async Task ServeAsync(ScriptedServer.Conversation conversation)
        {
            while (await conversation.ReadRequestAsync() is not null)
            {
                if (Interlocked.Decrement(ref _requestsLeft) <= 0)
                {
                    _living.Refuse();
                    conversation.Reset();
                    return;
                }

                await conversation.SendAsync(ScriptedServer.Ok("x"));
            }
        }
    }

    private sealed class Told(Action<CapacityStep> ended) : IProgress<CapacityProgress>
    {
        public void Report(CapacityProgress value)
        {
            if (value.Ended is { } step)
                ended(step);
        }
    }

    private sealed class WhenWaiting(Action waiting) : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            waiting();
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
