using Headroom.Load.Wire;
using Headroom.Measurements;

namespace Headroom.Load.Tests.Runs;

public sealed class LoadRunTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task RunAsync_ClosedLoop_CountsWhatTheServerCounted()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("hello"));
        var run = await LoadRun.RunAsync(Plan(server.Url, Closed(4, Second) with { WarmUp = TimeSpan.FromMilliseconds(300) }), cancellation: Token);
        Assert.Equal(server.Requests, run.Summary.Requests + run.WarmUp.Requests);
        Assert.True(run.WarmUp.Requests > 0);
        Assert.Equal(run.Summary.Requests * ScriptedServer.Ok("hello").Length, run.Summary.BytesReceived);
        Assert.Equal(run.Summary.Requests, run.Statuses["200"]);
        Assert.Equal(run.Summary.Requests, run.Series.Sum(point => point.Requests));
        Assert.Equal(run.Summary.Requests, LatencyHistogram.Decode(run.Summary.LatencyHistogram!).Count);
        Assert.Equal(run.Summary.Requests, run.Series.Sum(point => point.LatencyHistogram is { } text ? LatencyHistogram.Decode(text).Count : 0));
        Assert.Equal(0, run.Summary.Errors);
        Assert.InRange(run.DurationSeconds, 1, 10);

        // Four that carry load, and the one that looked whether the target is there.
        Assert.Equal(5, server.Connections);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task RunAsync_ConstantRate_SendsEveryArrivalOnceWhateverTheWorkers(int workers)
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var plan = Plan(server.Url, Rate(400, 16, 2 * Second) with { WarmUp = TimeSpan.FromMilliseconds(500) });
        var run = await LoadRun.RunAsync(plan, new LoadOptions { Workers = workers }, cancellation: Token);
        Assert.Equal(800, run.Summary.Requests);
        Assert.Equal(200, run.WarmUp.Requests);
        Assert.Equal(1000, server.Requests);
        Assert.Equal(0, run.Summary.Dropped);
    }

    [Fact]
    public async Task RunAsync_ServerStalls_LatencyCountsFromWhenEachRequestWasDue()
    {
        var from = TaskCompletionSourceOf(out var started);
        await using var server = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null)
            {
                started();
                var begun = await from.Task;
                var stall = begun + TimeSpan.FromSeconds(1.5) + (2 * Second) - DateTime.UtcNow;
                if (DateTime.UtcNow - begun > TimeSpan.FromSeconds(1.5) && stall > TimeSpan.Zero)
                    await Task.Delay(stall, conversation.Stop);
                await conversation.SendAsync(ScriptedServer.Ok("x"));
            }
        });
        var run = await LoadRun.RunAsync(Plan(server.Url, Rate(500, 32, 5 * Second)), cancellation: Token);

        // 500/s for 5 s with 2 s of stall: two fifths of the requests wait between 0 and 2 s, evenly.
        Assert.Equal(2500, run.Summary.Requests);
        Assert.InRange(run.Summary.LatencyMs.P99, 1800, 10_000);
        Assert.InRange(run.Summary.LatencyMs.P90, 1300, 10_000);
        Assert.True(run.Summary.ServiceTimeMs.P90 < 500, "service time hides the stall, which is why it is not the latency");
    }

    [Fact]
    public async Task RunAsync_RateAboveCapacity_CountsDroppedAndSaysSo()
    {
        await using var server = Slow(TimeSpan.FromMilliseconds(100));
        var plan = Plan(server.Url, Rate(200, 2, Second)) with { GracefulStop = TimeSpan.FromMilliseconds(500) };
        var run = await LoadRun.RunAsync(plan, cancellation: Token);
        Assert.Equal(200, run.Summary.Requests + run.Summary.Dropped);
        Assert.True(run.Summary.Dropped > 100);
        Assert.Contains(run.Warnings, finding => finding.Code == "arrivals-dropped");
    }

    [Fact]
    public async Task RunAsync_Errors_AreCountedByKindAndAddUp()
    {
        var n = 0;
        await using var server = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null)
            {
                switch (Interlocked.Increment(ref n) % 5)
                {
                    case 0:
                        await conversation.SendAsync("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
                        break;
                    case 1:
                        await conversation.SendAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
                        break;
                    case 2:
                        await conversation.SendAsync("garbage\r\n\r\n");
                        return;
                    case 3:
                        return;
                    default:
                        await conversation.SendAsync(ScriptedServer.Ok("x"));
                        break;
                }
            }
        });
        var run = await LoadRun.RunAsync(Plan(server.Url, Closed(2, Second)), cancellation: Token);
        Assert.Equal(["badStatusLine", "connectionClosed", "http4xx", "http5xx"], run.ErrorsByKind.Keys.Order());
        Assert.Equal(run.Summary.Errors, run.ErrorsByKind.Values.Sum());
        Assert.InRange(run.Summary.ErrorRate, 0.7, 0.9);
        Assert.Equal(["200", "404", "503"], run.Statuses.Keys.Order());
        Assert.Equal(run.Summary.Errors, run.Series.Sum(point => point.Errors));
    }

    [Fact]
    public async Task RunAsync_NobodyListens_ThrowsWithAddressAndReason()
    {
        var port = FreePort.Next();
        var e = await Assert.ThrowsAsync<TargetUnreachableException>(() => LoadRun.RunAsync(Plan(new Uri($"http://127.0.0.1:{port}/"), Closed(1, Second)), cancellation: Token));
        Assert.Equal($"Cannot reach http://127.0.0.1:{port}: 127.0.0.1:{port}: connection refused.", e.Message);
    }

    [Fact]
    public async Task RunAsync_UnknownHost_ThrowsWithTheName()
    {
        var e = await Assert.ThrowsAsync<TargetUnreachableException>(() => LoadRun.RunAsync(Plan(new Uri("http://no-such-host.invalid/"), Closed(1, Second)), cancellation: Token));
        Assert.Contains("'no-such-host.invalid' does not resolve", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ServerGoesAwayInTheMiddle_GoesOnWithoutSpinning()
    {
        var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var running = LoadRun.RunAsync(Plan(server.Url, Closed(8, 2 * Second)), cancellation: Token);
        await Task.Delay(700, Token);
        await server.DisposeAsync();
        var run = await running;
        Assert.True(run.ErrorsByKind.ContainsKey("connectRefused"));

        // 8 slots that rest 10 ms and then twice as long each time fail some tens of times, not a hundred thousand.
        Assert.InRange(run.ErrorsByKind["connectRefused"], 8, 400);
    }

    [Fact]
    public async Task RunAsync_Cancelled_ReturnsWhatWasMeasuredUntilThen()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var run = await LoadRun.RunAsync(Plan(server.Url, Closed(2, 60 * Second)), cancellation: cancel.Token);
        Assert.True(run.Interrupted);
        Assert.True(run.Summary.Requests > 0);
        Assert.InRange(run.DurationSeconds, 0.001, 30);
        Assert.Equal(0, run.Summary.Errors);
    }

    [Fact]
    public async Task RunAsync_DefaultScenarios_RunsSequentialThenConcurrent()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var plan = Plan(server.Url) with
        {
            Scenarios = DefaultScenarios.For(new DefaultScenarios.Wishes { Duration = TimeSpan.FromMilliseconds(600), WarmUp = TimeSpan.FromMilliseconds(300) }),
        };
        var run = await LoadRun.RunAsync(plan, cancellation: Token);
        Assert.Equal(["sequential", "concurrent"], run.Phases.Select(phase => phase.Name));
        Assert.True(run.WarmUp.Requests > 0);
        Assert.Equal(run.Summary.Requests, run.Phases.Sum(phase => phase.Summary.Requests));
        Assert.InRange(run.Phases[1].StartSeconds, 0.59, 0.61);
        Assert.Equal(server.Requests, run.Summary.Requests + run.WarmUp.Requests);
    }

    [Fact]
    public async Task RunAsync_WeightedRequests_AreCountedByName()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var plan = Plan(server.Url, Closed(2, Second)) with
        {
            Requests =
            [
                new PlannedRequest { Name = "often", Url = new Uri(server.Url, "/a"), Weight = 9 },
                new PlannedRequest { Name = "seldom", Url = new Uri(server.Url, "/b"), Weight = 0.5 },
                new PlannedRequest { Name = "seldom", Url = new Uri(server.Url, "/c"), Weight = 0.5 },
            ],
        };
        var run = await LoadRun.RunAsync(plan, cancellation: Token);
        Assert.Equal(run.Summary.Requests, run.RequestsByName.Values.Sum(summary => summary.Requests));
        Assert.InRange((double)run.RequestsByName["seldom"].Requests / run.Summary.Requests, 0.05, 0.15);
    }

    [Fact]
    public async Task RunAsync_CacheThatMarksHitsByAgeOnly_CountsTheRestAsMisses()
    {
        var n = 0;
        await using var server = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null)
                await conversation.SendAsync($"HTTP/1.1 200 OK\r\n{(Interlocked.Increment(ref n) % 4 == 0 ? "" : "Age: 0\r\n")}Content-Length: 0\r\n\r\n");
        });
        var run = await LoadRun.RunAsync(Plan(server.Url, Closed(1, Second)), cancellation: Token);
        Assert.InRange(run.Summary.CacheHitRate!.Value, 0.74, 0.76);
    }

    [Fact]
    public async Task RunAsync_Targets_AreJudged()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var run = await LoadRun.RunAsync(Plan(server.Url, Closed(1, Second)) with { Targets = ["p95<10s", "rps>100000000", "hit-rate>85%"] }, cancellation: Token);
        Assert.Equal([true, false, false], run.Thresholds.Select(threshold => threshold.Passed));
        Assert.NotNull(run.Thresholds[2].Reason);
    }

    [Fact]
    public async Task RunAsync_InvalidPlan_TellsEveryMistake()
    {
        var plan = Plan(new Uri("http://127.0.0.1:1/"), Closed(0, Second), Rate(-1, 1, Second) with { Name = "rate" }) with
        {
            Targets = ["p96<1ms"],
            Requests = [new PlannedRequest { Name = "x", Url = new Uri("http://127.0.0.1:1/"), Method = "GE T", Weight = 0, Headers = [("X", "a\r\nInjected: 1")] }],
        };
        var e = await Assert.ThrowsAsync<LoadPlanException>(() => LoadRun.RunAsync(plan, new LoadOptions { Workers = 0 }, cancellation: Token));
        Assert.Equal(7, e.Problems.Count);
    }

    [Fact]
    public async Task RunAsync_RateBesideALongerClosedLoop_DoesNotCryOverload()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var run = await LoadRun.RunAsync(Plan(server.Url, Rate(50, 4, Second), Closed(1, 3 * Second)), cancellation: Token);
        Assert.Equal(50, run.Phases[0].Summary.Requests);
        Assert.DoesNotContain(run.Warnings, finding => finding.Code == "rate-not-reached");
    }

    [Fact]
    public async Task RunAsync_RateAboveCapacity_SaysThatItWasNotReached()
    {
        await using var server = Slow(TimeSpan.FromMilliseconds(100));
        var run = await LoadRun.RunAsync(Plan(server.Url, Rate(60, 2, Second)), cancellation: Token);
        Assert.Equal(60, run.Summary.Requests);
        Assert.Contains(run.Warnings, finding => finding.Code == "rate-not-reached");
    }

    [Fact]
    public async Task RunAsync_CancelledUnderOverload_StillCountsWhatWasDueAndNeverSent()
    {
        await using var server = Slow(TimeSpan.FromMilliseconds(100));
        using var cancel = new CancellationTokenSource(2 * Second);
        var run = await LoadRun.RunAsync(Plan(server.Url, Rate(200, 2, 60 * Second)), cancellation: cancel.Token);
        Assert.True(run.Interrupted);

        // Of some 400, not of the 12,000 of the whole minute.
        Assert.InRange(run.Summary.Dropped, 50, 4000);
    }

    [Fact]
    public async Task RunAsync_EveryRequestRefused_IsToldFromOtherErrors()
    {
        await using var closing = new ScriptedServer(conversation => conversation.ReadRequestAsync());
        Assert.False(LoadRun.NeverConnected(await LoadRun.RunAsync(Plan(closing.Url, Closed(1, Second / 2)), cancellation: Token)));

        var accepted = 0;
        ScriptedServer? once = null;
        once = new ScriptedServer(conversation =>
        {
            // The look whether it is there succeeds, and then nothing listens any more.
            if (Interlocked.Increment(ref accepted) == 1)
                once!.Refuse();
            return Task.CompletedTask;
        });
        await using (once)
        {
            var run = await LoadRun.RunAsync(Plan(once.Url, Closed(1, Second) with { StartTime = Second / 2 }), cancellation: Token);
            Assert.True(LoadRun.NeverConnected(run), string.Join(',', run.ErrorsByKind));
        }
    }

    [Fact]
    public async Task RunAsync_ProcessThatDoesNotExist_IsAMistakeAndSendsNothing()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var e = await Assert.ThrowsAsync<LoadPlanException>(
            () => LoadRun.RunAsync(Plan(server.Url, Closed(1, Second)), new LoadOptions { TargetProcessId = int.MaxValue - 7 }, cancellation: Token));
        Assert.Contains("no process 2147483640", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Requests);
    }

    [Theory]
    [InlineData(WireChoice.Epoll)]
    [InlineData(WireChoice.Stream)]
    public async Task RunAsync_EitherWire_CountsEveryArrival(WireChoice wire)
    {
        Assert.SkipUnless(wire == WireChoice.Stream || EpollWire.IsSupported, "epoll exists on Linux only");
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var run = await LoadRun.RunAsync(Plan(server.Url, Rate(300, 8, Second)), new LoadOptions { Wire = wire }, cancellation: Token);
        Assert.Equal((300, 300, 0), (server.Requests, run.Summary.Requests, run.Summary.Errors));
    }

    [Fact]
    public async Task RunAsync_ShortRun_CountsTheGeneratorsCpu()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var run = await LoadRun.RunAsync(Plan(server.Url, Closed(4, Second / 10)), cancellation: Token);
        Assert.True(run.Generator.CpuSeconds > 0.001, $"{run.Generator.CpuSeconds} s");
    }

    [Fact]
    public async Task RunAsync_LocalTarget_SeesItsProcess()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "processes are found by their port on Linux only");
        var nginx = Require.Tool("nginx");
        await using var server = await NginxProcess.StartAsync(nginx);
        var run = await LoadRun.RunAsync(Plan(new Uri(server.Url, "/1k"), Closed(8, 2 * Second)), cancellation: Token);
        Assert.Equal("nginx", run.Target!.ProcessName);
        Assert.True(run.Target.CpuSeconds > 0);
        Assert.True(run.Target.RssBytes.Peak > 1_000_000);
        Assert.True(run.Target.OpenHandles!.Peak >= 8);
    }

    [Fact]
    public async Task RunAsync_Nginx_AgreesWithItsOwnCounters()
    {
        var nginx = Require.Tool("nginx");
        await using var server = await NginxProcess.StartAsync(nginx);
        var run = await LoadRun.RunAsync(
            Plan(new Uri(server.Url, "/1k"), Closed(32, Second), Rate(500, 8, Second) with { Name = "rate" }),
            new LoadOptions { Workers = 2 },
            cancellation: Token);
        var (requests, bytes) = await server.StopAndReadLogAsync();
        Assert.Equal(requests, run.Summary.Requests);
        Assert.Equal(bytes, run.Summary.BytesReceived);
        Assert.Equal(0, run.Summary.Errors);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task RunAsync_NginxStandsStillForTwoOfTenSeconds_ReportsWhatUsersWouldHaveWaited()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "stops a process by signal");
        var nginx = Require.Tool("nginx");
        await using var server = await NginxProcess.StartAsync(nginx);
        // A rate at which even a busy machine works off in an instant what came together in the stall.
        var running = LoadRun.RunAsync(Plan(new Uri(server.Url, "/1k"), Rate(200, 64, 10 * Second)), cancellation: Token);
        await Task.Delay(4 * Second, Token);
        var stall = await server.StallAsync(2 * Second);
        var run = await running;
        var (requests, _) = await server.StopAndReadLogAsync();

        // Arrivals in the stall waited for what was left of it: evenly spread from 0 to its length, a fifth of all requests.
        var stallMs = stall.TotalMilliseconds;
        Assert.Equal((2_000, 2_000, 0), (requests, run.Summary.Requests, run.Summary.Dropped));
        Assert.InRange(run.Summary.LatencyMs.P90, stallMs * 0.475, stallMs * 0.55);
        Assert.InRange(run.Summary.LatencyMs.P99, stallMs * 0.925, stallMs * 1.0);
        Assert.InRange(run.Summary.LatencyMs.P50, 0, 100);
    }

    private static ScriptedServer Slow(TimeSpan delay) => new(async conversation =>
    {
        while (await conversation.ReadRequestAsync() is not null)
        {
            await Task.Delay(delay, conversation.Stop);
            await conversation.SendAsync(ScriptedServer.Ok("x"));
        }
    });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static LoadPlan Plan(Uri url, params Scenario[] scenarios) => new()
    {
        Name = "test",
        Requests = [new PlannedRequest { Name = "GET /", Url = url }],
        Scenarios = scenarios,
    };

    private static Scenario Closed(int connections, TimeSpan duration) =>
        new() { Name = "closed", Executor = ExecutorKind.ConstantVus, Connections = connections, Duration = duration };

    private static Scenario Rate(double perSecond, int connections, TimeSpan duration) =>
        new() { Name = "open", Executor = ExecutorKind.ConstantArrivalRate, RatePerSecond = perSecond, Connections = connections, Duration = duration };

    private static TaskCompletionSource<DateTime> TaskCompletionSourceOf(out Action start)
    {
        var source = new TaskCompletionSource<DateTime>(TaskCreationOptions.RunContinuationsAsynchronously);
        start = () => source.TrySetResult(DateTime.UtcNow);
        return source;
    }
}
