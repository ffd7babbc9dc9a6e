using System.Text;
using Headroom.Gateway.Forwarding;
using Headroom.Testing;

namespace Headroom.Gateway.Tests.Wire;

/// <summary>Connections of our own to an upstream, over sockets.</summary>
public sealed class WireExchangeTests
{
    private static readonly ForwardOptions Once = new() { Retries = 0 };

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: \u00E9\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: \u00E9\r\n\r\n2;a=b\r\nhe\r\n3\r\nllo\r\n0\r\nT: v\r\n\r\n")]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: \u00E9\r\n\r\nhello")]
    public async Task Answer_ByteByByte_IsTheSame(string answer)
    {
        await using var server = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null)
            {
                foreach (var each in answer)
                    await conversation.SendAsync(each.ToString());
            }
        });
        await using var gateway = await GatewayServer.StartAsync(Once, server.Url);

        for (var i = 0; i < 3; i++)
        {
            await using var connection = await gateway.ConnectAsync();
            await connection.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            var response = await connection.ReadAsync();
            if (response.Status == 103)
                response = await connection.ReadAsync();
            Assert.Equal((200, "hello", "\u00E9"), (response.Status, response.Body, response.Field("X")));
        }

        Assert.Equal(1, server.Connections);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nmore")]
    public async Task Connection_ThatIsDoneOrSaidMore_IsNotUsedAgain(string answer)
    {
        await using var origin = new Origin(answer);
        await using var gateway = await GatewayServer.StartAsync(Once, origin.Url);

        for (var i = 0; i < 3; i++)
            Assert.Equal("hello", (await gateway.GetAsync("/")).Body);

        Assert.Equal(3, origin.Connections);
    }

    [Theory]
    [InlineData("HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nevil")]
    [InlineData("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    public async Task AnswerWithoutBody_ThatHasOneAllTheSame_EndsTheConnection(string answer)
    {
        await using var origin = new Origin(answer);
        await using var gateway = await GatewayServer.StartAsync(Once, origin.Url);

        for (var i = 0; i < 3; i++)
        {
            var response = await gateway.GetAsync("/");
            Assert.Equal((204, ""), (response.Status, response.Body));
        }

        Assert.Equal(3, origin.Connections);
    }

    [Theory]
    [InlineData("5\nhello\n0\n\n")]
    [InlineData("5\r\nhelloX0\r\n\r\n")]
    [InlineData("FFFFFFFFFFFFFFFFF\r\nhello")]
    [InlineData("5\r\nhello\r\n0\r\nbad trailer\r\n\r\n")]
    public async Task ChunksThatAreNone_BreakTheAnswerOff(string chunks)
    {
        await using var origin = new Origin("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
        await using var gateway = await GatewayServer.StartAsync(Once, origin.Url);

        Assert.False((await gateway.GetAsync("/")).IsComplete);
    }

    [Fact]
    public async Task Request_BodyInChunks_GoesOnInChunks()
    {
        await using var origin = new Origin("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var gateway = await GatewayServer.StartAsync(Once, origin.Url);

        var response = await gateway.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");

        Assert.Equal(200, response.Status);
        // The chunks are the next thing that the origin reads.
        Assert.Equal(["chunked"], HeadText.Fields(origin.Requests[0], "Transfer-Encoding"));
        Assert.Empty(HeadText.Fields(origin.Requests[0], "Content-Length"));
        Assert.True(origin.Requests[1] is "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n" or "5\r\nabcde\r\n0\r\n\r\n", origin.Requests[1]);
    }

    [Theory]
    [InlineData("POST", "0")]
    [InlineData("DELETE", "0")]
    [InlineData("GET", null)]
    public async Task Request_WithoutBody_SaysSoWhereAMethodMayHaveOne(string method, string? length)
    {
        await using var origin = new Origin("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var gateway = await GatewayServer.StartAsync(Once, origin.Url);

        await gateway.SendAsync($"{method} / HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal(length is null ? [] : [length], origin.Fields("Content-Length"));
    }

    [Fact]
    public async Task Connections_AtTheLimit_AreWaitedForInTurn()
    {
        var open = 0;
        var most = 0;
        var two = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null)
            {
                // The first one waits for a second one, so that two are under way at once however slow the machine is.
                var now = Interlocked.Increment(ref open);
                InterlockedMax(ref most, now);
                if (now == 2)
                    two.TrySetResult();
                await two.Task.WaitAsync(conversation.Stop);
                Interlocked.Decrement(ref open);
                await conversation.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        });
        var upstream = Headroom.Gateway.Upstreams.UpstreamSettings.Default(server.Url.ToString().TrimEnd('/')) with { ConnectionsMax = 2, QueueMax = 100 };
        await using var gateway = await GatewayServer.StartAsync(GatewayServer.Settings(Once, upstream) with { Headroom = GatewayServer.NothingCached });

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => gateway.GetAsync($"/{i}")));

        Assert.All(answers, answer => Assert.Equal((200, "ok"), (answer.Status, answer.Body)));
        Assert.Equal(2, most);
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public async Task Connection_ThatTheUpstreamClosedMeanwhile_IsNotUsed()
    {
        using var closed = new SemaphoreSlim(0);
        await using var server = new ScriptedServer(async conversation =>
        {
            if (await conversation.ReadRequestAsync() is not null)
                await conversation.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            await conversation.Stream.DisposeAsync();
            closed.Release();
        });
        await using var gateway = await GatewayServer.StartAsync(Once, server.Url);

        for (var i = 0; i < 5; i++)
        {
            // A POST is not sent twice, so it must not meet a closed connection.
            var answer = await gateway.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
            Assert.Equal((200, "ok"), (answer.Status, answer.Body));
            await closed.WaitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(5, server.Connections);
    }

    /// <summary>100 and the answer in one packet: the body may not be begun any more when the request has ended, for by then it is that of the next one.</summary>
    [Fact]
    public async Task Continue_TogetherWithTheAnswer_LeavesTheNextRequestItsBody()
    {
        const string Body = "4\r\nbody\r\n0\r\n\r\n";
        await using var origin = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadHeadAsync() is { } head)
            {
                if (head.StartsWith("PUT", StringComparison.Ordinal))
                {
                    await conversation.SendAsync(ScriptedServer.Ok(await conversation.ReadExactlyAsync(4)));
                    continue;
                }

                // The body may come all the same, if it was begun before the answer was there.
                await conversation.SendAsync("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly");
                await conversation.ReadExactlyAsync(Body.Length);
            }
        });
        await using var gateway = await GatewayServer.StartAsync(Once, origin.Url);

        for (var i = 0; i < 200; i++)
        {
            await using var connection = await gateway.ConnectAsync();
            await connection.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n" + Body + "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nnext");
            var first = await connection.ReadAsync();
            if (first.Status == 100)
                first = await connection.ReadAsync();
            Assert.Equal((200, "early"), (first.Status, first.Body));
            var second = await connection.ReadAsync();
            if (second.Status != 0)
                Assert.Equal((200, "next"), (second.Status, second.Body));
        }
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); seen < value; seen = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, value, seen);
    }
}
