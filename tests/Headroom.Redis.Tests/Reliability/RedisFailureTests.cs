using System.Collections.Concurrent;
using System.Diagnostics;
using Headroom.Redis.Tests.Servers;

namespace Headroom.Redis.Tests.Reliability;

/// <summary>What happens to callers when a real Redis dies, hangs, is full, or the network is cut. Every caller reads keys that hold their own name: one reply out of step would show.</summary>
public sealed class RedisFailureTests(ITestOutputHelper output)
{
    const int Keys = 200;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_UnderLoad_TypedErrorsAtOnceThenRecovery()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync($"{server.Endpoint},asyncTimeout=1000", Cancellation);
        await FillAsync(client);
        using var load = new Load(client);

        await Task.Delay(300, Cancellation);
        await server.KillAsync();
        await Task.Delay(500, Cancellation);
        var whileDown = load.Slowest;
        var begin = Stopwatch.GetTimestamp();
        await server.StartAgainAsync();
        var started = Stopwatch.GetElapsedTime(begin);
        await Wait.UntilAsync(() => Wait.AnswersAsync(client), "an answer after the restart");
        output.WriteLine($"server start {started.TotalMilliseconds:0} ms, answers {Stopwatch.GetElapsedTime(begin).TotalMilliseconds:0} ms after the start began; slowest call while down {whileDown.TotalMilliseconds:0} ms");
        await FillAsync(client);
        await load.StopAsync();

