using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Headroom.Load.Wire;

namespace Headroom.Load.Tests.Wire;

/// <summary>What every wire has to do, against a real server over loopback. One class a wire runs it.</summary>
public abstract partial class WireSuite
{
    private static readonly TimeSpan ShortTimeout = TimeSpan.FromMilliseconds(300);

    private protected abstract IWire Create(WireOptions options);

    private protected virtual void RequirePlatform()
    {
    }

    /// <summary>Where the suite's servers listen.</summary>
    private protected virtual EndPoint ListenAddress => new IPEndPoint(IPAddress.Loopback, 0);

    /// <summary>An address where nobody listens.</summary>
    private protected virtual EndPoint DeadAddress => new IPEndPoint(IPAddress.Loopback, FreePort.Next());

    /// <summary>1 GiB where a wire is met first; what it is laid over makes no difference to what it holds.</summary>
    private protected virtual long LargeBodyBytes => 1L << 30;

    /// <summary>Null for http.</summary>
    private protected virtual SslServerAuthenticationOptions? ServerTls => null;

    [Fact]
    public async Task Exchange_ContentLength_CountsHeadAndBody()
    {
        await using var server = Always(ScriptedServer.Ok("hello"));
        var exchange = ExchangeOnce(server);
        Assert.Equal(WireError.None, exchange.Error);
        Assert.Equal(200, exchange.Status);
        Assert.Equal(5, exchange.BodyBytes);
        Assert.Equal(5, exchange.DecodedBodyBytes);
        Assert.Equal(ScriptedServer.Ok("hello").Length, exchange.BytesReceived);
        Assert.True(exchange.SentNs >= exchange.StartedNs && exchange.CompletedNs >= exchange.SentNs);
    }

    [Fact]
    public async Task Exchange_KeepAlive_ReusesTheConnection()
    {
        await using var server = Always(ScriptedServer.Ok("x"));
        using var session = Open(server);
        for (var i = 0; i < 20; i++)
            Assert.Equal(200, session.Exchange().Status);
        Assert.Equal(1, server.Connections);
        Assert.Equal(20, server.Requests);
    }

    [Fact]
    public async Task Exchange_ConnectionClose_ConnectsAgain()
    {
        await using var server = Serve(async conversation =>
        {
            await conversation.ReadRequestAsync();
            await conversation.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx");
        });
        using var session = Open(server);
        for (var i = 0; i < 3; i++)
            Assert.Equal(WireError.None, session.Exchange().Error);
        Assert.Equal(3, server.Connections);
    }

    [Fact]
    public async Task Exchange_ServerClosedIdleConnection_ConnectsAgainWithoutAnError()
    {
        await using var server = Serve(async conversation =>
        {
            await conversation.ReadRequestAsync();
            await conversation.SendAsync(ScriptedServer.Ok("x"));
        });
        using var session = Open(server);
        Assert.Equal(WireError.None, session.Exchange().Error);
        session.Idle(TimeSpan.FromMilliseconds(100));
        Assert.Equal(WireError.None, session.Exchange().Error);
        Assert.Equal(2, server.Connections);
    }

    [Theory]
    [InlineData("5\r\nhello\r\n0\r\n\r\n", 5)]
    [InlineData("5;name=value\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", 11)]
    [InlineData("A\r\n0123456789\r\n0\r\nTrailer: yes\r\nOther: 1\r\n\r\n", 10)]
    [InlineData("0\r\n\r\n", 0)]
    [InlineData("5\nhello\n0\n\n", 5)]
    public async Task Exchange_Chunked_CountsTheBodyWithoutFraming(string framed, int bodyBytes)
    {
        var response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + framed;
        await using var server = Always(response);
        using var session = Open(server);
        for (var i = 0; i < 2; i++)
        {
            var exchange = session.Exchange();
            Assert.Equal(WireError.None, exchange.Error);
            Assert.Equal(bodyBytes, exchange.BodyBytes);
            Assert.Equal(response.Length, exchange.BytesReceived);
        }

        Assert.Equal(1, server.Connections);
    }

