using System.Net;
using Headroom.Gateway.Configuration;
using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Upstreams;

namespace Headroom.Gateway.Tests.Upstreams;

public sealed class BalancingTests
{
    private const int Clients = 8;
    private static readonly HealthSettings NoPassive = HealthSettings.Default with { FailuresMax = 0 };

    [Fact]
    public async Task Pick_OneUpstreamIsSlow_TheOthersGetMore()
    {
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var slow = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null)
            {
                await enough.Task.WaitAsync(conversation.Stop);
                await conversation.SendAsync(ScriptedServer.Ok("slow"));
            }
        });
        await using var quick = ScriptedServer.Always(ScriptedServer.Ok("quick"));
        await using var gateway = await GatewayServer.StartAsync(Settings(HealthSettings.Default, slow.Url, quick.Url));

        // The slow one answers once the other has answered a hundred times.
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            while (quick.Requests < 100)
                Assert.Equal(200, (await gateway.GetAsync("/")).Status);
            enough.TrySetResult();
        })));

        Assert.InRange(slow.Requests, 1, Clients - 1);
    }

    [Fact]
    public async Task Pick_UpstreamsAlike_AllGetRequests()
    {
        var origins = Enumerable.Range(0, 4).Select(index => new Origin(ScriptedServer.Ok($"{index}"))).ToList();
        await using var gateway = await GatewayServer.StartAsync([.. origins.Select(origin => origin.Url)]);

        for (var i = 0; i < 200; i++)
            Assert.Equal(200, (await gateway.GetAsync("/")).Status);

        Assert.All(origins, origin => Assert.InRange(origin.Requests.Count, 20, 100));
        foreach (var origin in origins)
            await origin.DisposeAsync();
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Retry_NobodyListensAtOne_TheOtherAnswers(string method)
    {
        await using var origin = new Origin(ScriptedServer.Ok("fine"));
        await using var gateway = await GatewayServer.StartAsync(new Uri($"http://127.0.0.1:{FreePort.Next()}"), origin.Url);

        for (var i = 0; i < 20; i++)
        {
            var response = await gateway.SendAsync($"{method} / HTTP/1.1\r\nHost: a\r\n{(method == "POST" ? "Content-Length: 5\r\n\r\nhello" : "\r\n")}");
            Assert.Equal((200, "fine"), (response.Status, response.Body));
        }

        Assert.All(origin.Requests, request => Assert.EndsWith(method == "POST" ? "hello" : "\r\n\r\n", request, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET", "", 2)]
    [InlineData("HEAD", "", 2)]
    [InlineData("OPTIONS", "", 2)]
    [InlineData("GET", "Content-Length: 1\r\n\r\nx", 1)]
    [InlineData("POST", "Content-Length: 1\r\n\r\nx", 1)]
    [InlineData("POST", "", 1)]
    [InlineData("DELETE", "", 1)]
    public async Task Retry_CutOffBeforeTheAnswer_IsSentAgainOnlyWhereThatIsSafe(string method, string rest, int times)
    {
        await using var server = new ScriptedServer(async conversation => await conversation.ReadRequestAsync());
        await using var gateway = await GatewayServer.StartAsync(server.Url);

        var response = await gateway.SendAsync($"{method} / HTTP/1.1\r\nHost: a\r\n{(rest.Length > 0 ? rest : "\r\n")}");

        Assert.Equal((502, "headroom; error=connection_terminated"), (response.Status, response.Field("Proxy-Status")));
        Assert.Equal(times, server.Requests);
    }

    [Theory]
    [InlineData("POST", 1)]
    [InlineData("GET", 2)]
    public async Task Retry_KeptConnectionEndsUnderARequest_IsNeverSentTwiceBehindOurBack(string method, int timesMost)
    {
        // Answers the first request of a connection and cuts off the second.
        await using var server = new ScriptedServer(async conversation =>
        {
            await conversation.ReadRequestAsync();
            await conversation.SendAsync(ScriptedServer.Ok("fine"));
            await conversation.ReadRequestAsync();
            conversation.Reset();
        });
        await using var gateway = await GatewayServer.StartAsync(new ForwardOptions { Retries = 0 }, server.Url);
        await gateway.GetAsync("/first");

        await gateway.SendAsync($"{method} /second HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.InRange(server.Requests, 2, 1 + timesMost);
    }

    [Fact]
    public async Task Passive_FailuresInARow_TakeTheUpstreamOutForAWhile()
    {
        var failing = true;
        await using var shaky = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null)
            {
                if (Volatile.Read(ref failing))
                    return;
                await conversation.SendAsync(ScriptedServer.Ok("shaky"));
            }
        });
        await using var steady = new Origin(ScriptedServer.Ok("steady"));
        var health = HealthSettings.Default with { FailuresMax = 3, Rest = TimeSpan.FromSeconds(2) };
        await using var gateway = await GatewayServer.StartAsync(Settings(health, shaky.Url, steady.Url));

        for (var i = 0; i < 40; i++)
            Assert.Equal("steady", (await gateway.GetAsync("/")).Body);
        Assert.Equal(3, shaky.Requests);

        Volatile.Write(ref failing, false);
        await EventuallyAsync(async () => (await gateway.GetAsync("/")).Body == "shaky");
    }

    [Fact]
    public async Task Passive_EveryUpstreamRests_OneIsTriedAllTheSame()
    {
        await using var origin = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is { } request)
            {
                if (request.StartsWith("GET /bad", StringComparison.Ordinal))
                    return;
                await conversation.SendAsync(ScriptedServer.Ok("fine"));
            }
        });
        await using var second = new ScriptedServer(conversation => conversation.ReadRequestAsync());
        var health = HealthSettings.Default with { FailuresMax = 1, Rest = TimeSpan.FromMinutes(10) };
        await using var gateway = await GatewayServer.StartAsync(Settings(health, origin.Url, second.Url));
        await gateway.GetAsync("/bad");

        await EventuallyAsync(async () => (await gateway.GetAsync("/good")).Body == "fine");
    }

    [Fact]
    public async Task Active_ConnectionEndsWithoutAnAnswer_IsAFailureAndChecksGoOn()
    {
        var well = true;
        await using var origin = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null && Volatile.Read(ref well))
                await conversation.SendAsync(ScriptedServer.Ok("fine"));
        });
        var health = NoPassive with { Path = "/health", Interval = TimeSpan.FromMilliseconds(20), UnhealthyAfter = 2, HealthyAfter = 1 };
        await using var gateway = await GatewayServer.StartAsync(Settings(health, origin.Url));
        await EventuallyAsync(async () => (await gateway.GetAsync("/")).Status == 200);

        Volatile.Write(ref well, false);
        await EventuallyAsync(async () => (await gateway.GetAsync("/")).Status == 503);
        Volatile.Write(ref well, true);
        await EventuallyAsync(async () => (await gateway.GetAsync("/")).Status == 200);
    }

    [Fact]
    public async Task Active_CheckFails_UpstreamGetsNoRequestsUntilItIsWell()
    {
        var well = false;
        await using var checkedOrigin = new Origin(request => request.StartsWith("GET /up ", StringComparison.Ordinal) && !Volatile.Read(ref well)
            ? "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"
            : ScriptedServer.Ok("checked"));
        var health = NoPassive with { Path = "/up", Interval = TimeSpan.FromMilliseconds(100), UnhealthyAfter = 2, HealthyAfter = 2 };
        await using var gateway = await GatewayServer.StartAsync(Settings(health, checkedOrigin.Url));

        await EventuallyAsync(async () => await gateway.GetAsync("/") is { Status: 503 } response && response.Field("Proxy-Status") == "headroom; error=destination_unavailable" && response.Field("Retry-After") is not null);
        Volatile.Write(ref well, true);
        await EventuallyAsync(async () => (await gateway.GetAsync("/")).Status == 200);
    }

    [Fact]
    public async Task Limit_ConnectionsBusyAndQueueFull_IsRefusedAtOnce()
    {
        using var release = new SemaphoreSlim(0);
        await using var server = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null)
            {
                await release.WaitAsync(conversation.Stop);
                await conversation.SendAsync(ScriptedServer.Ok("fine"));
            }
        });
        var upstream = UpstreamSettings.Default(server.Url.ToString().TrimEnd('/')) with { ConnectionsMax = 2, QueueMax = 1 };
        await using var gateway = await GatewayServer.StartAsync(GatewayServer.Settings(new ForwardOptions(), upstream) with { Headroom = GatewayServer.NothingCached });

        var waiting = Enumerable.Range(0, 3).Select(_ => gateway.GetAsync("/")).ToList();
        await EventuallyAsync(() => Task.FromResult(server.Requests == 2));
        var refused = await gateway.GetAsync("/");

        Assert.Equal((503, "headroom; error=connection_limit_reached"), (refused.Status, refused.Field("Proxy-Status")));
        release.Release(3);
        Assert.All(await Task.WhenAll(waiting), response => Assert.Equal("fine", response.Body));
        Assert.Equal(2, server.Connections);
    }

    private static GatewaySettings Settings(HealthSettings health, params Uri[] upstreams) =>
        GatewayServer.Settings(new ForwardOptions(), [.. upstreams.Select(upstream => UpstreamSettings.Default(upstream.ToString().TrimEnd('/')) with { Health = health })])
            with { Headroom = GatewayServer.NothingCached };

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await condition())
            await Task.Delay(20, patience.Token);
    }
}
