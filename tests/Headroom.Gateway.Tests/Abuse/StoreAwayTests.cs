using System.Diagnostics;
using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Upstreams;
using Headroom.Redis.Tests.Servers;

namespace Headroom.Gateway.Tests.Abuse;

/// <summary>Two gateways that share their answers through a Redis of the test's own, which is taken away.</summary>
public sealed class StoreAwayTests
{
    private const int Urls = 30;

    // While the store is away: at its timeout for each, these would take minutes.
    private const int Answers = 400;

    // Guard: the cache goes on in memory when its store fails, and gives the store no more time than its timeout. Without it each request here is an error or takes seconds.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Get_RedisIsKilledOrHangs_RequestsAreAnsweredWhileItIsAway(bool kill)
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

        using var ending = new CancellationTokenSource();
        long[] answered = [0, 0];
        var running = new[] { one, other }.Select((gateway, which) => Task.Run(() => AskAsync(gateway, () => Interlocked.Increment(ref answered[which]), ending.Token))).ToArray();
        await MoreAnswersAsync(30);
        if (kill)
            await redis.KillAsync();
        else
            redis.Stop();

        // Long enough for the cache to try the store again, in vain.
        await Task.WhenAll(MoreAnswersAsync(Answers), Task.Delay(5000, TestContext.Current.CancellationToken));
        if (kill)
            await redis.StartAgainAsync();
        else
            redis.Continue();
        await MoreAnswersAsync(Answers);
        await ending.CancelAsync();
        await Task.WhenAll(running);

        // Of both, or one of them failed.
        async Task MoreAnswersAsync(int more)
        {
            var before = answered.ToArray();
            await WaitAsync(async _ =>
            {
                if (running.FirstOrDefault(each => each.IsCompleted) is { } failed)
                    await failed;
                await Task.Delay(20, TestContext.Current.CancellationToken);
                return Enumerable.Range(0, 2).All(which => Interlocked.Read(ref answered[which]) - before[which] >= more);
            });
        }
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

    /// <summary>Asks for what is stored and for what is not, in turn.</summary>
    private static async Task AskAsync(GatewayServer gateway, Action answered, CancellationToken ending)
    {
        for (var number = 0; !ending.IsCancellationRequested; number++)
        {
            await GetAsync(gateway, number % 2 == 0 ? $"/stored{number % Urls}" : $"/new{Guid.NewGuid():n}");
            answered();
        }
    }

    private static async Task WaitAsync(Func<int, Task<bool>> happened)
    {
        var waited = Stopwatch.StartNew();
        for (var attempt = 0; !await happened(attempt); attempt++)
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(60), "It did not happen within 60 s.");
    }
}