    [Theory]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", "GET")]
    [InlineData("HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n", "GET")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", "HEAD")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HEAD")]
    public async Task Exchange_ResponseWithoutBody_EndsAtTheHead(string response, string method)
    {
        await using var server = Always(response);
        using var session = Open(server, method: method);
        for (var i = 0; i < 3; i++)
        {
            var exchange = session.Exchange();
            Assert.Equal(WireError.None, exchange.Error);
            Assert.Equal(0, exchange.BodyBytes);
        }

        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task Exchange_InterimResponses_AreSkipped()
    {
        await using var server = Always(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + ScriptedServer.Ok("done"));
        using var session = Open(server);
        for (var i = 0; i < 2; i++)
        {
            var exchange = session.Exchange();
            Assert.Equal((WireError.None, 200, 4L), (exchange.Error, exchange.Status, exchange.BodyBytes));
        }
    }

    [Fact]
    public async Task Exchange_WithoutLength_BodyRunsToTheEndOfTheConnection()
    {
        await using var server = Serve(async conversation =>
        {
            await conversation.ReadRequestAsync();
            await conversation.SendAsync("HTTP/1.0 200 OK\r\n\r\nuntil the end");
        });
        using var session = Open(server);
        Assert.Equal((WireError.None, 13L), (session.Exchange().Error, session.Last.BodyBytes));
        Assert.Equal(WireError.None, session.Exchange().Error);
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public async Task Exchange_Http10WithKeepAlive_ReusesTheConnection()
    {
        await using var server = Always("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx");
        using var session = Open(server);
        session.Exchange();
        session.Exchange();
        Assert.Equal(1, server.Connections);
    }

    [Theory]
    [InlineData("nonsense\r\n\r\n", nameof(WireError.BadStatusLine))]
    [InlineData("HTTP/2 200 OK\r\n\r\n", nameof(WireError.BadStatusLine))]
    [InlineData("HTTP/1.1 2xx OK\r\n\r\n", nameof(WireError.BadStatusLine))]
    [InlineData("\u0000\u0001\u0002\u00ff\u00fe\n\n", nameof(WireError.BadStatusLine))]
    [InlineData("HTTP/1.1 200 OK\r\nNo colon here\r\n\r\n", nameof(WireError.BadHeader))]
    [InlineData("HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n", nameof(WireError.BadHeader))]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n 6\r\n\r\nhello", nameof(WireError.BadHeader))]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", nameof(WireError.BadContentLength))]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n", nameof(WireError.BadContentLength))]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", nameof(WireError.BadContentLength))]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", nameof(WireError.BadContentLength))]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", nameof(WireError.BadChunk))]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n", nameof(WireError.BadChunk))]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n", nameof(WireError.BadChunk))]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n", nameof(WireError.BadChunk))]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello", nameof(WireError.SurplusBytes))]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", nameof(WireError.UnexpectedUpgrade))]
    public async Task Exchange_BrokenResponse_IsCountedUnderItsKind(string response, string expected)
    {
        await using var server = Always(response);
        using var session = Open(server);
        for (var i = 0; i < 2; i++)
        {
            var exchange = session.Exchange();
            Assert.Equal(expected, exchange.Error.ToString());
            Assert.Equal(0, exchange.Status);
        }
    }

    [Fact]
    public async Task Exchange_HeadWithoutEnd_IsRefusedAtTheLimit()
    {
        await using var server = Serve(async conversation =>
        {
            await conversation.ReadRequestAsync();
            await conversation.SendAsync("HTTP/1.1 200 OK\r\n");
            while (true)
                await conversation.SendAsync("X-Filler: " + new string('x', 1000) + "\r\n");
        });
        Assert.Equal(WireError.HeadTooLarge, ExchangeOnce(server).Error);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", nameof(WireError.PrematureEnd))]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", nameof(WireError.PrematureEnd))]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", nameof(WireError.PrematureEnd))]
    [InlineData("HTTP/1.1 200 O", nameof(WireError.PrematureEnd))]
    [InlineData("", nameof(WireError.ConnectionClosed))]
    public async Task Exchange_ServerCloses_IsCountedByWhatWasMissing(string sent, string expected)
    {
        await using var server = Serve(async conversation =>
        {
            await conversation.ReadRequestAsync();
            await conversation.SendAsync(sent);
        });
        Assert.Equal(expected, ExchangeOnce(server).Error.ToString());
    }

    [Theory]
    [InlineData("", nameof(WireError.ConnectionReset))]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", nameof(WireError.PrematureEnd))]
    public async Task Exchange_ServerResets_IsCountedByWhatWasMissing(string sent, string expected)
    {
        // A unix socket knows no reset: its end is an orderly one.
        if (expected == nameof(WireError.ConnectionReset) && ListenAddress is UnixDomainSocketEndPoint)
            expected = nameof(WireError.ConnectionClosed);
        await using var server = Serve(async conversation =>
        {
            await conversation.ReadRequestAsync();
            await conversation.SendAsync(sent);
            await Task.Delay(50);
            conversation.Reset();
        });
        Assert.Equal(expected, ExchangeOnce(server).Error.ToString());
    }

    [Fact]
    public async Task Exchange_RequestHasALongerTimeThanTheWire_HasThatTime()
    {
        await using var server = Serve(async conversation =>
        {
            await conversation.ReadRequestAsync();
            await Task.Delay(800, conversation.Stop);
            await conversation.SendAsync(ScriptedServer.Ok("x"));
        });
        using var session = new Session(Create(Options(server.EndPoint, responseTimeout: TimeSpan.FromMilliseconds(200))), Request(server.Url, timeoutNs: 20_000_000_000));
        Assert.Equal(WireError.None, session.Exchange().Error);
    }

    [Fact]
    public async Task Exchange_NoAnswer_TimesOut()
    {
        await using var server = Serve(async conversation =>
        {
            await conversation.ReadRequestAsync();
            await Task.Delay(Timeout.Infinite, conversation.Stop);
        });
        using var session = Open(server, responseTimeout: ShortTimeout);
        var exchange = session.Exchange();
        Assert.Equal(WireError.ResponseTimeout, exchange.Error);
        Assert.InRange(exchange.CompletedNs - exchange.StartedNs, 300_000_000, 5_000_000_000);
        Assert.Equal(WireError.ResponseTimeout, session.Exchange().Error);
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public async Task Exchange_DripOfBytes_TimesOutAsAWhole()
    {
        await using var server = Serve(async conversation =>
        {
            await conversation.ReadRequestAsync();
            foreach (var letter in "HTTP/1.1 200 OK\r\nX-Long: " + new string('x', 10_000))
            {
                await conversation.SendAsync(letter.ToString());
                await Task.Delay(20, conversation.Stop);
            }
        });
        using var session = Open(server, responseTimeout: ShortTimeout);
        Assert.Equal(WireError.TotalTimeout, session.Exchange().Error);
    }

    [Fact]
    public void Exchange_NothingListens_IsRefused()
    {
        RequirePlatform();
        using var session = new Session(Create(Options(DeadAddress)), Request(new Uri("http://localhost/")));
        for (var i = 0; i < 3; i++)
            Assert.Equal(WireError.ConnectRefused, session.Exchange().Error);
    }

    [Fact]
    public async Task Exchange_ResponseInSingleBytes_ReadsTheSame()
    {
        await using var server = Serve(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null)
            {
                foreach (var letter in "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nCache-Status: edge; hit\r\n\r\n3\r\nabc\r\n0\r\nT: 1\r\n\r\n")
                {
                    await conversation.SendAsync(letter.ToString());
                    await Task.Yield();
                }
            }
        });
        using var session = Open(server);
        for (var i = 0; i < 3; i++)
        {
            var exchange = session.Exchange();
            Assert.Equal((WireError.None, 3L, CacheOutcome.Hit), (exchange.Error, exchange.BodyBytes, exchange.Cache));
        }

        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task Exchange_RequestBody_ArrivesWholeWhateverItsSize()
    {
        string? seen = null;
        await using var server = Serve(async conversation =>
        {
            seen = await conversation.ReadRequestAsync();
            await conversation.SendAsync(ScriptedServer.Ok(""));
        });
        var body = new byte[8 * 1024 * 1024];
        Array.Fill(body, (byte)'b');
        using var session = Open(server, method: "POST", body: body);
        var exchange = session.Exchange();
        Assert.Equal(WireError.None, exchange.Error);
        Assert.Equal(body.Length, seen!.Length - seen.IndexOf("\r\n\r\n", StringComparison.Ordinal) - 4);
        Assert.Equal(seen.Length, exchange.BytesSent);
    }

    [Fact]
    public async Task Exchange_AnswerBeforeTheBodyIsRead_IsStillRead()
    {
        await using var server = Serve(async conversation =>
        {
            await conversation.SendAsync("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            await Task.Delay(200);
        });
        using var session = Open(server, method: "POST", body: new byte[4 * 1024 * 1024]);
        Assert.Equal(413, session.Exchange().Status);
    }

    [Fact]
    public async Task Exchange_LargeBody_PassesThroughInConstantMemory()
    {
        const long AllocatedMost = 64 << 20;
        var length = LargeBodyBytes;
        await using var server = Serve(async conversation =>
        {
            var block = new byte[1 << 20];
            while (await conversation.ReadRequestAsync() is { Length: > 0 })
            {
                await conversation.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {length.ToString(CultureInfo.InvariantCulture)}\r\n\r\n");
                for (long sent = 0; sent < length; sent += block.Length)
                    await conversation.SendAsync(block);
            }
        });
        using var session = Open(server, responseTimeout: TimeSpan.FromMinutes(2));

        // What other tests allocate meanwhile counts, too: a body that is kept is too much each time, they are not.
        var least = long.MaxValue;
        for (var tries = 0; tries < 5 && least > AllocatedMost; tries++)
        {
            var before = GC.GetTotalAllocatedBytes();
            var exchange = session.Exchange();
            least = Math.Min(least, GC.GetTotalAllocatedBytes() - before);
            Assert.Equal((WireError.None, length), (exchange.Error, exchange.BodyBytes));
        }

        Assert.InRange(least, 0, AllocatedMost);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task Exchange_CompressedBody_TellsReceivedAndDecodedSize(string coding)
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 5000).Select(i => $"{{\"id\":{i},\"name\":\"item {i * 7919 % 1000}\"}}")));
        using var packed = new MemoryStream();
        using (Stream packer = coding == "br" ? new BrotliStream(packed, CompressionLevel.Fastest, true) : new GZipStream(packed, CompressionLevel.Fastest, true))
            packer.Write(text);
        var head = Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {packed.Length}\r\n\r\n");
        await using var server = Always([.. head, .. packed.ToArray()]);
        using var session = Open(server);
        for (var i = 0; i < 3; i++)
        {
            var exchange = session.Exchange();
            Assert.Equal((WireError.None, packed.Length, (long)text.Length), (exchange.Error, exchange.BodyBytes, exchange.DecodedBodyBytes));
        }
    }

    [Theory]
    [InlineData("Cache-Status: Headroom; hit", nameof(CacheOutcome.Hit))]
    [InlineData("Cache-Status: Origin; fwd=miss, Edge; hit; ttl=30", nameof(CacheOutcome.Hit))]
    [InlineData("Cache-Status: Headroom; fwd=uri-miss; stored", nameof(CacheOutcome.Miss))]
    [InlineData("Cache-Status: hit; fwd=miss", nameof(CacheOutcome.Miss))]
    [InlineData("Cache-Status: A; fwd=miss; detail=\"no; hit, really\"", nameof(CacheOutcome.Miss))]
    [InlineData("Cache-Status: Headroom; fwd=uri-miss; fwd-status=200; ttl=30; collapsed", nameof(CacheOutcome.Hit))]
    [InlineData("Cache-Status: Headroom; fwd=method", nameof(CacheOutcome.Untold))]
    [InlineData("Cache-Status: Edge; fwd=miss\r\nCache-Status: Headroom; fwd=method", nameof(CacheOutcome.Miss))]
    [InlineData("X-Cache: HIT from edge", nameof(CacheOutcome.Hit))]
    [InlineData("X-Cache: TCP_MISS", nameof(CacheOutcome.Miss))]
    [InlineData("Age: 12", nameof(CacheOutcome.HitByAge))]
    [InlineData("Cache-Status: A; fwd=miss\r\nX-Cache: HIT", nameof(CacheOutcome.Miss))]
    [InlineData("Server: x", nameof(CacheOutcome.Untold))]
    public async Task Exchange_CacheHeaders_TellTheOutcome(string header, string expected)
    {
        await using var server = Always($"HTTP/1.1 200 OK\r\n{header}\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(expected, ExchangeOnce(server).Cache.ToString());
    }

    [Fact]
    public async Task Poll_ManySlots_KeepsThemApart()
    {
        await using var server = Serve(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is { } request)
            {
                var size = int.Parse(request.Split(' ')[1][1..], CultureInfo.InvariantCulture);
                await Task.Delay(size % 7, conversation.Stop);
                await conversation.SendAsync(ScriptedServer.Ok(new string('x', size)));
            }
        });
        RequirePlatform();
        const int Slots = 50;
        using var wire = Create(Options(server.EndPoint, Slots));
        var sink = new ExchangeCollector();
        for (var slot = 0; slot < Slots; slot++)
            Start(wire, slot, Request(new Uri(server.Url, $"/{(slot * 37) + 1}")));
        sink.PollUntil(wire, Slots);
        Assert.All(sink.Exchanges, exchange => Assert.Equal((exchange.Slot * 37) + 1, exchange.BodyBytes));
        Assert.Equal(Slots, sink.Exchanges.Select(exchange => exchange.Slot).Distinct().Count());
    }

    [Fact]
    public async Task AbortAll_ExchangesUnderWay_AreReportedOnce()
    {
        await using var server = Serve(conversation => Task.Delay(Timeout.Infinite, conversation.Stop));
        RequirePlatform();
        using var wire = Create(Options(server.EndPoint, 5));
        var sink = new ExchangeCollector();
        for (var slot = 0; slot < 5; slot++)
            Start(wire, slot, Request(server.Url));
        wire.Poll(MonotonicClock.NowNs + 100_000_000, sink);
        wire.AbortAll(WireError.Interrupted, sink);
        wire.Poll(MonotonicClock.NowNs + 10_000_000, sink);
        Assert.Equal(5, sink.Exchanges.Count);
        Assert.All(sink.Exchanges, exchange => Assert.Equal(WireError.Interrupted, exchange.Error));
    }

    private Exchange ExchangeOnce(ScriptedServer server)
    {
        using var session = Open(server);
        return session.Exchange();
    }

    private Session Open(ScriptedServer server, string method = "GET", byte[]? body = null, TimeSpan? responseTimeout = null, Func<WireOptions, WireOptions>? with = null, int eventsMax = 0, Capture capture = Capture.None)
    {
        RequirePlatform();
        return new Session(
            Create((with ?? (options => options))(Options(server.EndPoint, responseTimeout: responseTimeout))),
            Request(server.Url, method, body, eventsMax, capture));
    }

    private ScriptedServer Serve(Func<ScriptedServer.Conversation, Task> script)
    {
        RequirePlatform();
        return new(script, ListenAddress, ServerTls);
    }

    private ScriptedServer Always(string response) => Always(Encoding.Latin1.GetBytes(response));

    private ScriptedServer Always(byte[] response)
    {
        RequirePlatform();
        return ScriptedServer.Always(response, ListenAddress, ServerTls);
    }

    private WireOptions Options(EndPoint address, int slots = 1, TimeSpan? responseTimeout = null) => new()
    {
        Origins = [new Origin(ServerTls is null ? "http" : "https", "localhost", (address as IPEndPoint)?.Port ?? 80, address)],
        Tls = new TlsOptions { Insecure = true },
        Slots = slots,
        Timeout = responseTimeout ?? TimeSpan.FromSeconds(20),
    };

    private static RequestImage Request(Uri url, string method = "GET", byte[]? body = null, int eventsMax = 0, Capture capture = Capture.None, long? timeoutNs = null) =>
        new()
        {
            Bytes = RequestImage.Encode(new PlannedRequest { Name = "x", Method = method, Url = url, Body = body }),
            OriginIndex = 0,
            Row = 0,
            IsHead = method == "HEAD",
            EventsMax = eventsMax,
            Capture = capture,
            TimeoutNs = timeoutNs,
        };

    private static void Start(IWire wire, int slot, RequestImage request) => wire.Start(slot, request, request.Bytes);

    private sealed class Session(IWire wire, RequestImage request) : IDisposable
    {
        public Exchange Last { get; private set; }

        public (string Head, string Body, bool IsTruncated)? Captured { get; private set; }

        public IWire Wire => wire;

        public Exchange Exchange()
        {
            var sink = new ExchangeCollector();
            Start(wire, 0, request);
            sink.PollUntil(wire, 1);
            Captured = sink.Captured;
            return Last = sink.Exchanges[0];
        }

        public void Idle(TimeSpan time)
        {
            var until = MonotonicClock.NowNs + (time.Ticks * 100);
            while (MonotonicClock.NowNs < until)
                wire.Poll(until, new ExchangeCollector());
        }

        public void Dispose() => wire.Dispose();
    }
}
