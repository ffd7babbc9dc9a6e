using System.Net;
using System.Net.Sockets;
using Headroom.Load.Wire;

namespace Headroom.Load.Tests.Wire;

public abstract partial class WireSuite
{
    [Fact]
    public async Task Exchange_RequestsPerConnectionMax_ConnectsAgainAfterThatMany()
    {
        await using var server = Always(ScriptedServer.Ok("x"));
        using var session = Open(server, with: options => options with { RequestsPerConnectionMax = 3 });
        for (var i = 0; i < 7; i++)
            Assert.Equal(WireError.None, session.Exchange().Error);
        Assert.Equal((7, 3), (server.Requests, server.Connections));
    }

    [Fact]
    public async Task CloseIdle_BetweenExchanges_ConnectsAgain()
    {
        await using var server = Always(ScriptedServer.Ok("x"));
        using var session = Open(server);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(WireError.None, session.Exchange().Error);
            session.Wire.CloseIdle(0);
            session.Wire.CloseIdle(0);
        }

        Assert.Equal(3, server.Connections);
    }

    [Fact]
    public async Task CloseIdle_ExchangeUnderWay_IsNotTouched()
    {
        await using var server = Serve(async conversation =>
        {
            await conversation.ReadRequestAsync();
            await Task.Delay(200);
            await conversation.SendAsync(ScriptedServer.Ok("x"));
        });
        using var wire = Create(Options(server.EndPoint));
        var sink = new ExchangeCollector();
        Start(wire, 0, Request(server.Url));
        wire.Poll(MonotonicClock.NowNs + 50_000_000, sink);
        wire.CloseIdle(0);
        sink.PollUntil(wire, 1);
        Assert.Equal(WireError.None, sink.Exchanges[0].Error);
    }

    [Fact]
    public async Task Abort_ResponseHasComeButWasNotReported_NextExchangeIsNotHarmed()
    {
        await using var server = Always(ScriptedServer.Ok("x"));
        using var wire = Create(Options(server.EndPoint));
        var sink = new ExchangeCollector();
        Start(wire, 0, Request(server.Url));
        sink.PollUntil(wire, 1);
        Start(wire, 0, Request(server.Url));
        await Task.Delay(300);
        wire.Abort(0, WireError.Interrupted, sink);
        sink.PollUntil(wire, 2);
        Assert.Equal(WireError.Interrupted, sink.Exchanges[1].Error);
        Assert.Equal(0, sink.Exchanges[1].Status);
        Start(wire, 0, Request(server.Url));
        sink.PollUntil(wire, 3);
        Assert.Equal(WireError.None, sink.Exchanges[2].Error);
    }

    [Fact]
    public async Task Abort_OneSlot_LeavesTheOthers()
    {
        await using var server = Serve(async conversation =>
        {
            await conversation.ReadRequestAsync();
            await Task.Delay(300);
            await conversation.SendAsync(ScriptedServer.Ok("x"));
        });
        using var wire = Create(Options(server.EndPoint, 2));
        var sink = new ExchangeCollector();
        Start(wire, 0, Request(server.Url));
        Start(wire, 1, Request(server.Url));
        wire.Poll(MonotonicClock.NowNs + 50_000_000, sink);
        wire.Abort(0, WireError.Interrupted, sink);
        sink.PollUntil(wire, 2);
        Assert.Equal((0, WireError.Interrupted), (sink.Exchanges[0].Slot, sink.Exchanges[0].Error));
        Assert.Equal((1, WireError.None), (sink.Exchanges[1].Slot, sink.Exchanges[1].Error));
    }

    [Fact]
    public async Task Exchange_OtherHeadsMeanwhile_DoNotChangeAResponse()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = Serve(async conversation =>
        {
            for (var number = 0; await conversation.ReadRequestAsync() is { } request; number++)
            {
                if (request.StartsWith("GET /other", StringComparison.Ordinal))
                {
                    await conversation.SendAsync("HTTP/1.1 404 Not Found\r\nAge: 1\r\nContent-Length: 0\r\n\r\n");
                    continue;
                }

                await conversation.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
                if (number > 0)
                    await goOn.Task;
                await conversation.SendAsync("hello");
            }
        });
        using var wire = Create(Options(server.EndPoint, 2));
        var sink = new ExchangeCollector();
        Start(wire, 0, Request(server.Url));
        sink.PollUntil(wire, 1);
        Start(wire, 0, Request(server.Url));
        wire.Poll(MonotonicClock.NowNs + 100_000_000, sink);
        wire.Poll(MonotonicClock.NowNs + 100_000_000, sink);
        Start(wire, 1, Request(new Uri(server.Url, "/other")));
        sink.PollUntil(wire, 2);
        Assert.Equal(404, sink.Exchanges[1].Status);
        goOn.SetResult();
        sink.PollUntil(wire, 3);
        Assert.Equal((0, 200, CacheOutcome.Untold), (sink.Exchanges[2].Slot, sink.Exchanges[2].Status, sink.Exchanges[2].Cache));
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(4, true)]
    [InlineData(1, true)]
    public async Task Exchange_Capture_KeepsAsMuchAsIsAllowed(int bytesMax, bool truncated)
    {
        await using var server = Always("HTTP/1.1 200 OK\r\nX-Name: value\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
        using var session = Open(server, capture: Capture.Head | Capture.Body, with: options => options with { CaptureBytesMax = bytesMax });
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(5, session.Exchange().BodyBytes);
            Assert.Equal(("hello"[..bytesMax], truncated), (session.Captured!.Value.Body, session.Captured.Value.IsTruncated));
            Assert.Contains("X-Name: value\r\n", session.Captured.Value.Head, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Exchange_AcceptQueueFull_TimesOutConnecting()
    {
        RequirePlatform();
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere a full queue refuses");
        using var listener = new Socket(ListenAddress.AddressFamily, SocketType.Stream, ListenAddress is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        listener.Bind(ListenAddress);
        listener.Listen(1);
        var address = listener.LocalEndPoint!;
        var fillers = new List<Socket>();
        try
        {
            for (var i = 0; i < 4; i++)
            {
                var filler = new Socket(address.AddressFamily, SocketType.Stream, listener.ProtocolType) { Blocking = false };
                fillers.Add(filler);
                try
                {
                    filler.Connect(address);
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
                {
                    // On its way, or waiting for room.
                }
            }

            Thread.Sleep(50);
            using var session = new Session(Create(Options(address) with { ConnectTimeout = ShortTimeout }), Request(new Uri("http://localhost/")));
            var expected = address is UnixDomainSocketEndPoint ? WireError.ConnectRefused : WireError.ConnectTimeout;
            Assert.Equal(expected, session.Exchange().Error);
            if (expected == WireError.ConnectTimeout)
                Assert.InRange(session.Last.CompletedNs - session.Last.StartedNs, 250_000_000, 5_000_000_000);
        }
        finally
        {
            foreach (var filler in fillers)
                filler.Dispose();
            if (address is UnixDomainSocketEndPoint path)
                File.Delete(path.ToString());
        }
    }

    [Fact]
    public async Task Exchange_ServerClosesWhileABodyIsSent_IsSendFailed()
    {
        await using var server = Serve(async conversation =>
        {
            await Task.Delay(50);
            conversation.Reset();
        });
        using var session = Open(server, method: "POST", body: new byte[32 * 1024 * 1024]);
        Assert.Equal(WireError.SendFailed, session.Exchange().Error);
    }
}
