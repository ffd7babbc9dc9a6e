using Headroom.Gateway.Forwarding;

namespace Headroom.Gateway.Tests.Abuse;

/// <summary>An upstream that stalls, resets, or lies about lengths, in front of a cache that was told to keep its answers: the client learns it, and nothing in part is kept.</summary>
public sealed class UpstreamFaultTests
{
    private const string Head = "HTTP/1.1 200 OK\r\nCache-Control: max-age=3600\r\n";

    private static readonly ForwardOptions Impatient = new() { ResponseTimeout = TimeSpan.FromSeconds(1), IdleTimeout = TimeSpan.FromSeconds(1) };

    private static string Whole => Head + "Content-Length: 5\r\n\r\nwhole";

    // Guard: what is stored is decided at the end of the body, and only where the forwarder says that it came whole.
    [Theory]
    [InlineData("reset-before-head", "")]
    [InlineData("reset-in-head", "HTTP/1.1 200 OK\r\nCache-Con")]
    [InlineData("reset-in-body", Head + "Content-Length: 100\r\n\r\npart")]
    [InlineData("reset-in-chunk", Head + "Transfer-Encoding: chunked\r\n\r\n64\r\npart")]
    [InlineData("reset-between-chunks", Head + "Transfer-Encoding: chunked\r\n\r\n4\r\npart\r\n")]
    public async Task Get_UpstreamResets_TellsTheClientAndStoresNothing(string name, string sent)
    {
        var asked = 0;
        await using var origin = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null)
            {
                if (name.Contains("reset", StringComparison.Ordinal) && asked++ < 2)
                {
                    await conversation.SendAsync(sent);
                    await Task.Delay(100, conversation.Stop);
                    conversation.Reset();
                    return;
                }

                await conversation.SendAsync(Whole);
            }
        });
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        // POST is not sent again, so this is one attempt.
        var first = await gateway.GetAsync("/a");
        asked = 2;
        var second = await gateway.GetAsync("/a");
        var third = await gateway.GetAsync("/a");

        Assert.True(!first.IsComplete || (first.Status == 502 && first.Field("Content-Type") == "application/problem+json"), $"the answer was {first.Status} '{first.Body}'");
        Assert.Equal("whole", second.Body);
        Assert.Equal("whole", third.Body);
    }

    // Guard: the same, and the connection of a lie is not used again.
    [Fact]
    public async Task Get_UpstreamSendsMoreThanItsContentLength_TheRestAnswersNobody()
    {
        const string poison = "HTTP/1.1 200 OK\r\nCache-Control: max-age=3600\r\nContent-Length: 6\r\n\r\npoison";
        await using var origin = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is { } request)
                await conversation.SendAsync(request.StartsWith("GET /lie", StringComparison.Ordinal) ? Whole + poison : Whole);
        });
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        for (var round = 0; round < 20; round++)
        {
            Assert.Equal("whole", (await gateway.GetAsync($"/lie{round}")).Body);
            Assert.Equal("whole", (await gateway.GetAsync($"/other{round}")).Body);
            Assert.Equal("whole", (await gateway.GetAsync($"/other{round}")).Body);
        }
    }

    // Guard: the forwarder's deadlines.
    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\n")]
    public async Task Get_UpstreamStallsBeforeItsHead_Is504(string sent)
    {
        await using var origin = Stalling(sent);
        await using var gateway = await GatewayServer.StartAsync(Impatient, origin.Url);

        var response = await gateway.GetAsync("/a");

        Assert.Equal(504, response.Status);
        Assert.Equal("application/problem+json", response.Field("Content-Type"));
    }

    // Guard: the deadline between two reads of the body, and that an aborted body is not stored.
    [Theory]
    [InlineData(Head + "Content-Length: 100\r\n\r\npart")]
    [InlineData(Head + "Transfer-Encoding: chunked\r\n\r\n4\r\npart\r\n")]
    public async Task Get_UpstreamStallsInItsBody_IsAbortedAndStoresNothing(string sent)
    {
        await using var origin = Stalling(sent);
        await using var gateway = await GatewayServer.StartAsync(Impatient, origin.Url);

        Assert.False((await gateway.GetAsync("/a")).IsComplete);
        Assert.Equal("whole", (await gateway.GetAsync("/a")).Body);
    }

    // Guard: a client that waits for another's answer in flight gets its own try when that one breaks.
    [Fact]
    public async Task Get_ManyWaitForOneAnswerThatBreaks_NobodyGetsAPartAsAWhole()
    {
        var asked = 0;
        await using var origin = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null)
            {
                var first = Interlocked.Increment(ref asked) == 1;
                await conversation.SendAsync(first ? Head + "Content-Length: 100\r\n\r\npart" : Whole);
                if (!first)
                    continue;
                await Task.Delay(300, conversation.Stop);
                conversation.Reset();
                return;
            }
        });
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => gateway.GetAsync("/a")));

        Assert.All(answers, answer => Assert.True(!answer.IsComplete || answer.Body == "whole" || answer.Status >= 500, $"the answer was {answer.Status} '{answer.Body}'"));
        Assert.Equal("whole", (await gateway.GetAsync("/a")).Body);
    }

    private static ScriptedServer Stalling(string sent)
    {
        var asked = 0;
        return new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null)
            {
                var first = Interlocked.Increment(ref asked) == 1;
                await conversation.SendAsync(first ? sent : Whole);
                if (first)
                    await Task.Delay(Timeout.Infinite, conversation.Stop);
            }
        });
    }
}
