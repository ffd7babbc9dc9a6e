using Headroom.Redis.Tests.Servers;

namespace Headroom.Redis.Tests.Connections;

/// <summary>Commands of one caller are executed in the order in which they were called, also those that were called before there was a connection.</summary>
public sealed class OrderTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_BeforeAndWhileConnecting_InOrder()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RedisClient(RedisOptions.Parse($"{server.Endpoint},asyncTimeout=20000"));
        var pushes = new List<Task>();
        for (var number = 0; number < 5000; number++)
        {
            pushes.Add(client.ExecuteAsync("RPUSH", "list", number).AsTask());
            if (number % 500 == 0)
                await Task.Yield();
        }

        await Task.WhenAll(pushes);
        Assert.Equal(Enumerable.Range(0, 5000).Select(number => (long)number), (await client.ExecuteAsync("LRANGE", "list", 0, -1)).Items.Select(item => item.AsInt64()));
    }

    [Fact]
    public async Task Call_WhileConnectionsAreCut_WhatIsExecutedIsInOrder()
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = new CuttingProxy(server.Port);
        await using var client = await RedisClient.ConnectAsync($"{proxy.Endpoint},asyncTimeout=20000,reconnectDelay=1,reconnectDelayMost=5", Cancellation);
        var pushes = new List<Task<RedisReply>>();
        for (var number = 0; number < 20_000; number++)
        {
            pushes.Add(client.ExecuteAsync("RPUSH", "list", number).AsTask());
            if (number % 1000 == 499)
                await Wait.UntilAsync(() => Wait.AnswersAsync(client), "an answer");
            if (number % 1000 == 999)
            {
                proxy.CutAll();
                await Task.Delay(3, Cancellation);
            }
        }

        var succeeded = 0;
        foreach (var push in pushes)
        {
            try
            {
                await push;
                succeeded++;
            }
            catch (RedisConnectionException)
            {
                // Perhaps executed, perhaps not.
            }
        }

        await Wait.UntilAsync(() => Wait.AnswersAsync(client), "an answer");
        var executed = (await client.ExecuteAsync("LRANGE", "list", 0, -1)).Items.Select(item => item.AsInt64()).ToArray();
        Assert.True(succeeded > 100, $"{succeeded} succeeded");
        Assert.True(executed.Length >= succeeded);
        Assert.All(executed.Zip(executed.Skip(1)), pair => Assert.True(pair.First < pair.Second, $"{pair.Second} was executed after {pair.First}"));
    }

    [Fact]
    public async Task Call_WhileNothingAnswersTheConnect_TimesOutOnTime()
    {
        // Accepts and says nothing, so that the attempt goes on longer than the command may take.
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        await using var client = new RedisClient(RedisOptions.Parse($"127.0.0.1:{((System.Net.IPEndPoint)silent.LocalEndpoint).Port},asyncTimeout=100,connectTimeout=2000"));
        var begin = System.Diagnostics.Stopwatch.GetTimestamp();
        var error = await Assert.ThrowsAsync<RedisTimeoutException>(async () => await client.GetAsync("k", Cancellation));
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(begin).TotalMilliseconds, 95, 1900);
        Assert.Contains("not sent", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RedisTimeoutException>(async () => await client.GetManyAsync(new RedisArgument[] { "a", "b" }, Cancellation));
        using var source = new CancellationTokenSource(20);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await client.WithTimeout(TimeSpan.FromSeconds(20)).GetAsync("k", source.Token));
    }
}
