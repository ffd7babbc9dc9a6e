using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Upstreams;
using Headroom.Redis.Tests.Servers;

namespace Headroom.Gateway.Tests.Abuse;

/// <summary>Two gateways that share their answers through a Redis of the test's own, which is taken away.</summary>
public sealed class StoreAwayTests
{
    private const int Urls = 30;

    // Guard: the cache goes on in memory when its store fails, and gives the store no more time than its timeout. Without it each request here is an error or takes seconds.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Get_RedisIsKilledOrHangs_NoRequestFailsOrWaits(bool kill)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var origin = new Origin(request => Answer(request.Split(' ')[1]));
        await using var one = await StartAsync(redis, origin);
        await using var other = await StartAsync(redis, origin);

        // They do share: what one has stored the other has without asking.
        await WaitAsync(async attempt =>
        {
            var target = $"/shared{attempt}";
            await GetAsync(one, target);
            await Task.Delay(200, TestContext.Current.CancellationToken);
            await GetAsync(other, target);
            return origin.Requests.Count(request => request.StartsWith($"GET {target} ", StringComparison.Ordinal)) == 1;
        });

        var ending = new CancellationTokenSource();
        var running = new[] { one, other }.Select(gateway => Task.Run(() => AskAsync(gateway, ending.Token))).ToArray();
        await Task.Delay(500, TestContext.Current.CancellationToken);
        if (kill)
            await redis.KillAsync();
        else
            redis.Stop();
        await Task.Delay(6000, TestContext.Current.CancellationToken);
        if (kill)
            await redis.StartAgainAsync();
        else
            redis.Continue();
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        await ending.CancelAsync();

        var slowest = (await Task.WhenAll(running)).Max();
        Assert.InRange(slowest, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    private static string Answer(string target) => $"HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nContent-Length: {target.Length}\r\n\r\n{target}";

    private static Task<GatewayServer> StartAsync(RedisServer redis, Origin origin) =>
        GatewayServer.StartAsync(GatewayServer.Settings(new ForwardOptions(), UpstreamSettings.Default(origin.Url.ToString().TrimEnd('/'))) with { Redis = redis.Endpoint });

    private static async Task GetAsync(GatewayServer gateway, string target)
    {
        var answer = await gateway.GetAsync(target);
        Assert.Equal(200, answer.Status);
        Assert.Equal(target, answer.Body);
    }

    /// <summary>Asks for what is stored and for what is not, in turn, and tells the longest wait.</summary>
    private static async Task<TimeSpan> AskAsync(GatewayServer gateway, CancellationToken ending)
    {
        var slowest = TimeSpan.Zero;
        for (var number = 0; !ending.IsCancellationRequested; number++)
        {
            var begun = System.Diagnostics.Stopwatch.GetTimestamp();
            await GetAsync(gateway, number % 2 == 0 ? $"/stored{number % Urls}" : $"/new{Guid.NewGuid():n}");
            var took = System.Diagnostics.Stopwatch.GetElapsedTime(begun);
            slowest = took > slowest ? took : slowest;
        }

        return slowest;
    }

    private static async Task WaitAsync(Func<int, Task<bool>> happened)
    {
        for (var attempt = 0; !await happened(attempt); attempt++)
            Assert.True(attempt < 50, "did not happen within 10 s");
    }
}
