using Headroom.Load.Wire;

namespace Headroom.Load.Tests.Wire;

public abstract partial class WireSuite
{
    private const string EventHead = "HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream; charset=utf-8\r\n";

    [Theory]
    [InlineData("Connection: close\r\n\r\n")]
    [InlineData("Content-Length: 42\r\n\r\n")]
    public async Task Exchange_EventStream_CountsEventsAndTheTimeToTheFirst(string head)
    {
        await using var server = Serve(async conversation =>
        {
            await conversation.ReadRequestAsync();
            await conversation.SendAsync(EventHead + head + ": heartbeat\n\n");
            await Task.Delay(100);
            await conversation.SendAsync("data: 1\n\n");
            await Task.Delay(100);
            await conversation.SendAsync("data: 2\r\n\r\ndata: 3\n\n");
        });
        var exchange = ExchangeOnce(server);
        Assert.Equal((WireError.None, 200, 3L, 42L), (exchange.Error, exchange.Status, exchange.Events, exchange.BodyBytes));
        Assert.InRange(exchange.FirstEventNs - exchange.StartedNs, 90_000_000, exchange.CompletedNs - exchange.StartedNs - 50_000_000);
    }

    [Fact]
    public async Task Exchange_ChunkedEventStreamInSingleBytes_CountsTheSame()
    {
        await using var server = Serve(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null)
            {
                foreach (var letter in EventHead + "Transfer-Encoding: chunked\r\n\r\n5\r\ndata:\r\n3\r\n 1\n\r\n1\r\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n")
                {
                    await conversation.SendAsync(letter.ToString());
                    await Task.Yield();
                }
            }
        });
        using var session = Open(server);
        for (var i = 0; i < 2; i++)
            Assert.Equal((WireError.None, 2L), (session.Exchange().Error, session.Last.Events));
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task Exchange_EventsMax_EndsTheStreamAsACompleteResponse()
    {
        await using var server = Serve(async conversation =>
        {
            await conversation.ReadRequestAsync();
            await conversation.SendAsync(EventHead + "Transfer-Encoding: chunked\r\n\r\n");
            for (var i = 0; ; i++)
            {
                await conversation.SendAsync("9\r\ndata: x\n\n\r\n");
                await Task.Delay(5, conversation.Stop);
            }
        });
        using var session = Open(server, eventsMax: 3);
        for (var i = 0; i < 2; i++)
            Assert.Equal((WireError.None, 200, 3L), (session.Exchange().Error, session.Last.Status, session.Last.Events));
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public async Task Exchange_OtherTypeOrEncodedStream_CountsNoEvents()
    {
        foreach (var headers in new[] { "Content-Type: text/plain\r\n", "Content-Type: text/event-streams\r\n", "Content-Type: text/event-stream\r\nContent-Encoding: gzip\r\n" })
        {
            await using var server = Always($"HTTP/1.1 200 OK\r\n{headers}Content-Length: 9\r\n\r\ndata: x\n\n");
            using var session = Open(server, eventsMax: 1);
            Assert.Equal((WireError.None, 0L, 0L), (session.Exchange().Error, session.Last.Events, session.Last.FirstEventNs));
        }
    }
}