        load.AssertInStep();
        Assert.True(load.Succeeded > 100, $"{load.Succeeded} reads succeeded");
        Assert.Contains(load.Failures.Keys, failure => failure.StartsWith("Lost", StringComparison.Ordinal) || failure.StartsWith("ConnectRefused", StringComparison.Ordinal));
        Assert.InRange(whileDown.TotalMilliseconds, 0, 2500);
    }

    [Fact]
    public async Task Stopped_LongerThanTimeouts_BoundedAndInStepAfterwards()
    {
        await using var server = await RedisServer.StartAsync();
        // Liveness longer than the stop, so that it is the same connection before and after.
        await using var client = await RedisClient.ConnectAsync($"{server.Endpoint},asyncTimeout=250,livenessTimeout=30000", Cancellation);
        await FillAsync(client);
        var id = (await client.ExecuteAsync("CLIENT", "ID")).AsInt64();
        using var load = new Load(client);

        await Task.Delay(200, Cancellation);
        server.Stop();
        await Task.Delay(5000, Cancellation);
        server.Continue();
        var recovery = await Wait.UntilAsync(() => Wait.AnswersAsync(client), "an answer after SIGCONT");
        await Task.Delay(200, Cancellation);
        await load.StopAsync();
        output.WriteLine($"recovered {recovery.TotalMilliseconds:0} ms after SIGCONT; slowest call {load.Slowest.TotalMilliseconds:0} ms; {load.Failures.GetValueOrDefault("timeout")} timeouts");

        load.AssertInStep();
        Assert.True(load.Failures.GetValueOrDefault("timeout") > 10);
        Assert.InRange(load.Slowest.TotalMilliseconds, 200, 2500);
        Assert.Equal(id, (await client.ExecuteAsync("CLIENT", "ID")).AsInt64());
    }

    [Fact]
    public async Task Stopped_LongerThanLiveness_NoticedAndConnectedAnew()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync($"{server.Endpoint},asyncTimeout=5000,livenessTimeout=700,keepAliveMs=200,connectTimeout=300", Cancellation);
        var first = (await client.ExecuteAsync("CLIENT", "ID")).AsInt64();

        server.Stop();
        var begin = Stopwatch.GetTimestamp();
        var error = await Assert.ThrowsAsync<RedisConnectionException>(async () => await client.PingAsync(Cancellation));
        Assert.Equal(RedisConnectionFailure.NotAlive, error.Failure);
        Assert.InRange(Stopwatch.GetElapsedTime(begin).TotalMilliseconds, 500, 4000);
        server.Continue();
        await Wait.UntilAsync(() => Wait.AnswersAsync(client), "an answer after SIGCONT");
        Assert.NotEqual(first, (await client.ExecuteAsync("CLIENT", "ID")).AsInt64());
    }

    [Fact]
    public async Task Network_SwallowsEverythingWhileIdle_NoticedWithinSecondsWithoutAnyCommand()
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = new CuttingProxy(server.Port);
        await using var client = await RedisClient.ConnectAsync($"{proxy.Endpoint},livenessTimeout=700,keepAliveMs=200,connectTimeout=500", Cancellation);
        proxy.Swallow = true;
        var noticed = await Wait.UntilAsync(() => proxy.Accepted > 1, "a second connection", seconds: 5);
        output.WriteLine($"noticed after {noticed.TotalMilliseconds:0} ms");
        proxy.Swallow = false;
        await Wait.UntilAsync(() => Wait.AnswersAsync(client), "an answer");
    }

    [Fact]
    public async Task Stopped_WithALongKeepAlive_NoticedByTheCommandOnItsWay()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync($"{server.Endpoint},asyncTimeout=20000,livenessTimeout=400,keepAlive=60,connectTimeout=300", Cancellation);
        await client.PingAsync(Cancellation);
        server.Stop();
        var error = await Assert.ThrowsAsync<RedisConnectionException>(async () => await client.PingAsync(Cancellation));
        Assert.Equal(RedisConnectionFailure.NotAlive, error.Failure);
        server.Continue();
    }

    [Fact]
    public async Task Network_CutAtAnyByteOfAReply_OnlyThoseCommandsFail()
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = new CuttingProxy(server.Port);
        await using var client = await RedisClient.ConnectAsync($"{proxy.Endpoint},asyncTimeout=5000,reconnectDelay=1", Cancellation);
        await FillAsync(client);
        await client.SetAsync("large", new byte[300_000], cancellationToken: Cancellation);
        foreach (var bytes in (int[])[1, 2, 3, 5, 7, 12, 100, 65_000, 66_000, 200_000, 300_009])
        {
            await Wait.UntilAsync(() => Wait.AnswersAsync(client), "an answer");
            proxy.CutAfterReplyBytes(bytes);
            var large = client.GetAsync("large", Cancellation).AsTask();
            var small = client.GetStringAsync("key:7", Cancellation).AsTask();
            var error = await Assert.ThrowsAsync<RedisConnectionException>(() => large);
            Assert.True(error.MayHaveExecuted);

            // Behind it on the connection that was cut, or already on the next one, if this test was not running in between.
            if (await Record.ExceptionAsync(() => small) is { } failed)
                Assert.IsType<RedisConnectionException>(failed);
            else
                Assert.Equal("key:7", await small);
            await Wait.UntilAsync(() => Wait.AnswersAsync(client), "an answer after the cut");
            Assert.Equal("key:7", await client.GetStringAsync("key:7", Cancellation));
        }
    }

    [Fact]
    public async Task Network_CutAgainAndAgainUnderLoad_NeverOutOfStep()
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = new CuttingProxy(server.Port);
        await using var client = await RedisClient.ConnectAsync($"{proxy.Endpoint},reconnectDelay=1,reconnectDelayMost=10", Cancellation);
        await FillAsync(client);
        using var load = new Load(client);
        for (var cut = 0; cut < 20; cut++)
        {
            proxy.CutAfterReplyBytes(1000 + (cut * 37));
            await Task.Delay(60, Cancellation);
        }

        await load.StopAsync();
        load.AssertInStep();
        Assert.True(load.Succeeded > 200, $"{load.Succeeded} reads succeeded");
        Assert.True(proxy.Accepted > 5, $"{proxy.Accepted} connections");
    }

    [Fact]
    public async Task Full_NoEviction_TypedErrorAndReadsGoOn()
    {
        await using var server = await RedisServer.StartAsync("--maxmemory", "3mb", "--maxmemory-policy", "noeviction");
        await using var client = await RedisClient.ConnectAsync(server.Endpoint, Cancellation);
        await client.SetAsync("before", "1", cancellationToken: Cancellation);
        var error = await Assert.ThrowsAsync<RedisServerException>(async () =>
        {
            for (var number = 0; number < 1000; number++)
                await client.SetAsync($"big:{number}", new byte[10_000], cancellationToken: Cancellation);
        });
        Assert.Equal("OOM", error.Code);
        Assert.Equal("1", await client.GetStringAsync("before", Cancellation));
    }

    [Fact]
    public async Task Slow_DebugSleep_TimesOutThenGoesOnInStep()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync($"{server.Endpoint},asyncTimeout=200", Cancellation);
        await client.SetAsync("key", "value", cancellationToken: Cancellation);
        var sleeping = client.WithTimeout(TimeSpan.FromSeconds(10)).ExecuteAsync("DEBUG", "SLEEP", "3").AsTask();
        var begin = Stopwatch.GetTimestamp();
        var error = await Assert.ThrowsAsync<RedisTimeoutException>(async () => await client.GetAsync("key", Cancellation));
        Assert.InRange(Stopwatch.GetElapsedTime(begin).TotalMilliseconds, 180, 2900);
        Assert.Contains("within 200 ms", error.Message, StringComparison.Ordinal);
        Assert.Equal("OK", (await sleeping).AsString());
        Assert.Equal("value", await client.GetStringAsync("key", Cancellation));
    }

    [Fact]
    public async Task Cancelled_OneCaller_OthersUnharmed()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync($"{server.Endpoint},asyncTimeout=20000", Cancellation);
        await FillAsync(client);
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            using var source = new CancellationTokenSource();
            var reads = Enumerable.Range(0, 20).Select(number => (Key: $"key:{number}", IsCancelled: random.Next(2) == 0))
                .Select(read => (read.Key, read.IsCancelled, Task: client.GetStringAsync(read.Key, read.IsCancelled ? source.Token : Cancellation).AsTask())).ToList();
            await source.CancelAsync();
            foreach (var (key, isCancelled, task) in reads)
            {
                try
                {
                    Assert.Equal(key, await task);
                }
                catch (OperationCanceledException) when (isCancelled)
                {
                    // As asked for.
                }
            }
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await client.GetAsync("key:1", new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task NotThere_AtTheStart_TypedAtOnceAndThereWhenItComes()
    {
        await using var server = await RedisServer.StartAsync();
        await server.KillAsync();
        var refused = await Assert.ThrowsAsync<RedisConnectionException>(() => RedisClient.ConnectAsync(server.Endpoint, Cancellation));
        Assert.Equal(RedisConnectionFailure.ConnectRefused, refused.Failure);

        await using var client = await RedisClient.ConnectAsync($"{server.Endpoint},abortConnect=false,asyncTimeout=5000", Cancellation);
        var begin = Stopwatch.GetTimestamp();
        await Assert.ThrowsAsync<RedisConnectionException>(async () => await client.GetAsync("key", Cancellation));
        Assert.InRange(Stopwatch.GetElapsedTime(begin).TotalMilliseconds, 0, 2500);
        await server.StartAgainAsync();
        await Wait.UntilAsync(() => Wait.AnswersAsync(client), "an answer");
    }

    [Fact]
    public async Task Disposed_WithCommandsOnTheirWay_AllEnd()
    {
        await using var server = await RedisServer.StartAsync();
        var client = await RedisClient.ConnectAsync($"{server.Endpoint},asyncTimeout=30000", Cancellation);
        server.Stop();
        var reads = Enumerable.Range(0, 100).Select(_ => client.GetAsync("key", Cancellation).AsTask()).ToList();
        await client.DisposeAsync();
        foreach (var read in reads)
            Assert.Equal(RedisConnectionFailure.Disposed, (await Assert.ThrowsAsync<RedisConnectionException>(() => read)).Failure);
        Assert.Equal(RedisConnectionFailure.Disposed, (await Assert.ThrowsAsync<RedisConnectionException>(async () => await client.GetAsync("key", Cancellation))).Failure);
        server.Continue();
    }

    [Fact]
    public async Task Backlog_Full_RefusedAtOnceAndGoesOnLater()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync($"{server.Endpoint},asyncTimeout=20000,livenessTimeout=30000,maxPendingCommands=100", Cancellation);
        await client.PingAsync(Cancellation);
        server.Stop();
        var pings = Enumerable.Range(0, 200).Select(_ => client.PingAsync(Cancellation).AsTask()).ToList();
        var refused = pings.Count(ping => ping.IsFaulted);
        Assert.InRange(refused, 100, 101);
        var error = await Assert.ThrowsAsync<RedisConnectionException>(() => pings[^1]);
        Assert.Equal(RedisConnectionFailure.BacklogFull, error.Failure);
        server.Continue();
        await Task.WhenAll(pings.Where(ping => !ping.IsFaulted));
        await client.PingAsync(Cancellation);
    }

    [Fact]
    public async Task Large_ValueOf64MiBAndKeyOf10MiB_ComeBackWhole()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync($"{server.Endpoint},asyncTimeout=60000,livenessTimeout=60000", Cancellation);
        await LargeAsync(client, 64 * 1024 * 1024);
        var key = new byte[10 * 1024 * 1024];
        new Random(1).NextBytes(key);
        await client.SetAsync(key, "of a large key", cancellationToken: Cancellation);
        Assert.Equal("of a large key", await client.GetStringAsync(key, Cancellation));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Large_ValueOf512MiB_ComesBackAndOneMoreByteIsRefused()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync($"{server.Endpoint},asyncTimeout=200000,livenessTimeout=200000", Cancellation);
        await LargeAsync(client, 512 * 1024 * 1024);
        await Assert.ThrowsAnyAsync<RedisException>(async () => await client.SetAsync("more", new byte[(512 * 1024 * 1024) + 1], cancellationToken: Cancellation));
        await Wait.UntilAsync(() => Wait.AnswersAsync(client), "an answer afterwards");
    }

    static async Task LargeAsync(RedisClient client, int size)
    {
        var value = new byte[size];
        new Random(size).NextBytes(value);
        await client.SetAsync("large", value, cancellationToken: Cancellation);
        using var read = await client.GetAsync("large", Cancellation);
        Assert.True(read.Span.SequenceEqual(value));
    }

    static async Task FillAsync(RedisClient client) => await
        Task.WhenAll(Enumerable.Range(0, Keys).Select(number => client.WithTimeout(TimeSpan.FromSeconds(20)).SetAsync($"key:{number}", $"key:{number}").AsTask()));

    /// <summary>Sixteen callers who read without pause, and what came of it.</summary>
    sealed class Load : IDisposable
    {
        readonly CancellationTokenSource stop = new();
        readonly Task running;
        long succeeded;
        long slowestTicks;
        string? outOfStep;

        public Load(RedisClient client) => running = Task.WhenAll(Enumerable.Range(0, 16).Select(caller => Task.Run(() => RunAsync(client, caller))));

        public ConcurrentDictionary<string, int> Failures { get; } = new();

        public long Succeeded => Interlocked.Read(ref succeeded);

        public TimeSpan Slowest => TimeSpan.FromTicks(Interlocked.Read(ref slowestTicks));

        public async Task StopAsync()
        {
            await stop.CancelAsync();
            await running;
        }

        public void AssertInStep() => Assert.Null(outOfStep);

        public void Dispose() => stop.Cancel();

        async Task RunAsync(RedisClient client, int caller)
        {
            var random = new Random(caller);
            while (!stop.IsCancellationRequested)
            {
                var key = $"key:{random.Next(Keys)}";
                var begin = Stopwatch.GetTimestamp();
                try
                {
                    var value = await client.GetStringAsync(key);
                    // A server that was started again has no keys yet.
                    if (value is not null && value != key)
                        outOfStep = $"{key} was answered with {value}";
                    Interlocked.Increment(ref succeeded);
                }
                catch (RedisTimeoutException)
                {
                    Failures.AddOrUpdate("timeout", 1, (_, count) => count + 1);
                }
                catch (RedisConnectionException e)
                {
                    Failures.AddOrUpdate(e.Failure.ToString(), 1, (_, count) => count + 1);
                    await Task.Delay(1);
                }

                var took = Stopwatch.GetElapsedTime(begin).Ticks;
                long seen;
                while (took > (seen = Interlocked.Read(ref slowestTicks)) && Interlocked.CompareExchange(ref slowestTicks, took, seen) != seen)
                {
                }
            }
        }
    }
}
